import type { Directory } from '@cavea/contracts/catalog/directory'
import type { Codec } from '@cavea/contracts/codec'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'
import type { Logger } from '@cavea/service-kit/logger'
import type { Tokens } from '@cavea/service-kit/tokens'
import type { RateLimitSettings } from '../middleware/rate-limit.ts'
import type { CommandBus } from '../ports/command-bus.ts'
import type { KeyTable } from '../ports/key-table.ts'
import type { RateLimiters } from '../ports/rate-limiter.ts'
import type { ReadService } from '../ports/read-service.ts'

/** What routes work with. Each takes the whole and names what it uses. */
export interface RouteDeps {
  readonly commands: CommandBus
  readonly directory: Directory
  readonly keys: KeyTable
  readonly reads: ReadService
  readonly codec: Codec
  readonly registry: SchemaRegistry
  readonly tokens: Tokens
  readonly limiters: RateLimiters
  readonly rateLimits: RateLimitSettings
  readonly logger: Logger
  readonly bodyTimeoutMs: number
  readonly seatMapTimeoutMs: number
}
