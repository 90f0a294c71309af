import assert from 'node:assert/strict'
import { bestAvailable } from './best-available.ts'
import { type Drawing, draw } from './drawn-rows.ts'

const RULES = ['off', 'lenient', 'strict'] as const
const QUANTITIES = Array.from({ length: 10 }, (_, at) => at + 1)
const FILLS = Array.from({ length: 20 }, (_, at) => at * 5)
/** The first laps are for the compiler; a wish takes as long as the quickest of the others, which no other program held up. */
const [WARM_LAPS, LAPS] = [3, 8]

const rows = (count: number, row: string): string[] => Array.from({ length: count }, () => row)

/** Halls of 1,000 seats that are hard to search in different ways. */
const HALLS: Readonly<Record<string, Drawing>> = {
  'rows with aisles': draw(rows(40, `${'.'.repeat(6)}|${'.'.repeat(13)}|${'.'.repeat(6)}`)),
  'short rows': draw(rows(250, '....')),
  tables: draw([...rows(63, '(........)'), ...rows(62, '[........]')]),
}

/** Whether a seat is taken, scattered over the section and the same on every run. */
const isTaken = (seat: number, fill: number): boolean => (Math.imul(seat + 1, 0x9e3779b1) >>> 8) % 100 < fill

describe('Best available in a section of 1,000 seats', () => {
  it('asks of each seat once whether it is free, whatever the fill, the group and the rule, and says how long it takes', function () {
    this.timeout(60_000)
    const times: number[] = []
    const slowest = { ms: 0, what: '' }
    for (const [hall, { layout }] of Object.entries(HALLS))
      for (const fill of FILLS) {
        const taken = Uint8Array.from({ length: layout.seatCount }, (_, seat) => (isTaken(seat, fill) ? 1 : 0))
        for (const quantity of QUANTITIES)
          for (const rule of RULES) {
            const asked = new Uint8Array(layout.seatCount)
            const isFree = (seat: number): boolean => {
              asked[seat] = (asked[seat] ?? 0) + 1
              return taken[seat] === 0
            }
            const found = bestAvailable(layout, isFree, { quantity }, rule)
            assert.ok(asked.length === 1_000 && asked.every((count) => count === 1))
            const laps = Array.from({ length: LAPS }, () => {
              const startedMs = performance.now()
              bestAvailable(layout, (seat) => taken[seat] === 0, { quantity }, rule)
              return performance.now() - startedMs
            })
            const ms = Math.min(...laps.slice(WARM_LAPS))
            const what = `${quantity} seats, ${hall}, ${fill} % taken, ${rule}: ${found?.step ?? 'none'}`
            if (ms > slowest.ms) Object.assign(slowest, { ms, what })
            times.push(ms)
          }
      }
    const shown = (ms: number): string => `${ms.toFixed(3)} ms`
    console.log(
      `measured: best available, 1,000 seats, 0–95 % taken, groups of 1–10, every rule: median ${shown(percentile(times, 0.5))}, ` +
        `p99 ${shown(percentile(times, 0.99))}; the slowest ${shown(slowest.ms)} (${slowest.what})`,
    )
  })
})

/** The value that this share of the values does not exceed. */
function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0
}
