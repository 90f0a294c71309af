import type { CartOpened, CartWish, OpenCart } from '@cavea/contracts/cart/messages'
import type { Actor } from '@cavea/contracts/envelope'
import { at, COMMAND_ID, specification } from '../specification.ts'
import { cart } from './decider.ts'
import {
  ANNA,
  asked,
  askedForChosen,
  askedToStand,
  BALCONY,
  BERND,
  BEST,
  CHOSEN,
  CHOSEN_PARTS,
  candidate,
  cartOf,
  cartOpened,
  denied,
  FLOOR,
  GALLERY,
  granted,
  held,
  inTurn,
  newCart,
  OF_CART,
  ORGANISER,
  openCart,
  part,
  recordPart,
  refused,
  STALLS,
  STANDING,
  SYSTEM,
  section,
} from './examples.ts'

const given = specification(cart)

/** What the command under test opens at 500, and its first try. */
const newlyOpened = (wish: CartWish, actor: Actor = ANNA): CartOpened => ({
  ...cartOpened(wish, {}, actor),
  holdId: newCart(500),
  openedBy: COMMAND_ID,
})
const ofNew = (actor: Actor = ANNA) => ({ holdId: newCart(500), buyerKind: actor.kind, buyer: actor.id })
const asking = (actor: Actor) => ({ actor, at: 500 })

describe('Opening a cart', () => {
  it('asks the first section for the seats that the buyer chose there', () => {
    given()
      .when(openCart(CHOSEN), asking(ANNA))
      .then(newlyOpened(CHOSEN), { ...askedForChosen(1), ...ofNew() })
  })

  it('ranks the candidates once: those with enough or of which nobody knows first, the nearer the better; empty ones not at all', () => {
    const [few, empty, unknown, near, far, tie] = [
      candidate(section('few'), 3, 1),
      candidate(section('empty'), 0, 0),
      candidate(section('unknown'), -1, 30),
      candidate(section('near'), 4, 20),
      candidate(section('far'), 99, 40),
      candidate(section('also-near'), 5, 20),
    ] as const
    given()
      .when(openCart({ ...BEST, candidates: [few, empty, unknown, near, far, tie] }), asking(ANNA))
      .then(newlyOpened({ ...BEST, candidates: [tie, near, unknown, far, few] }), {
        ...asked(1, 'together', section('also-near'), 4),
        ...ofNew(),
      })
  })

  it('asks in the words of the wish', () => {
    const wish = { ...BEST, categories: ['A', 'B'], accessible: true }
    given()
      .when(openCart(wish), asking(ANNA))
      .then(newlyOpened(wish), { ...asked(1, 'together', STALLS, 4), categories: ['A', 'B'], accessible: true, ...ofNew() })
  })

  it('begins with the shard that its own key says, and goes through them in a circle', () => {
    const [first, second, third] = STANDING.candidates
    given()
      .when(openCart(STANDING), asking(ANNA))
      .then(newlyOpened({ ...STANDING, candidates: [second, third, first] as never }), {
        ...askedToStand(1, 'together', FLOOR[1], 4),
        ...ofNew(),
      })
  })

  it('is refused at once where no candidate has anything', () => {
    for (const candidates of [[], [candidate(STALLS, 0), candidate(BALCONY, 0)]])
      given()
        .when(openCart({ ...BEST, candidates }), asking(ANNA))
        .thenRejected({ code: 'NOT_ENOUGH_SEATS', asked: 4, have: 0 })
  })

  it('counts all its seats together against the limit of a hold, which does not bind the box office', () => {
    const wish = { ...BEST, quantity: 7 }
    given().when(openCart(wish), asking(ANNA)).thenRejected({ code: 'SEATS_PER_HOLD', limit: 6, asked: 7 })
    given()
      .when(openCart({ ...BEST, quantity: 6 }), asking(ANNA))
      .then(newlyOpened({ ...BEST, quantity: 6 }), { ...asked(1, 'together', STALLS, 6), ...ofNew() })
    given()
      .when(openCart(wish), asking(ORGANISER))
      .then(newlyOpened(wish, ORGANISER), { ...asked(1, 'together', STALLS, 7), ...ofNew(ORGANISER) })
  })

  it('is for buyers of every organisation, since they belong to none', () => {
    given()
      .when(openCart(CHOSEN), { ...asking(ANNA), organisation: '' })
      .then(newlyOpened(CHOSEN), { ...askedForChosen(1), ...ofNew() })
  })

  it('is not for the box office of another organisation, which would be bound by no limit', () => {
    given()
      .when(openCart(BEST), { ...asking(ORGANISER), organisation: 'org_circus' })
      .thenRejected({ code: 'NOT_PERMITTED' })
  })

  it('records nothing when its command comes again after its id was forgotten, whatever became of the cart', () => {
    const again: OpenCart = openCart(CHOSEN)
    const own = { holdId: cartOf(COMMAND_ID, 100), openedBy: COMMAND_ID }
    const opened = [at(100, { ...cartOpened(CHOSEN), ...own }), at(100, { ...askedForChosen(1), ...own })]
    const [first, second, third] = CHOSEN_PARTS as [never, never, never]
    const granting = [first, second, third].map((one, turn) => at(110 + turn, { ...granted(turn + 1, one), ...own }))
    const holding = at(120, { ...held(CHOSEN_PARTS, 1_120), ...own })
    const cases = [
      [],
      [at(110, { ...refused(), ...own })],
      [...granting, holding],
      [...granting, holding, at(130, { type: 'CartSold' as const, ...OF_CART, ...own, parts: CHOSEN_PARTS })],
      [...granting, holding, at(130, { type: 'CartReleased' as const, ...OF_CART, ...own, parts: CHOSEN_PARTS })],
    ]
    for (const then of cases)
      given(...opened, ...then)
        .when(again, asking(ANNA))
        .thenNothing()
  })
})

