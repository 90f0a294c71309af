import type { CartEvent, CartWish } from '@cavea/contracts/cart/messages'
import { epochMillis, seatIndex } from '@cavea/contracts/ids'
import { recorded, type SeatingRejection } from '@cavea/contracts/rejections'
import { at, specification } from '../specification.ts'
import { cart } from './decider.ts'
import {
  ANNA,
  asked,
  askedForChosen,
  askedToStand,
  BALCONY,
  BEST,
  CART,
  CHOSEN,
  CHOSEN_PARTS,
  cartOf,
  cartOpened,
  commandNamed,
  denied,
  FLOOR,
  GALLERY,
  granted,
  held,
  inTurn,
  OF_CART,
  OPENED_BY,
  OPENED_MS,
  ORGANISER,
  part,
  recordPart,
  recordRefusal,
  refused,
  STALLS,
  STANDING,
  SYSTEM,
  section,
  TICK,
} from './examples.ts'
import { ANSWER_WITHIN_MS } from './state.ts'

const given = specification(cart)
const asking = { actor: SYSTEM, at: 500 }

const notEnough = (have: number): SeatingRejection => ({ code: 'NOT_ENOUGH_SEATS', asked: 4, have })
const notTogether = (step: 'split-rows' | 'any', have = 9): SeatingRejection => ({ code: 'SEATS_NOT_TOGETHER', asked: 4, have, step })

describe('A section that refuses seats which the buyer chose', () => {
  it('ends the cart with its own reason, and what the cart had goes back', () => {
    const [first] = CHOSEN_PARTS as [never]
    const taken = { seat: seatIndex(5), reason: 'held', sinceMs: epochMillis(50), mayFreeAtMs: null } as const
    const why: SeatingRejection = { code: 'SEAT_UNAVAILABLE', conflicts: [taken] }
    given(...inTurn(cartOpened(CHOSEN), askedForChosen(1)))
      .when(recordRefusal(1, STALLS, why), asking)
      .thenRejected({ ...recorded(why), sectionId: STALLS }, denied(1, STALLS, 'SEAT_UNAVAILABLE'), refused())
    given(...inTurn(cartOpened(CHOSEN), askedForChosen(1), granted(1, first), askedForChosen(2)))
      .when(recordRefusal(2, BALCONY, why), asking)
      .thenRejected({ ...recorded(why), sectionId: BALCONY }, denied(2, BALCONY, 'SEAT_UNAVAILABLE'), refused(first))
  })

  it('ends it also for its limit, since no other section has these seats', () => {
    const why: SeatingRejection = { code: 'SECTION_LIMIT', limit: 2, have: 1, asked: 2 }
    given(...inTurn(cartOpened(CHOSEN), askedForChosen(1)))
      .when(recordRefusal(1, STALLS, why), asking)
      .thenRejected({ ...recorded(why), sectionId: STALLS }, denied(1, STALLS, 'SECTION_LIMIT'), refused())
  })

  it('is named as the section where it is a shard of one', () => {
    const wish: CartWish = { ...CHOSEN, chosen: [{ sectionId: section('floor~2'), seats: [seatIndex(1)] }], quantity: 1 }
    const why: SeatingRejection = { code: 'SEAT_NOT_FOUND' }
    given(...inTurn(cartOpened(wish), { ...asked(1, '', section('floor~2'), 1), seats: [seatIndex(1)] }))
      .when(recordRefusal(1, section('floor~2'), why), asking)
      .thenRejected({ ...recorded(why), sectionId: 'floor' }, denied(1, section('floor~2'), 'SEAT_NOT_FOUND'), refused())
  })
})

