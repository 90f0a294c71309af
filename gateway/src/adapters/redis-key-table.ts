import type { Redis } from 'ioredis'
import type { Claim, KeyTable } from '../ports/key-table.ts'

const PREFIX = 'cavea:key:'
/** One call of Redis runs alone: others wait for so many claims at most. */
const CLAIMS_MAX = 64

// NX and GET in one command: the answer is what was there, and nothing is overwritten. Redis 7 and later.
const CLAIM = `
local before = {}
for at, key in ipairs(KEYS) do
  before[at] = redis.call('SET', key, ARGV[2 * at - 1], 'PX', ARGV[2 * at], 'NX', 'GET') or ''
end
return before`

interface Waiting {
  readonly key: string
  readonly bodyHash: string
  readonly ttlMs: number
  readonly resolve: (claim: Claim) => void
  readonly reject: (error: unknown) => void
}

/**
 * A key table that all gateways share. Claims of one turn of the event loop go in one call: each command of its own would
 * cost more than all that a claim is. The client stays the caller's: `close` leaves it open.
 */
export function createRedisKeyTable(redis: Redis): KeyTable {
  redis.defineCommand('claimKeys', { lua: CLAIM })
  const { claimKeys } = redis as Redis & { claimKeys(keys: number, ...keysAndValues: readonly string[]): Promise<readonly string[]> }
  let waiting: Waiting[] = []

  function flush(): void {
    const all = waiting
    waiting = []
    if (all.length > 0) void claimAll(all)
  }

  async function claimAll(claims: readonly Waiting[]): Promise<void> {
    const keys = claims.map(({ key }) => key)
    const values = claims.flatMap(({ bodyHash, ttlMs }) => [bodyHash, String(ttlMs)])
    try {
      const before = await claimKeys.call(redis, keys.length, ...keys, ...values)
      for (const [at, { bodyHash, resolve }] of claims.entries())
        resolve(before[at] === '' ? 'new' : before[at] === bodyHash ? 'same' : 'other')
    } catch (error) {
      for (const { reject } of claims) reject(error)
    }
  }

  return {
    claim: (commandId, bodyHash, ttlMs) =>
      new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush)
        waiting.push({ key: PREFIX + commandId, bodyHash, ttlMs, resolve, reject })
        if (waiting.length === CLAIMS_MAX) flush()
      }),
    close: async () => undefined,
  }
}
