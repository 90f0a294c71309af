import assert from 'node:assert/strict'
import type { Codec } from '@cavea/contracts/codec'
import { topicsOf } from '@cavea/contracts/topics'
import { ledgerStart } from '@cavea/event-log/ledger-reader'
import fc from 'fast-check'
import { heldEvent, openRig, type Rig } from '../testing/projector-rig.ts'
import type { FactBatch } from './facts.ts'
import { createFeed, type Feed, type FeedReader } from './feed.ts'

const PLACE = { context: 'seating', topic: topicsOf('seating').events, partition: 0 } as const
const START = ledgerStart(PLACE.topic, 0)

describe('A feed', () => {
  let rig: Rig
  let decoded: number
  let feed: Feed
  const never = new AbortController().signal

  beforeEach(async () => {
    rig = await openRig()
    decoded = 0
    const codec: Codec = {
      ...rig.codec,
      decodeDecision(value) {
        decoded++
        return rig.codec.decodeDecision(value)
      },
    }
    feed = createFeed({ ...rig, codec }, PLACE, { batchRecordsMax: 10 })
  })
  afterEach(async () => {
    feed.stop()
    await rig.close()
  })

  const append = (count: number): Promise<number> =>
    rig.ledger.append(
      'seating',
      0,
      Array.from({ length: count }, (_, at) => [heldEvent(`h${at}`, at)]),
    )
  async function take(reader: FeedReader, until: number): Promise<number[]> {
    const offsets: number[] = []
    let batch: FactBatch | undefined
    do {
      batch = await reader.next(never)
      offsets.push(...(batch?.counted.map(({ offset }) => offset) ?? []))
    } while (batch !== undefined && batch.to.offset < until)
    return offsets
  }
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at)

  it('decodes once for readers that keep together', async () => {
    await append(50)
    const readers = [feed.reader(START), feed.reader(START), feed.reader(START)]
    assert.deepEqual(await Promise.all(readers.map((reader) => take(reader, 50))), [range(0, 50), range(0, 50), range(0, 50)])
    assert.equal(decoded, 50)
  })

  it('wakes all who wait at the end, and each of them only for as long as it wants', async () => {
    await append(3)
    const readers = [feed.reader(START), feed.reader(START)]
    await Promise.all(readers.map((reader) => take(reader, 3)))
    const [one, other] = readers
    assert.ok(one && other)
    const stop = new AbortController()
    const aborted = one.next(stop.signal)
    const waited = other.next(never)
    stop.abort()
    assert.equal(await aborted, undefined)
    await append(1)
    assert.deepEqual(
      (await waited)?.counted.map(({ offset }) => offset),
      [3],
    )
    assert.deepEqual(await take(one, 4), [3])
    assert.equal(decoded, 4)
  })

  it('lets one who lags read for itself until it has caught up, and shares again from then on', async () => {
    await append(200)
    const ahead = feed.reader(START)
    const behind = feed.reader(START)
    await take(ahead, 200)
    assert.deepEqual(await take(behind, 200), range(0, 200))
    const before = decoded
    await append(20)
    assert.deepEqual(await Promise.all([take(ahead, 220), take(behind, 220)]), [range(200, 220), range(200, 220)])
    assert.equal(decoded, before + 20)
  })

  it('keeps those going who stand behind where somebody starts', async () => {
    await append(300)
    const behind = feed.reader(START)
    await behind.next(never)
    const batches = feed.reader(START)
    let at: FactBatch | undefined
    do at = await batches.next(never)
    while ((at?.to.offset ?? 300) < 290)
    const ahead = feed.reader(at?.to ?? START)
    const [far, near] = await Promise.all([take(behind, 300), take(ahead, 300)])
    assert.deepEqual([far, near], [range(10, 300), range(290, 300)])
  })

  it('leaves out what is void and says what cannot be read, and whatever follows counts', async () => {
    await append(1)
    await rig.ledger.appendVoid('seating', 0)
    await rig.ledger.appendUnreadableEvent('seating', 0, 'SeatsHeld')
    await rig.ledger.appendNoDecision('seating', 0)
    await append(1)
    const batch = await feed.reader(START).next(never)
    assert.deepEqual(
      batch?.counted.map(({ offset, content }) => [offset, content instanceof Error ? content.code : content.events.length]),
      [
        [0, 1],
        [2, 'UNDECODABLE'],
        [3, 'UNDECODABLE'],
        [4, 1],
      ],
    )
    assert.equal(batch?.records, 5)
  })

  it('ends for all when it stops', async () => {
    const waiting = [feed.reader(START).next(never), feed.reader(START).next(never)]
    feed.stop()
    assert.deepEqual(await Promise.all(waiting), [undefined, undefined])
  })

  it('tells those who waited what went wrong, and reads on when they ask again', async () => {
    await rig.ledger.append('seating', 0, [[], [], []])
    await rig.ledger.appendOutOfOrder('seating', 0)
    const reader = feed.reader(START)
    for (let time = 0; time < 2; time++) await assert.rejects(reader.next(never), { code: 'LEDGER_BROKEN' })
  })

  it('gives each reader every record once and in order, whoever is ahead of whom', async () => {
    await append(120)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(2), { minLength: 1, maxLength: 60 }),
        fc.array(fc.nat(119), { maxLength: 3 }),
        async (turns, starts) => {
          const own = createFeed(rig, PLACE, { batchRecordsMax: 7 })
          const all = new Map<number, LedgerStartAndSeen>()
          const positions = await positionsOf(own)
          for (const reader of [0, 1, 2]) {
            const start = positions[starts[reader] ?? 0] ?? START
            all.set(reader, { reader: own.reader(start), seen: [], from: start.offset, at: start.offset })
          }
          for (const turn of turns) {
            const one = all.get(turn)
            if (one === undefined || one.at >= 120) continue
            const batch = await one.reader.next(never)
            one.seen.push(...(batch?.counted.map(({ offset }) => offset) ?? []))
            one.at = batch?.to.offset ?? one.at
          }
          own.stop()
          for (const { seen, from, at } of all.values()) assert.deepEqual(seen, range(from, at))
        },
      ),
      { numRuns: 40 },
    )
  })

  interface LedgerStartAndSeen {
    readonly reader: FeedReader
    readonly seen: number[]
    readonly from: number
    at: number
  }

  /** The place before each record. */
  async function positionsOf(of: Feed): Promise<FactBatch['from'][]> {
    const reader = of.reader(START)
    const places: FactBatch['from'][] = []
    while (places.length < 120) for (const { before } of (await reader.next(never))?.counted ?? []) places.push(before)
    reader.close()
    return places
  }
})