describe('A candidate that refuses', () => {
  const opened = [cartOpened(BEST), asked(1, 'together', STALLS, 4)]

  it('is not the end while the others were not asked for all seats side by side', () => {
    given(...inTurn(...opened))
      .when(recordRefusal(1, STALLS, notEnough(3)), asking)
      .then(denied(1, STALLS, 'NOT_ENOUGH_SEATS', 3), asked(2, 'together', BALCONY, 4))
    given(...inTurn(...opened))
      .when(recordRefusal(1, STALLS, notTogether('split-rows')), asking)
      .then(denied(1, STALLS, 'SEATS_NOT_TOGETHER', 9, 'split-rows'), asked(2, 'together', BALCONY, 4))
  })

  /** All three were asked for seats side by side; the gallery answers last. */
  const untilGallery = (stalls: SeatingRejection, balcony: SeatingRejection): readonly CartEvent[] => {
    const said = (attempt: number, of: typeof STALLS, why: SeatingRejection) => {
      const { have, step } = recorded(why)
      return denied(attempt, of, why.code, have ?? 0, step)
    }
    return [
      ...opened,
      said(1, STALLS, stalls),
      asked(2, 'together', BALCONY, 4),
      said(2, BALCONY, balcony),
      asked(3, 'together', GALLERY, 4),
    ]
  }

  it('leads to the round in parts over rows, of those that could seat the group so', () => {
    given(...inTurn(...untilGallery(notTogether('any'), notTogether('split-rows'))))
      .when(recordRefusal(3, GALLERY, notEnough(0)), asking)
      .then(denied(3, GALLERY, 'NOT_ENOUGH_SEATS', 0), asked(4, 'split', BALCONY, 4))
  })

  it('leads to the round of single seats, of all that have enough of them', () => {
    given(...inTurn(...untilGallery(notTogether('any'), notEnough(3))))
      .when(recordRefusal(3, GALLERY, notTogether('any')), asking)
      .then(denied(3, GALLERY, 'SEATS_NOT_TOGETHER', 9, 'any'), asked(4, 'any', STALLS, 4))
    const single = [denied(3, GALLERY, 'SEATS_NOT_TOGETHER', 9, 'any'), asked(4, 'any', STALLS, 4)]
    given(...inTurn(...untilGallery(notTogether('any'), notEnough(3)), ...single))
      .when(recordRefusal(4, STALLS, notEnough(2)), asking)
      .then(denied(4, STALLS, 'NOT_ENOUGH_SEATS', 2), asked(5, 'any', GALLERY, 4))
  })

  it('leads at last to what each has left, and those that have nothing are not asked', () => {
    given(...inTurn(...untilGallery(notEnough(0), notEnough(3))))
      .when(recordRefusal(3, GALLERY, notEnough(2)), asking)
      .then(denied(3, GALLERY, 'NOT_ENOUGH_SEATS', 2), asked(4, 'combined', BALCONY, 4))
  })

  it('ends the cart when nowhere is left, and says how many there were', () => {
    given(...inTurn(...untilGallery(notEnough(0), notEnough(0))))
      .when(recordRefusal(3, GALLERY, notEnough(0)), asking)
      .thenRejected({ code: 'NOT_ENOUGH_SEATS', asked: 4, have: 0 }, denied(3, GALLERY, 'NOT_ENOUGH_SEATS', 0), refused())
    const two = part(BALCONY, 2)
    const combined = [denied(3, GALLERY, 'NOT_ENOUGH_SEATS', 1), asked(4, 'combined', BALCONY, 4), granted(4, two)]
    given(...inTurn(...untilGallery(notEnough(0), notEnough(2)), ...combined, asked(5, 'combined', GALLERY, 2)))
      .when(recordRefusal(5, GALLERY, notEnough(0)), asking)
      .thenRejected({ code: 'NOT_ENOUGH_SEATS', asked: 4, have: 2 }, denied(5, GALLERY, 'NOT_ENOUGH_SEATS', 0), refused(two))
  })

  it('is not asked a second time by a party with a wheelchair, which stays together', () => {
    const wish = { ...BEST, candidates: BEST.candidates.slice(0, 1), accessible: true }
    given(...inTurn(cartOpened(wish), { ...asked(1, 'together', STALLS, 4), accessible: true }))
      .when(recordRefusal(1, STALLS, notTogether('split-rows')), asking)
      .thenRejected({ code: 'NOT_ENOUGH_SEATS', asked: 4, have: 4 }, denied(1, STALLS, 'SEATS_NOT_TOGETHER', 9, 'split-rows'), refused())
  })

  it('says to a party with a wheelchair what the best of all has, not what they have together', () => {
    const wish = { ...BEST, candidates: BEST.candidates.slice(0, 2), accessible: true }
    const accessibly = (attempt: number, of: typeof STALLS) => ({ ...asked(attempt, 'together', of, 4), accessible: true })
    given(...inTurn(cartOpened(wish), accessibly(1, STALLS), denied(1, STALLS, 'NOT_ENOUGH_SEATS', 3), accessibly(2, BALCONY)))
      .when(recordRefusal(2, BALCONY, notEnough(2)), asking)
      .thenRejected({ code: 'NOT_ENOUGH_SEATS', asked: 4, have: 3 }, denied(2, BALCONY, 'NOT_ENOUGH_SEATS', 2), refused())
  })

  const limit: SeatingRejection = { code: 'SECTION_LIMIT', limit: 2, have: 1, asked: 4 }

  it('for its limit is passed over for good, and the limit is the reason where nobody else has seats', () => {
    given(...inTurn(...opened))
      .when(recordRefusal(1, STALLS, limit), asking)
      .then(denied(1, STALLS, 'SECTION_LIMIT'), asked(2, 'together', BALCONY, 4))
    given(...inTurn(...untilGallery(notEnough(0), notEnough(0))))
      .when(recordRefusal(3, GALLERY, limit), asking)
      .thenRejected({ ...recorded(limit), sectionId: GALLERY }, denied(3, GALLERY, 'SECTION_LIMIT'), refused())
  })

  it('for the limit of a standing area ends the cart: its other shards are the same section', () => {
    given(...inTurn(cartOpened(STANDING), askedToStand(1, 'together', FLOOR[0], 4)))
      .when(recordRefusal(1, FLOOR[0], limit), asking)
      .thenRejected({ ...recorded(limit), sectionId: 'floor' }, denied(1, FLOOR[0], 'SECTION_LIMIT'), refused())
  })

  it('for what the sale itself forbids ends the cart', () => {
    const reasons: readonly SeatingRejection[] = [
      { code: 'SALE_NOT_OPEN', opensAtMs: epochMillis(900), closedAtMs: null },
      { code: 'PURCHASE_LIMIT', limit: 2, have: 1, asked: 4 },
      { code: 'SEATS_PER_HOLD', limit: 3, asked: 4 },
      { code: 'SECTION_NOT_OPEN' },
      { code: 'NOT_PERMITTED' },
    ]
    for (const why of reasons) {
      const { have } = recorded(why)
      given(...inTurn(...opened))
        .when(recordRefusal(1, STALLS, why), asking)
        .thenRejected({ ...recorded(why), sectionId: STALLS }, denied(1, STALLS, why.code, have ?? 0), refused())
    }
  })

  it('changes nothing when nobody waits for it any more', () => {
    const stories: readonly (readonly CartEvent[])[] = [
      [...opened, denied(1, STALLS, 'NOT_ENOUGH_SEATS', 3), asked(2, 'together', BALCONY, 4)],
      [...opened, denied(1, STALLS, 'SECTION_NOT_OPEN'), refused()],
      [...opened, granted(1, part(STALLS, 4)), held([part(STALLS, 4)], 2_000)],
      [],
    ]
    for (const story of stories)
      given(...inTurn(...story))
        .when(recordRefusal(1, STALLS, notEnough(0)), asking)
        .thenNothing()
  })

  it('is recorded by the system alone', () => {
    for (const actor of [ANNA, ORGANISER])
      given(...inTurn(...opened))
        .when(recordRefusal(1, STALLS, notEnough(0)), { ...asking, actor })
        .thenRejected({ code: 'NOT_PERMITTED' })
  })
})

