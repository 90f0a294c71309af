import { Redis } from 'ioredis'
import { seatsOf } from '../support/organiser.ts'
import { type SeatStore, sameCount } from './store.ts'

const FILL_FIELDS = 10_000

// A free seat is an empty field. The trail is a stream, which is what Redis has for entries that are read in order.
const HOLD = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= '' then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. ARGV[4])
redis.call('XADD', KEYS[2], '*', 'command', ARGV[5], 'seat', ARGV[1], 'hold', ARGV[2], 'buyer', ARGV[3], 'what', 'held')
return 1`
const COUNT = `
local held = 0
for _, value in ipairs(redis.call('HVALS', KEYS[1])) do if value ~= '' then held = held + 1 end end
return { held, redis.call('XLEN', KEYS[2]) }`

/** One script call per hold, which Redis runs alone; its append-only file is synced before it answers. */
export async function openRedisScript(url: string): Promise<SeatStore> {
  // Calls of one turn of the event loop share a write to the socket: without it this contender would be slower.
  const redis = new Redis(url, { enableAutoPipelining: true, scripts: { hold: { lua: HOLD, numberOfKeys: 2 } } }) as Redis & {
    hold(...values: readonly string[]): Promise<number>
  }
  await redis.config('SET', 'appendfsync', 'always')
  const keys = (performanceId: string): [string, string] => [`seats:${performanceId}`, `audit:${performanceId}`]
  return {
    async fill(performanceId, shape) {
      const [seats] = keys(performanceId)
      let fields: string[] = []
      for (const { id } of seatsOf(shape)) {
        fields.push(id, '')
        if (fields.length < 2 * FILL_FIELDS) continue
        await redis.hset(seats, ...fields)
        fields = []
      }
      if (fields.length > 0) await redis.hset(seats, ...fields)
    },
    async hold({ performanceId, seatId, holdId, buyerId, expiresAtMs, commandId }) {
      return (await redis.hold(...keys(performanceId), seatId, holdId, buyerId, String(expiresAtMs), commandId)) === 1 ? 'held' : 'taken'
    },
    async held(performanceId) {
      const [seats, audit] = keys(performanceId)
      const [held, entries] = (await redis.eval(COUNT, 2, seats, audit)) as [number, number]
      return sameCount(held, entries)
    },
    async close() {
      await redis.quit()
    },
  }
}
