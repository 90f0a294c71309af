import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { inProcessRegistry } from '@cavea/event-log/registry/in-process'
import { openLmdbKeyTable } from '../adapters/lmdb-key-table.ts'
import { createQueryProxy } from '../adapters/query-proxy.ts'
import { memoryRateLimiters } from '../adapters/rate-limiters.ts'
import type { GatewayAdapters } from './spec-gateway.ts'

/** As the gateway has them where it needs no other software. */
export const EMBEDDED_ADAPTERS: GatewayAdapters = {
  openLog: (dir) => openEmbeddedLog({ dir }),
  openRegistry: inProcessRegistry,
  openKeys: (dir) => openLmdbKeyTable({ dir }),
  openReads: (url) => createQueryProxy({ url }),
  limiters: memoryRateLimiters,
}