describe('A part that a section grants', () => {
  const opened = [cartOpened(CHOSEN), askedForChosen(1)]
  const [first, second, third] = CHOSEN_PARTS as [never, never, never]

  it('leads to the next section of which the buyer chose seats', () => {
    given(...inTurn(...opened))
      .when(recordPart(1, first), asking(SYSTEM))
      .then(granted(1, first), askedForChosen(2))
    given(...inTurn(...opened, granted(1, first), askedForChosen(2)))
      .when(recordPart(2, second), asking(SYSTEM))
      .then(granted(2, second), askedForChosen(3))
  })

  const almost = [...opened, granted(1, first), askedForChosen(2), granted(2, second), askedForChosen(3)]

  it('makes the cart a hold when it is the last one, from then on for as long as its terms say', () => {
    given(...inTurn(...almost))
      .when(recordPart(3, third), asking(SYSTEM))
      .then(granted(3, third), held(CHOSEN_PARTS, 1_500))
    given(...inTurn(cartOpened(CHOSEN, { holdMaxMs: 700 }), ...almost.slice(1)))
      .when(recordPart(3, third), asking(SYSTEM))
      .then(granted(3, third), held(CHOSEN_PARTS, 1_200))
  })

  it('makes the cart a hold at once when one section has all', () => {
    const all = part(STALLS, 4, { step: 'adjacent' })
    given(...inTurn(cartOpened(BEST), asked(1, 'together', STALLS, 4)))
      .when(recordPart(1, all), asking(SYSTEM))
      .then(granted(1, all), held([all], 1_500))
  })

  const nobodyHasAll = [
    cartOpened(BEST),
    asked(1, 'together', STALLS, 4),
    denied(1, STALLS, 'NOT_ENOUGH_SEATS', 2),
    asked(2, 'together', BALCONY, 4),
    denied(2, BALCONY, 'NOT_ENOUGH_SEATS', 1),
    asked(3, 'together', GALLERY, 4),
    denied(3, GALLERY, 'NOT_ENOUGH_SEATS', 3),
    asked(4, 'combined', STALLS, 4),
  ]

  it('is taken as it is where sections are combined, and the next one is asked for the rest', () => {
    const two = part(STALLS, 2)
    given(...inTurn(...nobodyHasAll))
      .when(recordPart(4, two), asking(SYSTEM))
      .then(granted(4, two), asked(5, 'combined', BALCONY, 2))
  })

  it('does not help where nobody has the rest any more: the cart is refused and all parts go back', () => {
    const [two, one] = [part(STALLS, 2), part(BALCONY, 1)]
    const rest = [
      granted(4, two),
      asked(5, 'combined', BALCONY, 2),
      denied(5, BALCONY, 'NOT_ENOUGH_SEATS'),
      asked(6, 'combined', GALLERY, 2),
    ]
    const last = part(GALLERY, 1, { from: 4 })
    given(...inTurn(...nobodyHasAll, ...rest))
      .when(recordPart(6, last), asking(SYSTEM))
      .thenRejected({ code: 'NOT_ENOUGH_SEATS', asked: 4, have: 3 }, granted(6, last), refused(two, last))
    given(...inTurn(...nobodyHasAll, granted(4, two), asked(5, 'combined', BALCONY, 2)))
      .when(recordPart(5, one), asking(SYSTEM))
      .then(granted(5, one), asked(6, 'combined', GALLERY, 1))
  })

  it('changes nothing when it is told a second time', () => {
    given(...inTurn(...opened, granted(1, first), askedForChosen(2)))
      .when(recordPart(1, first), asking(SYSTEM))
      .thenNothing()
    for (const sold of [[], [{ type: 'CartSold', ...OF_CART, parts: CHOSEN_PARTS } as const]])
      given(...inTurn(...almost, granted(3, third), held(CHOSEN_PARTS, 2_000), ...sold))
        .when(recordPart(3, third), asking(SYSTEM))
        .thenNothing()
  })

  it('goes back when nobody waits for it: the cart went on, was refused, ended, or never was', () => {
    const late = part(STALLS, 2, { from: 7 })
    const returned = { type: 'PartReturned', ...OF_CART, part: late } as const
    const stories = [
      [...opened, granted(1, first), askedForChosen(2)],
      [...opened, denied(1, STALLS, 'PART_UNANSWERED'), refused()],
      [...almost, granted(3, third), held(CHOSEN_PARTS, 2_000)],
      [...almost, granted(3, third), held(CHOSEN_PARTS, 2_000), { type: 'CartReleased', ...OF_CART, parts: CHOSEN_PARTS } as const],
      [],
    ]
    for (const story of stories)
      given(...inTurn(...story))
        .when(recordPart(1, late), asking(SYSTEM))
        .then(returned)
  })

  it('is recorded by the system alone', () => {
    for (const actor of [ANNA, BERND, ORGANISER])
      given(...inTurn(...opened))
        .when(recordPart(1, first), asking(actor))
        .thenRejected({ code: 'NOT_PERMITTED' })
  })
})

