import assert from 'node:assert/strict'
import type { SectionId } from '@cavea/contracts/ids'
import { eventually } from '@cavea/event-log/contract-tools'
import { openMemoryDocuments } from '../adapters/memory-documents.ts'
import type { Generation, ProjectionStore } from '../ports/projection-store.ts'
import { throughWrite } from '../testing/lane-rig.ts'
import { HOLDS, heldEvent, listen, manualClock, openRig, QUICK_LIMITS, type Rig, soldEvent } from '../testing/projector-rig.ts'
import { type DeadLetter, readDeadLetters } from './dead-letters.ts'
import type { Making } from './generations.ts'
import type { Projection } from './projection.ts'
import type { ProjectorOptions } from './projector-options.ts'
import { beginAnother, buildGeneration, type Progress, progressOf } from './rebuild.ts'
import { replayDeadLetter } from './replay-dead-letters.ts'
import { verifyGeneration } from './verify.ts'

const PARTITIONS = 2
/** Cannot do anything with a hold of this name, as an earlier version of the code could not. */
const failingAt = (hold: string): Projection => ({
  ...HOLDS,
  project: {
    seating(fact) {
      if (fact.events.some((event) => event.type === 'SeatsHeld' && event.holdId === hold)) throw new Error('Not in this version.')
      return HOLDS.project.seating?.(fact) ?? []
    },
  },
})

