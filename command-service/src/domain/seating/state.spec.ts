import assert from 'node:assert/strict'
import { epochMillis, type SectionId } from '@cavea/contracts/ids'
import type { SeatingEvent } from '@cavea/contracts/seating/messages'
import { ORGANISATION } from '../specification.ts'
import {
  ANNA,
  blockNamed,
  expired,
  extended,
  held,
  holdNamed,
  opened,
  PLACE,
  released,
  SEAT_COUNT,
  sold,
  TERMS,
  unblocked,
} from './examples.ts'
import { evolve, initialState, type SeatingState, type SectionView } from './state.ts'

const HOLD = holdNamed('anna', 100)
const annaHolds = held(HOLD, [1, 2], 1_100)

/** What these events leave, each of which came ten milliseconds after the one before. */
function after(...events: readonly SeatingEvent[]): SeatingState {
  const state = initialState()
  for (const [turn, event] of events.entries()) evolve(state, event, epochMillis(100 + 10 * turn))
  return state
}

const stalls = (state: SeatingState): SectionView => state.section(PLACE.performanceId, PLACE.sectionId) ?? assert.fail('it is not open')

describe('The state of seating', () => {
  it('remembers of a hold that ended how and when it did, and whose it was', () => {
    const known = { buyer: ANNA.id, organisation: ORGANISATION, atMs: epochMillis(120) }
    const endedAfter = (event: SeatingEvent) => [...after(opened(), annaHolds, event).ended.values()]
    assert.deepEqual(endedAfter(released(HOLD, 1, 2)), [{ status: 'released', ...known }])
    assert.deepEqual(endedAfter(expired(HOLD, 1, 2)), [{ status: 'expired', ...known }])
    assert.deepEqual(endedAfter(sold(HOLD, 1, 2)), [])
  })

  it('counts the seats of a buyer for as long as there are any', () => {
    const more = held(holdNamed('more', 120), [5], 1_120)
    const counts = (...events: readonly SeatingEvent[]) => [...stalls(after(opened(), annaHolds, more, ...events)).seatsOfBuyer]
    assert.deepEqual(counts(), [[ANNA.id, 3]])
    assert.deepEqual(counts(released(HOLD, 1, 2)), [[ANNA.id, 1]])
    assert.deepEqual(counts(released(HOLD, 1, 2), released(more.holdId, 5)), [])
  })

  it('knows where the first free seat is, or that there is none', () => {
    const firstFree = (...events: readonly SeatingEvent[]) => stalls(after(opened(), annaHolds, ...events)).firstFree
    const first = held(holdNamed('first', 120), [0], 1_120)
    const rest = held(holdNamed('rest', 130), [3, 4, 5, 6, 7, 8, 9, 10, 11], 1_130)
    assert.equal(firstFree(), 0)
    assert.equal(firstFree(first), 3)
    assert.equal(firstFree(first, rest), SEAT_COUNT)
    assert.equal(firstFree(first, rest, released(HOLD, 1, 2)), 1)
  })

  it('refuses a log that contradicts itself, and says in what', () => {
    const elsewhere = { ...annaHolds, sectionId: 'balcony' as SectionId }
    const contradictions: readonly (readonly [string, ...SeatingEvent[]])[] = [
      ['The log opens section perf_1/stalls twice.', opened(), opened()],
      ['The log speaks of section perf_1/balcony, which it never opened.', opened(), elsewhere],
      [
        'The log speaks of section perf_1/balcony, which it never opened.',
        opened(),
        { type: 'SectionRevised', ...PLACE, sectionId: elsewhere.sectionId, revision: 2, terms: TERMS },
      ],
      [`The log speaks of ${HOLD}, which it never held or which ended.`, opened(), extended(HOLD, 1_500, 1)],
      [`The log speaks of ${HOLD}, which it never held or which ended.`, opened(), annaHolds, released(HOLD, 1, 2), sold(HOLD, 1, 2)],
      [`The log unblocks ${blockNamed('desk', 1)}, which it never blocked.`, opened(), unblocked(blockNamed('desk', 1), 1)],
    ]
    for (const [message, ...events] of contradictions) assert.throws(() => after(...events), new Error(message))
  })
})
