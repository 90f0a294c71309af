import { FAULTS, type Options } from './options.ts'
import type { Plant } from './plants.ts'
import { type Result, simulate } from './run.ts'

const TRIES_MAX = 400

/**
 * Looks for a smaller world that breaks the same invariant: first with fewer kinds of faults, then with fewer storms and
 * steps of the clients.
 */
export async function shrink(options: Options, plant?: Plant): Promise<{ readonly options: Options; readonly result: Result }> {
  let best = options
  let result = await simulate(best, plant)
  let tries = 0

  async function improves(smaller: Options): Promise<boolean> {
    if (result.violation === undefined || tries++ >= TRIES_MAX) return false
    const tried = await simulate(smaller, plant)
    if (tried.violation?.invariant !== result.violation.invariant) return false
    best = smaller
    result = tried
    return true
  }

  for (const fault of FAULTS) if (best.faults[fault] > 0) await improves({ ...best, faults: { ...best.faults, [fault]: 0 } })
  if (best.storms.length > 1) await improves({ ...best, storms: best.storms.slice(0, 1) })
  await improves({ ...best, storms: [] })
  await improves({ ...best, workers: 1 })
  await improves({ ...best, gateways: 1 })
  await improves({ ...best, partitions: { catalog: 1, seating: 1, cart: 1 } })
  for (let size = Math.ceil(best.script.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.script.length; ) {
      const script = [...best.script.slice(0, at), ...best.script.slice(at + size)]
      if (!(await improves({ ...best, script }))) at += size
    }
  }
  return { options: best, result }
}