describe('Read models that were made from the log', () => {
  let rig: Rig
  let store: ProjectionStore
  let generation: Generation
  let options: ProjectorOptions

  beforeEach(async () => {
    rig = await openRig(PARTITIONS)
    store = openMemoryDocuments()
    generation = await store.begin(HOLDS, 1)
    const { telemetry } = listen()
    options = { ...rig, topicPrefix: '', stores: [store], projections: [HOLDS], telemetry, clock: manualClock(), limits: QUICK_LIMITS }
    await rig.ledger.append(
      'seating',
      0,
      Array.from({ length: 30 }, (_, at) => [heldEvent(`h${at}`, at)]),
    )
    await rig.ledger.append('seating', 1, [[{ ...heldEvent('other', 1), sectionId: 'balcony' as SectionId }]])
  })
  afterEach(() => rig.close())

  const making = (projection: Projection = HOLDS, by = store): Making => ({ store: by, projection, generation })
  const build = (projection: Projection = HOLDS, by = store): Promise<void> => buildGeneration(options, making(projection, by), () => {})
  const verify = (projection: Projection = HOLDS) => verifyGeneration(options, making(projection))
  async function change(key: string, set: Readonly<Record<string, string>>, version: number): Promise<void> {
    const row = { table: 'example_holds', key: [key], set, source: 'seating/0', version }
    assert.deepEqual(await store.amend(HOLDS, generation, [row]), [])
  }
  const letters = async (): Promise<readonly DeadLetter[]> => (await readDeadLetters(rig.log, '')).all()
  const replay = (letter: DeadLetter | undefined, of: Making | null = making()) => {
    assert.ok(letter)
    return replayDeadLetter({ ...options, nowMs: () => 0 }, of ?? undefined, letter)
  }

  describe('are verified', () => {
    it('row by row, against the fold of the log', async () => {
      await build()
      const { rows, decisions, differenceCount } = await verify()
      assert.deepEqual({ rows, decisions, differenceCount }, { rows: 33, decisions: 31, differenceCount: 0 })
    })

    it('and what differs is named', async () => {
      await build()
      await change('h3', { status: 'sold' }, 3)
      await change('h4', { status: 'held' }, 17)
      await change('intruder', { status: 'held' }, 0)
      const { differences } = await verify()
      assert.deepEqual(
        differences.map(({ kind, key, expectedVersion, foundVersion, fields }) => [kind, key[0], expectedVersion, foundVersion, fields]),
        [
          ['fields', 'h3', 3, 3, ['status']],
          ['version', 'h4', 4, 17, []],
          ['unexpected', 'intruder', null, 0, []],
        ],
      )
    })

    it('up to where they have come, and rows beyond that are only counted', async () => {
      await build()
      await change('h5', { status: 'sold' }, 1_000)
      await rig.ledger.append('seating', 0, [[soldEvent('h1', 1)]])
      const { newer, differenceCount } = await verify()
      assert.deepEqual([newer, differenceCount], [1, 0])
    })

    it('and what is missing is missed', async () => {
      await build(
        HOLDS,
        throughWrite(store, (projection, of, batch) => {
          return store.write(projection, of, { ...batch, changes: batch.changes.filter(({ key }) => key[0] !== 'h7') })
        }),
      )
      assert.deepEqual(
        (await verify()).differences.map(({ kind, table, key }) => [kind, table, key]),
        [['missing', 'example_holds', ['h7']]],
      )
    })

    it('and said to be of another log when they are', async () => {
      await build()
      const other = await openRig(PARTITIONS)
      try {
        await other.ledger.append(
          'seating',
          0,
          Array.from({ length: 40 }, () => []),
        )
        const { differences } = await verifyGeneration({ ...options, ...other }, making())
        assert.deepEqual(
          differences.map(({ kind, partition }) => [kind, partition]),
          [
            ['log', 0],
            ['log', 1],
          ],
        )
      } finally {
        await other.close()
      }
    })
  })

  describe('are made again', () => {
    it('beside the one that readers see, and activated at the end', async () => {
      await build()
      const next = { ...making(), generation: await beginAnother(making()) }
      assert.deepEqual(await progressOf(options, next), { done: 0, total: 31 })
      const told: Progress[] = []
      await buildGeneration(options, next, (progress) => told.push(progress))
      assert.deepEqual(told.at(-1), { done: 31, total: 31 })
      assert.deepEqual(
        (await store.generations()).map(({ number, status }) => `${number} ${status}`),
        ['1 retired', '2 active'],
      )
      assert.equal((await verifyGeneration(options, next)).differenceCount, 0)
    })

    it('not where a partition cannot be read on', async () => {
      await rig.ledger.appendOutOfOrder('seating', 0)
      await assert.rejects(build(), { code: 'LEDGER_BROKEN' })
      assert.deepEqual(
        (await store.generations()).map(({ status }) => status),
        ['building'],
      )
    })
  })

  describe('take dead letters', () => {
    it('when the code can do it, and rows that changed since say what they would have said', async () => {
      await rig.ledger.append('seating', 0, [[heldEvent('late', 3, 90)], [soldEvent('late', 3)], [heldEvent('next', 90)]])
      await build(failingAt('late'))
      const [letter, ...more] = await letters()
      assert.deepEqual([letter?.reason, letter?.offset, more.length], ['not-projected', 30, 0])
      assert.ok((await verify()).differenceCount > 0)
      assert.deepEqual(await replay(letter, making(failingAt('late'))), { outcome: 'still-dead', why: 'Not in this version.' })
      assert.deepEqual(await replay(letter), { outcome: 'replayed', why: '' })
      assert.equal((await verify()).differenceCount, 0)
      assert.deepEqual(await letters(), [])
      assert.deepEqual(await replay(letter), { outcome: 'replayed', why: '' })
      assert.equal((await verify()).differenceCount, 0)
    })

    it('while the rows go on changing', async () => {
      await rig.ledger.append('seating', 0, [[heldEvent('late', 90)]])
      await build(failingAt('late'))
      let isFirst = true
      const racing: ProjectionStore = {
        ...store,
        async amend(projection, of, changes) {
          if (isFirst) {
            isFirst = false
            await rig.ledger.append('seating', 0, [[soldEvent('late', 90)]])
            await build(failingAt('late'))
          }
          return await store.amend(projection, of, changes)
        },
      }
      const [letter] = await letters()
      assert.equal((await replay(letter, making(HOLDS, racing))).outcome, 'replayed')
      assert.equal((await verify()).differenceCount, 0)
    })

    it('not when nobody can read them still, nor before their time or after it', async () => {
      const offset = await rig.ledger.appendUnreadableEvent('seating', 0, 'SeatsHeld')
      await build()
      const [letter] = await letters()
      assert.equal(letter?.offset, offset)
      assert.equal((await replay(letter)).outcome, 'still-dead')
      assert.equal((await replay(letter, null)).outcome, 'obsolete')
      const fresh = { ...making(), generation: await beginAnother(making()) }
      assert.equal((await replay(letter, fresh)).outcome, 'not-passed')
      await eventually('nothing was forgotten', async () => (await letters()).length === 1)
    })
  })
})