describe('A section that does not answer', () => {
  const opened = [cartOpened(CHOSEN), askedForChosen(1)]
  const [first] = CHOSEN_PARTS as [never]
  const overdue = { type: 'CartOverdue', ...OF_CART, openedBy: OPENED_BY, attempt: 1, sectionId: STALLS } as const
  const UNANSWERED = recorded({ code: 'PART_UNANSWERED' })
  const DUE_MS = OPENED_MS + 10 + ANSWER_WITHIN_MS // The try was asked ten milliseconds after the opening.

  it('is given its time to the last millisecond, and each try anew', () => {
    given(...inTurn(...opened))
      .when(TICK, { actor: SYSTEM, at: DUE_MS - 1 })
      .thenNothing()
    given(...inTurn(...opened))
      .when(TICK, { actor: SYSTEM, at: DUE_MS })
      .then(overdue)
    given(...inTurn(...opened), at(DUE_MS - 1, granted(1, first)), at(DUE_MS - 1, askedForChosen(2)))
      .when(TICK, { actor: SYSTEM, at: DUE_MS })
      .thenNothing()
  })

  it('is told of once; and again when the refusal did not follow in its time either', () => {
    const told = [...inTurn(...opened), at(DUE_MS, overdue)]
    given(...told)
      .when(TICK, { actor: SYSTEM, at: DUE_MS })
      .thenNothing()
    given(...told)
      .when(TICK, { actor: SYSTEM, at: DUE_MS + ANSWER_WITHIN_MS })
      .then(overdue)
  })

  it('is told of together with others, the longest waiting first, and beside what lapsed', () => {
    const [before, after] = [commandNamed('bernd'), commandNamed('clara')]
    const of = (openedBy: typeof before, atMs: number) => ({ holdId: cartOf(openedBy, atMs), openedBy })
    const openedAt = (openedBy: typeof before, atMs: number) => [
      at(atMs, { ...cartOpened(CHOSEN), ...of(openedBy, atMs) }),
      at(atMs, { ...askedForChosen(1), holdId: of(openedBy, atMs).holdId }),
    ]
    const one = part(GALLERY, 1)
    const sole = { ...CHOSEN, quantity: 1 }
    const lapsing = commandNamed('dora')
    const dora = of(lapsing, 10).holdId
    const holding = [
      at(10, { ...cartOpened(sole), ...of(lapsing, 10) }),
      at(10, { ...askedForChosen(1), holdId: dora }),
      at(11, { ...granted(1, one), holdId: dora }),
      at(11, { ...held([one], 1_011), holdId: dora }),
    ]
    given(...holding, ...openedAt(after, 90), ...openedAt(before, 80), ...inTurn(...opened))
      .when(TICK, { actor: SYSTEM, at: DUE_MS - 10 })
      .then(
        { type: 'CartExpired', ...OF_CART, holdId: dora, parts: [one] },
        { ...overdue, ...of(before, 80) },
        { ...overdue, ...of(after, 90) },
      )
  })

  it('makes the cart refuse, and what it had goes back', () => {
    given(...inTurn(...opened), at(DUE_MS, overdue))
      .when(recordRefusal(1, STALLS, UNANSWERED as never), { actor: SYSTEM, at: DUE_MS + 5 })
      .thenRejected({ ...UNANSWERED, sectionId: STALLS }, denied(1, STALLS, 'PART_UNANSWERED'), refused())
    given(...inTurn(...opened, granted(1, first), askedForChosen(2)))
      .when(recordRefusal(2, BALCONY, UNANSWERED as never), asking)
      .thenRejected({ ...UNANSWERED, sectionId: BALCONY }, denied(2, BALCONY, 'PART_UNANSWERED'), refused(first))
    given(...inTurn(cartOpened(BEST), asked(1, 'together', STALLS, 4)))
      .when(recordRefusal(1, STALLS, UNANSWERED as never), asking)
      .thenRejected({ ...UNANSWERED, sectionId: STALLS }, denied(1, STALLS, 'PART_UNANSWERED'), refused())
  })

  it('is in time when its answer comes before the refusal, which then has nothing to refuse', () => {
    const told = [...inTurn(...opened), at(DUE_MS, overdue)]
    given(...told)
      .when(recordPart(1, first), { actor: SYSTEM, at: DUE_MS + 5 })
      .then(granted(1, first), askedForChosen(2))
    given(...told, at(DUE_MS + 5, granted(1, first)), at(DUE_MS + 5, askedForChosen(2)))
      .when(recordRefusal(1, STALLS, UNANSWERED as never), { actor: SYSTEM, at: DUE_MS + 6 })
      .thenNothing()
  })

  it('and answers after all gets its seats back', () => {
    given(...inTurn(...opened), at(DUE_MS, overdue), at(DUE_MS + 5, denied(1, STALLS, 'PART_UNANSWERED')), at(DUE_MS + 5, refused()))
      .when(recordPart(1, first), { actor: SYSTEM, at: DUE_MS + 6 })
      .then({ type: 'PartReturned', holdId: CART, performanceId: OF_CART.performanceId, part: first })
  })
})
