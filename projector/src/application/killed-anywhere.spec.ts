import assert from 'node:assert/strict'
import type { SeatingEvent } from '@cavea/contracts/seating/messages'
import { topicsOf } from '@cavea/contracts/topics'
import { eventually } from '@cavea/event-log/contract-tools'
import fc from 'fast-check'
import type { ProjectionStore } from '../ports/projection-store.ts'
import { openLaneRig, throughWrite } from '../testing/lane-rig.ts'
import { foldSeating, HOLDS, heldEvent, openRig, type Rig, releasedEvent, soldEvent } from '../testing/projector-rig.ts'

const { events: TOPIC } = topicsOf('seating')

/** What becomes of one write, as a process sees it that is killed before, in the middle of, or after it. */
type Fate = 'written' | 'killed-before' | 'killed-half-way' | 'killed-after'

describe('A projector that is killed anywhere', function () {
  this.timeout(60_000)
  let rig: Rig

  beforeEach(async () => {
    rig = await openRig()
  })
  afterEach(() => rig.close())

  /** A life of one hold after the other on few seats, so that rows change often. */
  async function script(steps: readonly number[]): Promise<void> {
    const decisions: SeatingEvent[][] = []
    for (const [at, step] of steps.entries()) {
      const hold = `h${step % 7}`
      const event = [heldEvent, soldEvent, releasedEvent][at % 3] ?? heldEvent
      decisions.push(step % 5 === 0 ? [] : [event(hold, step % 4, 4 + (step % 3))])
    }
    await rig.ledger.append('seating', 0, decisions)
  }

  it('leaves the rows that the fold of the log has, by as many lives as it takes and with two at once', async () => {
    const fate = fc.constantFrom<Fate>('written', 'written', 'killed-before', 'killed-half-way', 'killed-after')
    const life = fc.record({ fates: fc.array(fate, { minLength: 1, maxLength: 6 }), batchRecordsMax: fc.integer({ min: 1, max: 9 }) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(1_000), { minLength: 1, maxLength: 25 }),
        fc.array(life, { maxLength: 8 }),
        fc.boolean(),
        async (steps, lives, twoAtOnce) => {
          await script(steps)
          const { store, generation, run } = await openLaneRig(rig)
          const running: Promise<void>[] = []
          const end = await rig.log.endOffset(TOPIC, 0)
          const isDone = async () => (await store.checkpoints(generation)).get(`${TOPIC}/0`)?.offset === end
          for (const { fates, batchRecordsMax } of lives) {
            const mortal = mortalStore(store, fates)
            const lane = run({ by: mortal.store, limits: { batchRecordsMax } })
            const ended = eventually('it is killed or done', async () => mortal.isKilled() || (await isDone())).then(() => lane.stop())
            if (twoAtOnce) running.push(ended)
            else await ended
          }
          const last = run({ limits: { batchRecordsMax: 4 } })
          await eventually('it is done', isDone)
          await Promise.all(running)
          await last.stop()
          const expected = await foldSeating(rig, HOLDS)
          for (const { name } of HOLDS.tables) {
            const rows = []
            for await (const row of store.rows(HOLDS, generation, name, 'seating/0')) rows.push(row)
            assert.deepEqual(
              rows,
              expected.rows(name).map(({ key, version, fields }) => ({ key, version, fields })),
            )
          }
        },
      ),
      { numRuns: 25 },
    )
  })
})

/** A store as a process reaches it that is killed at one of its writes: nothing of it gets through any more. */
function mortalStore(
  store: ProjectionStore,
  fates: readonly Fate[],
): { readonly store: ProjectionStore; readonly isKilled: () => boolean } {
  let isKilled = false
  let calls = 0
  const mortal = throughWrite(store, async (projection, generation, batch) => {
    const fate = isKilled ? 'killed-before' : (fates[calls++] ?? 'killed-before')
    if (fate === 'written') return await store.write(projection, generation, batch)
    isKilled = true
    if (fate === 'killed-after') await store.write(projection, generation, batch)
    // As in a store that has no transactions: some rows are there, the checkpoint is not.
    if (fate === 'killed-half-way') {
      const rows = batch.changes.filter((_, at) => at % 2 === 0)
      await store.amend(projection, generation, rows)
    }
    throw new Error('This process is dead.')
  })
  return { store: mortal, isKilled: () => isKilled }
}
