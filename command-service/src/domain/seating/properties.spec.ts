import assert from 'node:assert/strict'
import type { Actor } from '@cavea/contracts/envelope'
import { type BlockId, epochMillis, type HoldId } from '@cavea/contracts/ids'
import type { SeatingCommand, SeatingEvent, SectionTerms } from '@cavea/contracts/seating/messages'
import fc from 'fast-check'
import { givenOf, type Recorded } from '../specification.ts'
import { seating } from './decider.ts'
import { ANNA, BERND, blockNamed, blockSeats, commandNamed, holdNamed, holdSeats, ORGANISER, opened, SYSTEM, TERMS } from './examples.ts'
import { Model } from './model.ts'
import { BLOCKED, HELD, type SeatingState, SOLD } from './state.ts'

const SEATS = 6
const ON_HOLD = ['ExtendHold', 'ReleaseHold', 'SellHold'] as const

const SEAT_LIST = fc.oneof(
  { weight: 8, arbitrary: fc.uniqueArray(fc.nat(SEATS - 1), { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.array(fc.integer({ min: -1, max: SEATS }), { maxLength: 3 }) },
)
const STEP = fc.record({
  afterMs: fc.oneof(fc.constant(0), fc.nat(200), fc.constantFrom(400, 500, 501)),
  actor: fc.constantFrom<Actor>(ANNA, ANNA, BERND, BERND, ORGANISER, SYSTEM),
  which: fc.nat(),
  doing: fc.oneof(
    { weight: 5, arbitrary: fc.record({ type: fc.constant('HoldSeats' as const), seats: SEAT_LIST }) },
    { weight: 5, arbitrary: fc.record({ type: fc.constantFrom(...ON_HOLD) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('BlockSeats' as const), seats: SEAT_LIST }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('UnblockSeats' as const) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('Tick' as const) }) },
  ),
})
const LIMITS = fc.record({
  purchaseLimit: fc.constantFrom(null, 2, 3),
  seatsPerHoldMax: fc.constantFrom(2, 4),
  holdMaxMs: fc.constantFrom(400, 900, 1_200),
  saleStartsAtMs: fc.constantFrom(null, epochMillis(1_100)),
  saleEndsAtMs: fc.constantFrom(null, epochMillis(3_000)),
})
type Step = typeof STEP extends fc.Arbitrary<infer Value> ? Value : never

interface Run {
  readonly state: SeatingState
  readonly log: readonly Recorded<SeatingEvent>[]
}

function assertSound(state: SeatingState): void {
  for (const section of state.sections.values()) {
    const owners = new Map<number, string>()
    for (const [kind, claims] of [
      ['hold', state.holds],
      ['block', state.blocks],
    ] as const) {
      for (const claim of claims.values())
        for (const seat of claim.seats) {
          assert.ok(!owners.has(seat), `seat ${seat} has two owners`)
          owners.set(seat, kind)
          assert.equal(section.claims[seat], claim)
        }
    }
    const counts = [0, 0, 0, 0]
    for (let seat = 0; seat < section.seatCount; seat++) {
      const status = section.status[seat] ?? -1
      counts[status] = (counts[status] ?? Number.NaN) + 1
    }
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      section.seatCount,
    )
    assert.equal(owners.size, section.seatCount - (counts[0] ?? 0), 'a seat that is not free has no owner, or a free one has')
    const sold = [...state.holds.values()].filter(({ status }) => status === 'sold').flatMap(({ seats }) => seats)
    assert.equal(counts[SOLD], sold.length)
    assert.equal(counts[BLOCKED], [...state.blocks.values()].flatMap(({ seats }) => seats).length)
    assert.equal(counts[HELD], owners.size - sold.length - (counts[BLOCKED] ?? 0))
  }
}

/** What anybody may see at that time: a hold whose time is over is no more, recorded or not. */
function seatIs(state: SeatingState, seat: number, now: number): string {
  const [section] = state.sections.values()
  const claim = section?.claims[seat]
  if (claim === null || claim === undefined) return 'free'
  if ('blockId' in claim) return 'blocked'
  return claim.status === 'sold' ? 'sold' : now < claim.expiresAtMs ? 'held' : 'free'
}

