import type { Redis } from 'ioredis'
import type { KeyTable } from '../ports/key-table.ts'

const PREFIX = 'cavea:key:'

/** A key table that all gateways share. The client stays the caller's: `close` leaves it open. */
export function createRedisKeyTable(redis: Redis): KeyTable {
  return {
    async claim(commandId, bodyHash, ttlMs) {
      const key = PREFIX + commandId
      // NX and GET in one command: the answer is what was there, and nothing is overwritten. Redis 7 and later.
      const before = await redis.set(key, bodyHash, 'PX', ttlMs, 'NX', 'GET')
      if (before === null) return 'new'
      return before === bodyHash ? 'same' : 'other'
    },
    close: async () => undefined,
  }
}
