import assert from 'node:assert/strict'
import { commandIdOf, epochMillis, holdIdOf, type SectionId } from '@cavea/contracts/ids'
import { emptyHead, headAfter } from '@cavea/contracts/ledger'
import { recorded } from '@cavea/contracts/rejections'
import { assertBroken as assertBrokenIn } from './broken.fixture.ts'
import type { Invariant } from './findings.ts'
import { BUYER, CAPACITY, HOLD_MS, ORGANISER, PlantedLog, START_MS } from './planted-log.fixture.ts'

const CIRCLE = 'circle' as SectionId
const SECOND_MS = 1_000

/** A section with two holds in it, the first on seats 0 and 1, the second on 4. */
function opened() {
  const log = new PlantedLog()
  log.open()
  const first = log.hold([0, 1])
  log.now += SECOND_MS
  const second = log.hold([4])
  log.now += SECOND_MS
  return { log, first, second }
}

const assertBroken = (log: PlantedLog, invariant: Invariant, offset: number, why: RegExp): Promise<void> =>
  assertBrokenIn(log, 'seating', invariant, offset, why)

const sold = (log: PlantedLog, holdId: string, seats: readonly number[]) => ({
  type: 'SeatsSold',
  ...log.section(),
  holdId,
  seats,
  priceRevision: 1,
})
const ended = (log: PlantedLog, type: 'HoldExpired' | 'HoldReleased', holdId: string, seats: readonly number[]) => ({
  type,
  ...log.section(),
  holdId,
  seats,
})

describe('The audit of a log in good order', () => {
  it('finds nothing where seats are held, extended, sold, released, expired, blocked and held again', async () => {
    const { log, first, second } = opened()
    log.record(
      'seating',
      [{ type: 'HoldExtended', ...log.section(), holdId: second, expiresAtMs: START_MS + 2 * HOLD_MS, extensionsLeft: 0 }],
      { actor: BUYER },
    )
    log.record('seating', [sold(log, first, [0, 1])], { actor: ORGANISER })
    const third = log.hold([7, 8])
    log.record('seating', [ended(log, 'HoldReleased', third, [8, 7])], { actor: BUYER })
    log.now = 2 * HOLD_MS
    log.record('seating', [ended(log, 'HoldExpired', second, [4])], { commandType: 'Tick' })
    log.hold([4, 7])
    const report = await log.audit()
    assert.deepEqual(report.breaks, [])
    assert.equal(report.intact, true)
    const seating = report.partitions.find(({ context }) => context === 'seating')
    assert.deepEqual(seating?.seats, { free: CAPACITY - 4, held: 2, sold: 2, blocked: 0 })
    assert.equal(seating?.head, log.head('seating'))
    assert.equal(seating?.unlisted, 0)
  })

  it('finds nothing in an empty log', async () => {
    const log = new PlantedLog()
    log.records.catalog.length = 0
    assert.equal((await log.audit()).intact, true)
  })

  it('accepts duplicates that name the first decision, and refusals of a key used with another body', async () => {
    const { log } = opened()
    const bodyHash = 'ab'.repeat(16)
    const { offset } = log.holdAs([5], { commandId: 'asked twice', bodyHash })
    const head = log.head('seating')
    log.record('seating', [], { commandId: 'asked twice', bodyHash, outcome: 'duplicate', duplicateOf: { offset, head } })
    const rejection = recorded({ code: 'IDEMPOTENCY_KEY_REUSED' })
    log.record('seating', [], { commandId: 'asked twice', bodyHash: 'cd'.repeat(16), outcome: 'rejected', rejection })
    assert.deepEqual((await log.audit()).breaks, [])
  })

  it('accepts a command that comes again after the day for which its id is remembered, and no earlier', async () => {
    const day = 24 * 60 * SECOND_MS * 60
    for (const [ageMs, breaks] of [
      [day + 1, 0],
      [day, 1],
    ] as const) {
      const log = new PlantedLog()
      log.record('seating', [], { commandId: 'asked twice' })
      log.now = ageMs
      log.record('seating', [], { commandId: 'asked twice' })
      assert.equal((await log.audit()).breaks.length, breaks)
    }
  })

  it('counts the void records of a late writer, of a resent batch and of a stranger, and does not mind them', async () => {
    const { log, second } = opened()
    const late = log.encode('seating', [ended(log, 'HoldReleased', second, [4])], { commandId: 'late', commandOffset: 3 })
    log.record('seating', [], { outcome: 'started', commandOffset: -1, commandId: 'owner' })
    log.records.seating.push(late)
    log.records.seating.push(Buffer.from('nobody can read this, and it is longer than a link is'), Buffer.from('short'))
    const next = log.record('seating', [ended(log, 'HoldReleased', second, [4])], { actor: BUYER, commandOffset: 3 })
    log.records.seating.push(log.records.seating[next] ?? assert.fail())
    log.hold([4])
    const report = await log.audit()
    assert.deepEqual(report.breaks, [])
    assert.equal(report.partitions.find(({ context }) => context === 'seating')?.voided, 4)
  })

  it('does not mind the second of two appends whose first never arrived', async () => {
    const { log } = opened()
    const before = log.head('seating')
    const lost = new PlantedLog()
    lost.open()
    lost.hold([9])
    const orphan = log.codec.encodeDecision({
      ...log.codec.decodeDecision(log.encode('seating', [], { commandOffset: 4 })),
      link: lost.head('seating'),
    })
    log.records.seating.push(orphan)
    assert.equal(log.head('seating'), before)
    log.record('seating', [], { outcome: 'started', commandOffset: -1, commandId: 'owner' })
    log.record('seating', [], { commandOffset: 3 })
    assert.deepEqual((await log.audit()).breaks, [])
  })

  it('finds an anchored head, and misses one whose record was cut off', async () => {
    const { log } = opened()
    const head = log.head('seating')
    assert.deepEqual((await log.audit({ anchors: [head] })).anchors, [
      { head, foundAt: { topic: 'seating.events', partition: 0, offset: 2 } },
    ])
    log.records.seating.pop()
    const cut = await log.audit({ anchors: [head] })
    assert.deepEqual([cut.intact, cut.breaks, cut.anchors], [false, [], [{ head, foundAt: null }]])
  })
})

