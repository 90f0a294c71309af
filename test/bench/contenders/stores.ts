import { openConditionalUpdate, openForUpdate } from './postgres.ts'
import { openRedisScript } from './redis.ts'
import type { SeatStore } from './store.ts'

/** By the name under which `server.ts` is told what to run. */
export const STORES = {
  'for-update': openForUpdate,
  'conditional-update': openConditionalUpdate,
  'redis-script': openRedisScript,
} as const satisfies Record<string, (url: string) => Promise<SeatStore>>

export type StoreName = keyof typeof STORES
