import assert from 'node:assert/strict'
import type { Decision } from '@cavea/contracts/envelope'
import { type BlockId, epochMillis, type HoldId, type PerformanceId, type SectionId, seatIndex } from '@cavea/contracts/ids'
import type { SeatingEvent, SectionGeometry, SectionTerms } from '@cavea/contracts/seating/messages'
import { sections } from './sections.ts'

const HERE = { performanceId: 'perf_1' as PerformanceId, sectionId: 'floor~2' as SectionId }
const SEATS = [seatIndex(7), seatIndex(9)]
const HOLD = { ...HERE, holdId: 'hold_1' as HoldId, seats: SEATS }
const BLOCK = { ...HERE, blockId: 'block_1' as BlockId, seats: SEATS }
const TERMS = { priceRevision: 1, holdTtlMs: 600_000, orphanRule: 'off' } as SectionTerms

const HELD: SeatingEvent = {
  type: 'SeatsHeld',
  ...HOLD,
  buyer: 'buyer_1',
  expiresAtMs: epochMillis(1),
  extensionsLeft: 1,
  priceRevision: 1,
  step: '',
  cartId: '',
  attempt: 0,
}

function changesOf(...events: readonly SeatingEvent[]) {
  return sections.project.seating?.({ context: 'seating', partition: 0, offset: 5, decision: {} as Decision, events })
}
const sets = (...events: readonly SeatingEvent[]) => changesOf(...events)?.map(({ set }) => set)

describe('The documents of sections', () => {
  it('are opened with all seats available', () => {
    const opened: SeatingEvent = {
      type: 'SectionOpened',
      ...HERE,
      organisation: 'org_house',
      revision: 1,
      seatCount: 40,
      terms: TERMS,
      geometry: {} as SectionGeometry,
    }
    assert.deepEqual(changesOf(opened), [
      {
        table: 'sections',
        key: ['perf_1', 'floor~2'],
        set: { organisation: 'org_house', capacity: 40, revision: 1, terms: TERMS, seats: {} },
      },
    ])
  })

  it('take the terms of a revision and leave the seats', () => {
    assert.deepEqual(sets({ type: 'SectionRevised', ...HERE, revision: 2, terms: TERMS }), [{ revision: 2, terms: TERMS }])
  })

  it('say of each seat that an event names what it is from then on', () => {
    const status = (status: string) => ({ 'seats.7': status, 'seats.9': status })
    assert.deepEqual(sets(HELD), [status('held')])
    assert.deepEqual(sets({ type: 'SeatsSold', ...HOLD, priceRevision: 1 }), [status('sold')])
    assert.deepEqual(sets({ type: 'HoldReleased', ...HOLD }), [status('available')])
    assert.deepEqual(sets({ type: 'HoldExpired', ...HOLD }), [status('available')])
    assert.deepEqual(sets({ type: 'SeatsBlocked', ...BLOCK, note: 'camera' }), [status('blocked')])
    assert.deepEqual(sets({ type: 'SeatsUnblocked', ...BLOCK }), [status('available')])
  })

  it('follow all events of a decision, in their order', () => {
    const lapsed: SeatingEvent = { type: 'HoldExpired', ...HOLD, holdId: 'hold_0' as HoldId }
    assert.deepEqual(
      sets(lapsed, HELD)?.map((set) => set['seats.7']),
      ['available', 'held'],
    )
  })

  it('do not change with what concerns no seat', () => {
    assert.deepEqual(
      sets(
        { type: 'HoldExtended', ...HERE, holdId: 'hold_1' as HoldId, expiresAtMs: epochMillis(2), extensionsLeft: 0 },
        { type: 'PartRefused', ...HERE, cartId: 'hold_2' as HoldId, attempt: 1 },
      ),
      [],
    )
    assert.deepEqual(Object.keys(sections.project), ['seating'])
  })
})