describe('The audit finds a planted break and names its record:', () => {
  it('a seat that is held twice', async () => {
    const { log } = opened()
    const { offset } = log.holdAs([3, 4])
    await assertBroken(log, 'I1', offset, /seat 4 of section .* is held by hold_/)
  })

  it('a hold on a seat that was sold', async () => {
    const { log, first } = opened()
    log.record('seating', [sold(log, first, [0, 1])], { actor: ORGANISER })
    const { offset } = log.holdAs([1])
    await assertBroken(log, 'I1', offset, /seat 1 of section .* is sold by hold_/)
  })

  it('a sale in the very millisecond of expiry', async () => {
    const { log, first } = opened()
    log.now = HOLD_MS
    const offset = log.record('seating', [sold(log, first, [0, 1])], { actor: ORGANISER })
    await assertBroken(log, 'I7', offset, /is sold at 2030-01-01T00:10:00.000Z, but it ran out at 2030-01-01T00:10:00.000Z/)
  })

  it('a sale of a hold that has ended', async () => {
    const { log, first } = opened()
    log.record('seating', [ended(log, 'HoldReleased', first, [0, 1])], { actor: BUYER })
    const offset = log.record('seating', [sold(log, first, [0, 1])], { actor: ORGANISER })
    await assertBroken(log, 'I1', offset, /never granted or has ended/)
  })

  it('a sale of a foreign hold: by a buyer, by another organisation, in another section', async () => {
    const byBuyer = opened()
    const first = byBuyer.log.record('seating', [sold(byBuyer.log, byBuyer.first, [0, 1])], { actor: BUYER })
    await assertBroken(byBuyer.log, 'I1', first, /a buyer, sells/)
    const byOther = opened()
    const second = byOther.log.record('seating', [sold(byOther.log, byOther.first, [0, 1])], { actor: ORGANISER, organisation: 'org_2' })
    await assertBroken(byOther.log, 'I1', second, /org_2 sells hold_.*, which is of org_1/)
    const elsewhere = opened()
    elsewhere.log.open(CIRCLE)
    const event = { ...sold(elsewhere.log, elsewhere.first, [0, 1]), ...elsewhere.log.section(CIRCLE) }
    const third = elsewhere.log.record('seating', [event], { actor: ORGANISER })
    await assertBroken(elsewhere.log, 'I1', third, /its seats are in .*\/stalls/)
  })

  it("a release of somebody else's hold", async () => {
    const { log, first } = opened()
    const offset = log.record('seating', [ended(log, 'HoldReleased', first, [0, 1])], { actor: { kind: 'buyer', id: 'buyer_2' } })
    await assertBroken(log, 'I1', offset, /is released by buyer_2, but it is buyer_1's/)
  })

  it('an expiry one millisecond too early', async () => {
    const { log, first } = opened()
    log.now = HOLD_MS - 1
    const offset = log.record('seating', [ended(log, 'HoldExpired', first, [0, 1])])
    await assertBroken(log, 'I7', offset, /before its time/)
  })

  it('an extension that gives no time', async () => {
    const { log, first } = opened()
    const extended = { type: 'HoldExtended', ...log.section(), holdId: first, expiresAtMs: START_MS + HOLD_MS, extensionsLeft: 0 }
    const offset = log.record('seating', [extended], { actor: BUYER })
    await assertBroken(log, 'I7', offset, /is extended to .*, but it ran to .* already/)
  })

  it('a command that is decided twice', async () => {
    const { log } = opened()
    log.record('seating', [], { commandId: 'asked twice' })
    const offset = log.record('seating', [], { commandId: 'asked twice' })
    await assertBroken(log, 'I2', offset, /is decided a second time; the first decision is at 3/)
  })

  it('a duplicate that names another decision than the first', async () => {
    const { log } = opened()
    const first = log.record('seating', [], { commandId: 'asked twice' })
    const other = log.record('seating', [])
    const duplicateOf = { offset: first, head: log.head('seating') }
    const offset = log.record('seating', [], { commandId: 'asked twice', outcome: 'duplicate', duplicateOf })
    assert.equal(offset, other + 1)
    await assertBroken(log, 'I2', offset, /names [0-9a-f]{64} as the first decision/)
  })

  it('a duplicate of nothing', async () => {
    const { log } = opened()
    const duplicateOf = { offset: 0, head: emptyHead('seating.events', 0) }
    const offset = log.record('seating', [], { commandId: 'new', outcome: 'duplicate', duplicateOf })
    await assertBroken(log, 'I2', offset, /no earlier decision has that id/)
  })

  it('a command offset that goes back', async () => {
    const { log } = opened()
    const offset = log.record('seating', [], { commandOffset: 1, commandId: 'late' })
    await assertBroken(log, 'I3', offset, /decides command 1 after command 2/)
  })

  it('a decision time that goes back', async () => {
    const { log } = opened()
    log.now -= 1
    log.record('seating', [])
    log.now -= 1
    const offset = log.record('seating', [])
    await assertBroken(log, 'I3', offset, /is decided by the time/)
  })

  it('an altered byte in the middle, whichever byte it is', async () => {
    const altered = 2
    const size = opened().log.records.seating[altered]?.length ?? 0
    for (let at = 0; at < size; at += 13) {
      const { log } = opened()
      log.hold([6])
      log.record('seating', [])
      const record = log.records.seating[altered] ?? assert.fail()
      record.writeUInt8((record[at] ?? 0) ^ 0x01, at)
      const { breaks } = await log.audit()
      assert.deepEqual([breaks[0]?.offset, breaks[0]?.invariant, breaks.length], [altered, 'I3', 1], `byte ${at}: ${breaks[0]?.why}`)
    }
  })

  it('an altered record after which somebody went on deciding', async () => {
    const { log } = opened()
    const stale = log.encode('seating', [], { commandOffset: 3 })
    const record = log.records.seating[2] ?? assert.fail()
    record.write('buyer_2', record.indexOf('buyer_1'))
    const decision = log.codec.decodeDecision(stale)
    const owner = log.codec.encodeDecision({ ...decision, link: headAfter(record), outcome: 'started', commandOffset: -1 })
    log.records.seating.push(stale, owner, log.codec.encodeDecision({ ...decision, link: headAfter(owner) }))
    await assertBroken(log, 'I3', 2, /the record at 3 links to another one than stands here/)
  })

  it('a record that was taken out', async () => {
    const { log } = opened()
    log.hold([6])
    log.records.seating.splice(2, 1)
    await assertBroken(log, 'I3', 2, /what stood before it was taken out/)
  })

  it('seats that come back in another number than they went', async () => {
    const { log, first } = opened()
    const offset = log.record('seating', [ended(log, 'HoldReleased', first, [0])], { actor: BUYER })
    await assertBroken(log, 'I6', offset, /has the seats 0, 1, but this is about 0/)
  })

  it('a section that is opened with another capacity than its performance has', async () => {
    const { log } = opened()
    const offset = log.open(CIRCLE, CAPACITY + 1)
    await assertBroken(log, 'I6', offset, /is opened with 11 seats, but its performance has 10 there/)
  })

  it('a seat beyond the capacity', async () => {
    const { log } = opened()
    const { offset } = log.holdAs([CAPACITY])
    await assertBroken(log, 'I6', offset, /whose 10 seats are numbered from 0/)
  })

  it('a hold id that is given twice, or that is not made for its command', async () => {
    const twice = opened()
    const { holdId } = twice.log.holdAs([5], { commandId: 'one' })
    const offset = twice.log.record('seating', [twice.log.held(holdId, [6])], { actor: BUYER, commandId: 'two' })
    await assertBroken(twice.log, 'I1', offset, /is given a second time/)
    const { log } = opened()
    const foreign = holdIdOf(epochMillis(START_MS), log.place(), commandIdOf('another'))
    await assertBroken(log, 'I1', log.record('seating', [log.held(foreign, [6])], { actor: BUYER }), /does not derive from the command/)
  })

  it('a counted record that nobody can read', async () => {
    const { log } = opened()
    const value = log.encode('seating', [], {}).subarray(0, 60)
    log.records.seating.push(value)
    await assertBroken(log, 'I3', 3, /it counts, but it is no decision/)
  })

  it('and only the first of several, since the later ones may follow from it', async () => {
    const { log } = opened()
    const { offset } = log.holdAs([4])
    log.holdAs([0])
    await assertBroken(log, 'I1', offset, /seat 4/)
  })
})
