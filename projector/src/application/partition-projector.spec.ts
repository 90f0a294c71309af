import assert from 'node:assert/strict'
import { topicsOf } from '@cavea/contracts/topics'
import { eventually } from '@cavea/event-log/contract-tools'
import { type LedgerStart, ledgerStart } from '@cavea/event-log/ledger-reader'
import type { EventLog } from '@cavea/event-log/port'
import type { ProjectionStore, Row } from '../ports/projection-store.ts'
import { type LaneRig, openLaneRig, type RunningLane, throughWrite } from '../testing/lane-rig.ts'
import { foldSeating, HOLDS, heldEvent, openRig, type Rig, releasedEvent, soldEvent } from '../testing/projector-rig.ts'
import { readDeadLetters } from './dead-letters.ts'

const { events: TOPIC } = topicsOf('seating')

describe('A projector of one partition', () => {
  let rig: Rig
  let lanes: LaneRig
  const running: RunningLane[] = []

  beforeEach(async () => {
    rig = await openRig()
    lanes = await openLaneRig(rig)
  })
  afterEach(async () => {
    await Promise.all(running.splice(0).map((lane) => lane.stop()))
    await rig.close()
  })

  function run(options?: Parameters<LaneRig['run']>[0]): RunningLane {
    const lane = lanes.run(options)
    running.push(lane)
    return lane
  }
  const checkpoint = async (): Promise<LedgerStart | undefined> => (await lanes.store.checkpoints(lanes.generation)).get(`${TOPIC}/0`)
  async function untilDone(): Promise<void> {
    const end = await rig.log.endOffset(TOPIC, 0)
    await eventually(`the checkpoint comes to ${end}`, async () => ((await checkpoint())?.offset ?? 0) === end)
  }
  async function rows(table: string): Promise<Row[]> {
    const all: Row[] = []
    for await (const row of lanes.store.rows(HOLDS, lanes.generation, table, 'seating/0')) all.push(row)
    return all
  }
  async function assertEqualsFold(): Promise<void> {
    const expected = await foldSeating(rig, HOLDS)
    for (const { name } of HOLDS.tables)
      assert.deepEqual(
        await rows(name),
        expected.rows(name).map(({ key, version, fields }) => ({ key, version, fields })),
      )
  }

  it('writes what the log says, and what it says next', async () => {
    await rig.ledger.append('seating', 0, [[heldEvent('a', 1, 2)], [], [heldEvent('b', 3)]])
    const lane = run()
    await untilDone()
    await rig.ledger.append('seating', 0, [[soldEvent('a', 1, 2)]])
    await untilDone()
    assert.deepEqual(
      (await rows('example_holds')).map(({ key, version, fields }) => [key[0], version, fields['status']]),
      [
        ['a', 3, 'sold'],
        ['b', 2, 'held'],
      ],
    )
    assert.deepEqual((await rows('example_sections'))[0]?.fields['seats'], { 1: 'sold', 2: 'sold', 3: 'held' })
    await assertEqualsFold()
    assert.deepEqual(lane.told.trouble, [])
  })

  it('gives rows the offset of the decision that changed them last, however long the batch was', async () => {
    await rig.ledger.append('seating', 0, [[heldEvent('a', 1)], [heldEvent('b', 2)], [releasedEvent('b', 2)], [], []])
    run()
    await untilDone()
    assert.deepEqual(
      (await rows('example_holds')).map(({ version }) => version),
      [0, 2],
    )
  })

  it('moves the checkpoint over decisions that change nothing and over void records', async () => {
    await rig.ledger.append('seating', 0, [[], []])
    await rig.ledger.appendVoid('seating', 0)
    run()
    await untilDone()
    const { head, headOffset, commandOffset } = (await checkpoint()) ?? ledgerStart(TOPIC, 0)
    assert.notEqual(head, ledgerStart(TOPIC, 0).head)
    assert.deepEqual([headOffset, commandOffset], [1, 3])
  })

  it('goes on from its checkpoint when it starts again', async () => {
    await rig.ledger.append('seating', 0, [[heldEvent('a', 1)], [heldEvent('b', 2)]])
    await run().stop()
    run()
    await untilDone()
    await Promise.all(running.splice(0).map((lane) => lane.stop()))
    await rig.ledger.append('seating', 0, [[soldEvent('a', 1)]])
    const again = run()
    await untilDone()
    await eventually('it tells', () => again.told.records.length > 0)
    assert.deepEqual(again.told.records, [1])
    await assertEqualsFold()
  })

  it('stops where somebody else has written on, and goes on from there while it still owns the partition', async () => {
    const [one, other] = [run({ limits: { batchRecordsMax: 2 } }), run({ limits: { batchRecordsMax: 3 } })]
    for (let at = 0; at < 30; at++) {
      await rig.ledger.append('seating', 0, [[heldEvent(`h${at}`, at)], [soldEvent(`h${at}`, at)]])
      if (at % 10 === 0) await untilDone()
    }
    await untilDone()
    assert.ok(one.told.superseded.length + other.told.superseded.length > 0, 'nobody was superseded')
    assert.deepEqual([...one.told.failed, ...other.told.failed], [])
    await assertEqualsFold()
  })

  it('changes nothing when it wakes after long, and finds itself superseded', async () => {
    await rig.ledger.append('seating', 0, [[heldEvent('a', 1)]])
    let wake: () => void = () => undefined
    const asleep = new Promise<void>((resolve) => (wake = resolve))
    let isAsleep = false
    const zombie = run({
      by: throughWrite(lanes.store, async (...args) => {
        isAsleep = true
        await asleep
        return await lanes.store.write(...args)
      }),
    })
    await eventually('it sleeps', () => isAsleep)
    run()
    await untilDone()
    await rig.ledger.append('seating', 0, [[soldEvent('a', 1)]])
    await untilDone()
    wake()
    await eventually('it finds out', () => zombie.told.superseded.length > 0)
    await assertEqualsFold()
    assert.equal((await rows('example_holds'))[0]?.fields['status'], 'sold')
  })

  it('tries again when the store does not answer, also where its answer was lost', async () => {
    let calls = 0
    const by = throughWrite(lanes.store, async (...args) => {
      calls++
      if (calls % 3 === 1) throw new Error('The store is not there.')
      const outcome = await lanes.store.write(...args)
      if (calls % 3 === 2) throw new Error('The store has written, but nobody knows.')
      return outcome
    })
    await rig.ledger.append(
      'seating',
      0,
      Array.from({ length: 50 }, (_, at) => [heldEvent(`h${at}`, at)]),
    )
    const lane = run({ by })
    await untilDone()
    assert.ok(lane.told.trouble.length > 1)
    assert.deepEqual(lane.told.failed, [])
    await assertEqualsFold()
  })

  it('holds a few batches in memory, however slow the store is', async () => {
    await rig.ledger.append(
      'seating',
      0,
      Array.from({ length: 500 }, (_, at) => [heldEvent(`h${at}`, at)]),
    )
    let reads = 0
    const log = countingReads(rig.log, () => reads++)
    let release: () => void = () => undefined
    const slow = new Promise<void>((resolve) => (release = resolve))
    const blocked = await openLaneRig({ ...rig, log })
    let writes = 0
    const lane = blocked.run({
      by: throughWrite(blocked.store, async (...args) => {
        writes++
        await slow
        return await blocked.store.write(...args)
      }),
    })
    running.push(lane)
    await eventually('it writes', () => writes === 1)
    assert.equal(reads, 1)
    release()
  })

  it('has caught up when it was at the end of the log as it was at the start', async () => {
    await rig.ledger.append('seating', 0, [[heldEvent('a', 1)], [heldEvent('b', 2)]])
    let open: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (open = resolve))
    const { projector, clock } = run({
      by: throughWrite(lanes.store, async (...args) => {
        await gate
        return await lanes.store.write(...args)
      }),
    })
    projector.observeEnd(2)
    await eventually('it begins', () => projector.status === 'catching-up')
    clock.pass(3_000)
    assert.deepEqual(projector.lag, { records: 2, seconds: 3 })
    open()
    await eventually('it has caught up', () => projector.status === 'current')
    assert.deepEqual(projector.lag, { records: 0, seconds: 0 })
    clock.pass(60_000)
    projector.observeEnd(2)
    projector.observeEnd(5)
    clock.pass(1_000)
    assert.deepEqual([projector.lag, projector.status], [{ records: 3, seconds: 1 }, 'current'])
  })

  describe('and what cannot be read or written', () => {
    const around = async (poison: () => Promise<number>): Promise<number> => {
      await rig.ledger.append('seating', 0, [[heldEvent('a', 1)], [heldEvent('b', 2)]])
      const offset = await poison()
      await rig.ledger.append('seating', 0, [[soldEvent('a', 1)]])
      return offset
    }

    it('sets an event aside that nobody can decode, with all that it takes to try again, and goes on', async () => {
      const offset = await around(() => rig.ledger.appendUnreadableEvent('seating', 0, 'SeatsHeld'))
      const lane = run()
      await untilDone()
      const [letter, ...more] = (await readDeadLetters(rig.log, '')).all()
      assert.equal(more.length, 0)
      assert.deepEqual(
        [letter?.projection, letter?.generation, letter?.topic, letter?.partition, letter?.offset, letter?.reason],
        ['example-holds', 1, TOPIC, 0, offset, 'undecodable'],
      )
      assert.deepEqual([letter?.before.offset, letter?.after.offset, letter?.after.headOffset], [offset, offset + 1, offset])
      assert.ok(letter && letter.value.length > 40 && letter.error.length > 0)
      assert.equal(lane.told.deadLetters.length, 1)
      await assertEqualsFold()
    })

    it('sets a record aside that counts and is no decision', async () => {
      await around(() => rig.ledger.appendNoDecision('seating', 0))
      run()
      await untilDone()
      assert.deepEqual(
        (await readDeadLetters(rig.log, '')).all().map(({ reason, offset }) => [reason, offset]),
        [['undecodable', 2]],
      )
      await assertEqualsFold()
    })

    it('finds the one decision that the store does not take, and writes all others', async () => {
      const holds = Array.from({ length: 20 }, (_, at) => [heldEvent(`h${at}`, at)])
      await rig.ledger.append('seating', 0, holds)
      const bad = await rig.ledger.append('seating', 0, [[heldEvent('refused.by.all', 77)]])
      await rig.ledger.append('seating', 0, [[soldEvent('h3', 3)]])
      const lane = run({ by: refusing(lanes.store, 'refused.by.all'), limits: { batchRecordsMax: 100 } })
      await untilDone()
      assert.deepEqual(
        lane.told.deadLetters.map(({ reason, offset }) => [reason, offset]),
        [['refused', bad]],
      )
      assert.equal((await rows('example_holds')).length, 20)
      assert.deepEqual(lane.told.trouble, [])
    })

    it('sets aside what the projection throws on, though it never should', async () => {
      const project = (): never => {
        throw new Error('I did not think of that.')
      }
      lanes = await openLaneRig(rig, { ...HOLDS, project: { seating: project } })
      await rig.ledger.append('seating', 0, [[heldEvent('a', 1)]])
      run()
      await untilDone()
      assert.deepEqual(
        (await readDeadLetters(rig.log, '')).all().map(({ reason, error }) => [reason, error]),
        [['not-projected', 'I did not think of that.']],
      )
    })

    it('stops for good where the log contradicts itself', async () => {
      await around(() => rig.ledger.appendOutOfOrder('seating', 0))
      const { ended, projector, told } = run()
      await ended
      assert.deepEqual([projector.status, (told.failed[0] as { code?: string }).code], ['failed', 'LEDGER_BROKEN'])
    })

    it('stops for good when its checkpoint is from another log', async () => {
      await rig.ledger.append('seating', 0, [[heldEvent('a', 1)], [heldEvent('b', 2)]])
      const elsewhere = { ...ledgerStart('other', 0), offset: 2, headOffset: 1, commandOffset: 3 }
      const batch = { topic: TOPIC, partition: 0, from: ledgerStart(TOPIC, 0), to: elsewhere, changes: [] }
      await lanes.store.write(HOLDS, lanes.generation, batch)
      const { ended, projector, told } = run()
      await ended
      assert.deepEqual([projector.status, (told.failed[0] as { code?: string }).code], ['failed', 'FOREIGN_LOG'])
    })
  })
})

/** Takes nothing that concerns this key, however it comes. */
function refusing(store: ProjectionStore, key: string): ProjectionStore {
  return throughWrite(store, async (projection, generation, batch) => {
    const changes = batch.changes.map((change) => (change.key[0] === key ? { ...change, set: { status: 'x', 'status.y': 1 } } : change))
    return await store.write(projection, generation, { ...batch, changes })
  })
}

/** Calls back for each batch that is read. */
function countingReads(log: EventLog, onBatch: () => void): EventLog {
  return {
    ensureTopics: (...args) => log.ensureTopics(...args),
    partitionCount: (...args) => log.partitionCount(...args),
    endOffset: (...args) => log.endOffset(...args),
    append: (...args) => log.append(...args),
    async *read(...args) {
      for await (const batch of log.read(...args)) {
        onBatch()
        yield batch
      }
    },
    join: (...args) => log.join(...args),
    close: () => log.close(),
  }
}
