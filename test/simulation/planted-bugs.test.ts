import assert from 'node:assert/strict'
import { BUGS } from './bugs.ts'
import type { Played } from './child.ts'
import { INVARIANTS, type Invariant } from './invariants.ts'
import { playChunks } from './many.ts'
import { optionsOf } from './options.ts'
import { simulate } from './run.ts'

const SEEDS_MAX = 2_000

describe('the simulation notices that', function () {
  this.timeout(600_000)
  const over = new AbortController()
  const played = new Map<string, Promise<readonly Played[]>>()
  /** By which invariants mistakes were found out. */
  const struck = new Set<Invariant>()

  before(() => {
    const tell = new Map<string, (played: readonly Played[]) => void>()
    const chunks = Array.from(BUGS.keys(), (bug) => ({ from: 1, count: SEEDS_MAX, bug }))
    const all = playChunks(chunks, (of, { bug = '' }) => tell.get(bug)?.(of), { signal: over.signal })
    for (const name of BUGS.keys()) {
      const own = new Promise<readonly Played[]>((resolve) => tell.set(name, resolve))
      played.set(name, Promise.race([own, all.then(() => own)]))
    }
  })
  after(() => over.abort())

  for (const { name, breaks } of BUGS.values()) {
    it(name, async function () {
      const seeds = (await played.get(name)) ?? []
      const violation = seeds.at(-1)?.violation
      assert.ok(violation !== undefined, `${seeds.length} seeds did not notice it.`)
      assert.ok(breaks.includes(violation.invariant), `It is against ${breaks.join()}, and what struck was ${violation.text}`)
      struck.add(violation.invariant)
      this.runnable().title += ` (${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'}; ${violation.text})`
    })
  }

  it('each of its invariants can be broken', () => {
    const quiet = (Object.keys(INVARIANTS) as Invariant[]).filter((invariant) => invariant !== 'end' && !struck.has(invariant))
    assert.deepEqual(quiet, [])
  })

  it('mistakes leave nothing behind: the next world without them is as it was', async () => {
    const options = optionsOf(2)
    const { historyHash } = await simulate(options)
    for (const bug of BUGS.values()) await simulate(options, bug)
    const after = await simulate(options)
    assert.deepEqual([after.violation, after.historyHash], [undefined, historyHash])
  })
})