describe('The limits of a buyer, over all streams of a cart', () => {
  const opened = (limits: Parameters<typeof cartOpened>[1], actor = ANNA) => [cartOpened(CHOSEN, limits, actor), askedForChosen(1)]
  const [first, second, third] = CHOSEN_PARTS as [never, never, never]

  it('count what the buyer has in those streams already, this cart included', () => {
    const until = [granted(1, first, 3), askedForChosen(2)] // One seat more than the part: bought before.
    given(...inTurn(...opened({ purchaseLimit: 6 }), ...until, granted(2, second), askedForChosen(3)))
      .when(recordPart(3, third), asking(SYSTEM))
      .then(granted(3, third), held(CHOSEN_PARTS, 1_500))
    given(...inTurn(...opened({ purchaseLimit: 5 }), ...until, granted(2, second), askedForChosen(3)))
      .when(recordPart(3, third), asking(SYSTEM))
      .thenRejected({ code: 'PURCHASE_LIMIT', limit: 5, have: 1, asked: 5 }, granted(3, third), refused(...CHOSEN_PARTS))
  })

  it('end the cart as soon as they are passed, and say what the buyer had before it', () => {
    given(...inTurn(...opened({ purchaseLimit: 5 }), granted(1, first, 4), askedForChosen(2)))
      .when(recordPart(2, second, 2), asking(SYSTEM))
      .thenRejected({ code: 'PURCHASE_LIMIT', limit: 5, have: 3, asked: 5 }, granted(2, second, 2), refused(first, second))
  })

  it('count the shards of one standing area together', () => {
    const [two, other] = [part(FLOOR[1], 2), part(FLOOR[2], 2)]
    const story = (sectionLimit: number) => [
      cartOpened({ ...STANDING, candidates: [FLOOR[1], FLOOR[2]].map((shard) => candidate(shard, 9)) }, { sectionLimit }),
      askedToStand(1, 'together', FLOOR[1], 4),
      denied(1, FLOOR[1], 'NOT_ENOUGH_SEATS', 2),
      askedToStand(2, 'together', FLOOR[2], 4),
      denied(2, FLOOR[2], 'NOT_ENOUGH_SEATS', 2),
      askedToStand(3, 'combined', FLOOR[1], 4),
      granted(3, two),
      askedToStand(4, 'combined', FLOOR[2], 2),
    ]
    given(...inTurn(...story(5)))
      .when(recordPart(4, other, 3), asking(SYSTEM))
      .then(granted(4, other, 3), held([two, other], 1_500))
    given(...inTurn(...story(4)))
      .when(recordPart(4, other, 3), asking(SYSTEM))
      .thenRejected({ code: 'SECTION_LIMIT', limit: 4, have: 1, asked: 4 }, granted(4, other, 3), refused(two, other))
  })

  it('count each section by itself', () => {
    given(...inTurn(...opened({ sectionLimit: 2 }), granted(1, first), askedForChosen(2), granted(2, second), askedForChosen(3)))
      .when(recordPart(3, third), asking(SYSTEM))
      .then(granted(3, third), held(CHOSEN_PARTS, 1_500))
    given(...inTurn(...opened({ sectionLimit: 2 }), granted(1, first), askedForChosen(2), granted(2, second), askedForChosen(3)))
      .when(recordPart(3, third, 3), asking(SYSTEM))
      .thenRejected({ code: 'SECTION_LIMIT', limit: 2, have: 1, asked: 5 }, granted(3, third, 3), refused(...CHOSEN_PARTS))
  })

  it('do not bind the box office', () => {
    const by = { buyerKind: ORGANISER.kind, buyer: ORGANISER.id }
    given(...inTurn(...opened({ purchaseLimit: 1, sectionLimit: 1 }, ORGANISER)))
      .when(recordPart(1, first, 9), asking(SYSTEM))
      .then(granted(1, first, 9), { ...askedForChosen(2), ...by })
  })
})