/** Decides the steps one by one beside the model, and compares after each. */
function run(limits: Partial<SectionTerms>, steps: readonly Step[]): Run {
  const terms: SectionTerms = { ...TERMS, holdTtlMs: 500, extensionMs: 300, extensions: 2, ...limits }
  const model = new Model(SEATS, terms)
  const state = seating.initialState()
  const log: Recorded<SeatingEvent>[] = []
  const record = (event: SeatingEvent, ms: number): void => {
    seating.evolve(state, event, epochMillis(ms))
    log.push({ atMs: epochMillis(ms), event })
  }
  record({ ...opened(terms), seatCount: SEATS }, 1)

  const untilOf = new Map<string, number>()
  const timeOf = new Map<number, number>()
  let now = 1_000
  for (const [number, { afterMs, actor, which, doing }] of steps.entries()) {
    now += afterMs
    timeOf.set(number, now)
    const earlier = which % (number + 1)
    const named = {
      holdId: holdNamed(`c${earlier}`, timeOf.get(earlier) ?? now) as HoldId,
      blockId: blockNamed(`c${earlier}`, now) as BlockId,
    }
    const { command, expected } = expectation(model, number, earlier, { actor, doing, now }, named)
    const given = givenOf(command.type, { actor, at: now, commandId: commandNamed(`c${number}`) })

    const before = seating.encodeState(state)
    const { events, rejection } = seating.decide(command, state, given)
    assert.deepEqual(seating.encodeState(state), before, 'deciding changed the state')
    assert.equal(rejection?.code ?? 'accepted', expected, `${command.type} by ${actor.id} at ${now}`)
    if (rejection !== null)
      assert.ok(
        events.every(({ type }) => type === 'HoldExpired'),
        'a refusal did more than record lapses',
      )

    for (const event of events) {
      if (event.type === 'SeatsHeld' || event.type === 'HoldExtended') untilOf.set(event.holdId, event.expiresAtMs)
      if (event.type === 'HoldExpired') assert.ok(now >= (untilOf.get(event.holdId) ?? Number.POSITIVE_INFINITY), 'a hold expired early')
      if (event.type === 'SeatsSold') assert.ok(now < (untilOf.get(event.holdId) ?? 0), 'a lapsed hold was sold')
      if (event.type === 'SeatsHeld' && command.type === 'HoldSeats') assert.deepEqual(event.seats, command.seats, 'not all or nothing')
      record(event, now)
    }
    assertSound(state)
    for (let seat = 0; seat < SEATS; seat++) assert.equal(seatIs(state, seat, now), model.seat(seat, now), `seat ${seat}`)
    // An extension is told from its repetition by its command id alone, which the worker remembers for longer than holds live.
    if (command.type !== 'ExtendHold')
      assert.deepEqual(seating.decide(command, state, given).events, [], 'the same command twice records more')
    if (command.type === 'Tick') assert.ok((seating.nextDueMs(state) ?? Number.POSITIVE_INFINITY) > now, 'a tick left a lapse')
  }
  return { state, log }
}

function expectation(
  model: Model,
  number: number,
  earlier: number,
  { actor, doing, now }: { readonly actor: Actor; readonly doing: Step['doing']; readonly now: number },
  { holdId, blockId }: { readonly holdId: HoldId; readonly blockId: BlockId },
): { command: SeatingCommand; expected: string } {
  switch (doing.type) {
    case 'HoldSeats':
      return { command: holdSeats(...doing.seats), expected: model.hold(number, actor.id, actor.kind === 'buyer', doing.seats, now) }
    case 'BlockSeats':
      return {
        command: blockSeats(...doing.seats),
        expected: actor.kind === 'organiser' ? model.block(number, doing.seats, now) : 'NOT_PERMITTED',
      }
    case 'UnblockSeats':
      return {
        command: { type: 'UnblockSeats', blockId },
        expected: actor.kind === 'organiser' ? model.unblock(earlier) : 'BLOCK_NOT_FOUND',
      }
    case 'Tick':
      return { command: { type: 'Tick' }, expected: 'accepted' }
    default:
      return { command: { type: doing.type, holdId }, expected: model.onHold(doing.type, earlier, actor, now) }
  }
}

const STEPS = fc.array(STEP, { maxLength: 60, size: 'max' })

describe('Seating, for any commands at any times', () => {
  it('decides as the rules say: no seat has two owners, every count adds up, all or nothing, nothing expires early', () => {
    fc.assert(
      fc.property(LIMITS, STEPS, (limits, steps) => void run(limits, steps)),
      { numRuns: 400 },
    )
  })

  it('replays to the same state from the beginning and from a snapshot at any place', () => {
    fc.assert(
      fc.property(LIMITS, STEPS, fc.nat(), (limits, steps, anywhere) => {
        const { state, log } = run(limits, steps)
        const live = seating.encodeState(state)
        const split = anywhere % (log.length + 1)
        let replayed = seating.initialState()
        for (const [at, { atMs, event }] of log.entries()) {
          if (at === split) replayed = seating.decodeState(seating.encodeState(replayed))
          seating.evolve(replayed, event, atMs)
        }
        assert.deepEqual(seating.encodeState(replayed), live)
        assert.deepEqual(seating.encodeState(seating.decodeState(live)), live)
        assert.equal(replayed.nextExpiryMs(), state.nextExpiryMs())
        const far = epochMillis(1e9)
        assert.deepEqual(
          replayed.lapsed(far, 100).map(({ key }) => key),
          state.lapsed(far, 100).map(({ key }) => key),
        )
        assertSound(replayed)
      }),
      { numRuns: 200 },
    )
  })

  it('refuses to fold a log that gives one seat to two', () => {
    const state = seating.initialState()
    seating.evolve(state, opened(), epochMillis(1))
    const held = (name: string) =>
      ({ ...seating.decide(holdSeats(1), state, givenOf('HoldSeats', { actor: ANNA, at: 5, commandId: commandNamed(name) })) }).events
    const [first, second] = [held('a'), held('b')]
    for (const event of first) seating.evolve(state, event, epochMillis(5))
    assert.throws(() => {
      for (const event of second) seating.evolve(state, event, epochMillis(5))
    }, /it is taken/)
  })
})
