import assert from 'node:assert/strict'
import { type CommandId, epochMillis, type SectionId, seatIndex } from '@cavea/contracts/ids'
import type { SeatingEvent, SectionGeometry, SectionTerms } from '@cavea/contracts/seating/messages'
import type { Change } from '../../application/projection.ts'
import { decisions } from './decisions.ts'
import { AT_MS, BLOCK, CART_HELD, CART_ID, ENVELOPE, HOLD, held, OF_CART, ofCarts, ofSeating, PLACE, SEATS } from './fact.fixture.ts'

const SHARED = {
  actor_kind: 'buyer',
  actor_id: 'buyer_1',
  organisation: 'org_house',
  command_id: ENVELOPE.commandId,
  command_type: 'HoldSeats',
  causation_id: 'cart/0/12',
  correlation_id: 'cmd_0',
  outcome: 'accepted',
  decided_at: AT_MS,
}
const HERE = { performance_id: 'perf_1', section_id: 'floor', stream_id: 'floor~2' }
const UNCHANGED = { available: 0, held: 0, sold: 0, blocked: 0 }
const TAKEN = {
  code: 'SEAT_UNAVAILABLE',
  conflicts: [{ seat: seatIndex(7), reason: 'held', sinceMs: epochMillis(1), mayFreeAtMs: null }],
} as const

const given = ({ set, ...change }: Change): Change => {
  return { ...change, set: Object.fromEntries(Object.entries(set).filter(([, value]) => value !== null)) }
}

describe('The table of decisions', () => {
  it('has a row of a hold, with who asked, what led to it and how the counts change', () => {
    assert.deepEqual(ofSeating(decisions, [held()]).map(given), [
      {
        table: 'decisions',
        key: ['seating', 3, 5, 0],
        set: {
          ...SHARED,
          ...HERE,
          event_type: 'SeatsHeld',
          hold_id: 'hold_1',
          buyer: 'buyer_1',
          seats: SEATS,
          status_after: 'held',
          available: -2,
          held: 2,
          sold: 0,
          blocked: 0,
        },
      },
    ])
  })

  const counts: readonly [SeatingEvent, string | undefined, Partial<typeof UNCHANGED>][] = [
    [
      {
        type: 'SectionOpened',
        ...PLACE,
        organisation: '',
        revision: 1,
        seatCount: 40,
        terms: {} as SectionTerms,
        geometry: {} as SectionGeometry,
      },
      undefined,
      { available: 40 },
    ],
    [{ type: 'SectionRevised', ...PLACE, revision: 2, terms: {} as SectionTerms }, undefined, {}],
    [{ type: 'HoldExtended', ...PLACE, holdId: HOLD.holdId, expiresAtMs: epochMillis(1), extensionsLeft: 0 }, 'held', {}],
    [{ type: 'HoldReleased', ...HOLD }, 'available', { available: 2, held: -2 }],
    [{ type: 'HoldExpired', ...HOLD }, 'available', { available: 2, held: -2 }],
    [{ type: 'SeatsSold', ...HOLD, priceRevision: 1 }, 'sold', { held: -2, sold: 2 }],
    [{ type: 'SeatsBlocked', ...BLOCK, note: 'camera' }, 'blocked', { available: -2, blocked: 2 }],
    [{ type: 'SeatsUnblocked', ...BLOCK }, 'available', { available: 2, blocked: -2 }],
  ]
  for (const [event, status, change] of counts)
    it(`says what ${event.type} does to the seats and to the counts`, () => {
      const [row, ...others] = ofSeating(decisions, [event])
      const { available, held, sold, blocked, status_after, event_type } = row?.set ?? {}
      assert.deepEqual({ available, held, sold, blocked }, { ...UNCHANGED, ...change })
      assert.deepEqual([status_after ?? undefined, event_type, others.length], [status, event.type, 0])
      assert.ok(!JSON.stringify(row).includes('camera'), 'notes are free text, which stays where it is')
    })

  it('takes from one count what it gives to another', () => {
    const events: readonly SeatingEvent[] = [held(), { type: 'SeatsSold', ...HOLD, priceRevision: 1 }, { type: 'HoldExpired', ...HOLD }]
    for (const { set } of ofSeating(decisions, events)) {
      const changes = ['available', 'held', 'sold', 'blocked'].map((count) => Number(set[count]))
      assert.equal(
        changes.reduce((sum, change) => sum + change, 0),
        0,
      )
    }
  })

  it('has a row of its own for each event of a decision', () => {
    const rows = ofSeating(decisions, [{ type: 'HoldExpired', ...HOLD }, held()])
    assert.deepEqual(
      rows.map(({ key, set }) => [key[3], set['event_type']]),
      [
        [0, 'HoldExpired'],
        [1, 'SeatsHeld'],
      ],
    )
  })

  it('has a row of a refusal, after what was recorded first, with the seats in the way', () => {
    const [expired, refused, ...others] = ofSeating(decisions, [{ type: 'HoldExpired', ...HOLD }], TAKEN)
    assert.equal(expired?.set['code'], null)
    assert.deepEqual(refused && given(refused), {
      table: 'decisions',
      key: ['seating', 3, 5, 1],
      set: { ...SHARED, ...HERE, ...UNCHANGED, outcome: 'rejected', code: 'SEAT_UNAVAILABLE', seats: [7] },
    })
    assert.equal(others.length, 0)
    const [alone] = ofSeating(decisions, [], { code: 'HOLD_EXPIRED' })
    assert.deepEqual(alone && given(alone), {
      table: 'decisions',
      key: ['seating', 3, 5, 0],
      set: { ...SHARED, ...UNCHANGED, outcome: 'rejected', code: 'HOLD_EXPIRED' },
    })
  })

  it('has one row of a refusal that an event tells of', () => {
    const rows = ofSeating(decisions, [{ type: 'PartRefused', ...PLACE, cartId: CART_ID, attempt: 1 }], TAKEN)
    assert.deepEqual(
      rows.map(({ set }) => [set['event_type'], set['cart_id'], set['code'], set['seats'], set['stream_id']]),
      [['PartRefused', CART_ID, 'SEAT_UNAVAILABLE', [7], 'floor~2']],
    )
  })

  it('names every column in every row, so that one statement writes them all', () => {
    const [table] = decisions.tables
    const columns = Object.keys(table?.columns ?? {}).filter((column) => !table?.key.includes(column))
    const rows = [...ofSeating(decisions, [held(), { type: 'SectionRevised', ...PLACE, revision: 2, terms: {} as SectionTerms }], TAKEN)]
    for (const { set } of rows) assert.deepEqual(Object.keys(set), columns)
  })

  it('has nothing of a decision in which nothing happened', () => {
    assert.deepEqual(ofSeating(decisions, []), [])
  })

  it('tells of carts without counting their seats again', () => {
    const [part] = OF_CART.parts
    assert.ok(part)
    const request = { round: '', sectionId: 'floor~2' as SectionId, seats: SEATS, quantity: 2, atLeast: 2, worstStep: 'any' } as const
    const of = { holdId: CART_ID, performanceId: PLACE.performanceId }
    const asked = { ...of, ...request, categories: [], accessible: false, buyerKind: 'buyer', buyer: 'buyer_1' } as const
    const rows = ofCarts(decisions, [
      { type: 'PartRequested', attempt: 1, ...asked },
      { type: 'PartGranted', ...of, attempt: 1, part, have: 2 },
      { type: 'PartReturned', ...of, part },
      { type: 'PartDenied', ...of, attempt: 2, sectionId: part.sectionId, code: 'SEAT_UNAVAILABLE', have: 0, step: '' },
      { type: 'CartOverdue', ...of, openedBy: 'cmd_1' as CommandId, attempt: 2, sectionId: part.sectionId },
      CART_HELD,
      { type: 'CartExtended', ...OF_CART, expiresAtMs: epochMillis(1), extensionsLeft: 0 },
      { type: 'CartReleased', ...OF_CART },
      { type: 'CartExpired', ...OF_CART },
      { type: 'CartSold', ...OF_CART },
    ])
    assert.deepEqual(
      rows.map(({ set }) => set['hold_id']),
      rows.map(() => CART_ID),
    )
    for (const { set } of rows) {
      const { available, held, sold, blocked, status_after } = set
      assert.deepEqual([{ available, held, sold, blocked }, status_after], [UNCHANGED, null])
    }
    assert.deepEqual(
      rows.slice(0, 6).map(({ set }) => set['stream_id']),
      ['floor~2', 'floor~2', 'floor~2', 'floor~2', 'floor~2', null],
    )
    assert.deepEqual(
      ofCarts(decisions, [{ type: 'CartRefused', ...OF_CART }], { code: 'PART_UNANSWERED' }).map(({ set }) => [
        set['event_type'],
        set['code'],
      ]),
      [['CartRefused', 'PART_UNANSWERED']],
    )
  })
})
