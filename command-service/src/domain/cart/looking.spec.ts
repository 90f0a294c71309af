import assert from 'node:assert/strict'
import type { Candidate, CartPart, CartRound } from '@cavea/contracts/cart/messages'
import { CART_ROUNDS } from '@cavea/contracts/cart/messages'
import { derivedKey, type SectionId } from '@cavea/contracts/ids'
import { BEST_AVAILABLE_STEPS } from '@cavea/contracts/seats'
import fc from 'fast-check'
import { BEST, CHOSEN, CHOSEN_PARTS, candidate, commandNamed, part, STANDING, section } from './examples.ts'
import { type Ask, nextAsk, type Progress, rank, seatsIn } from './looking.ts'
import { type Answer, answer, expected, type Truth } from './model.ts'

const SECTIONS_MAX = 6
const SEATS_MAX = 8
const ROUNDS: readonly string[] = CART_ROUNDS

const AVAILABLE = fc.oneof({ weight: 1, arbitrary: fc.constantFrom(-1, 0) }, { weight: 3, arbitrary: fc.nat(SEATS_MAX) })
const CANDIDATES: fc.Arbitrary<readonly Candidate[]> = fc
  .array(fc.record({ available: AVAILABLE, distance: fc.nat(3) }), { maxLength: SECTIONS_MAX })
  .map((all) => all.map(({ available, distance }, at) => candidate(section(`section ${at}`), available, distance)))
const QUANTITY = fc.integer({ min: 1, max: SEATS_MAX })
const WISH = fc.record({
  candidates: CANDIDATES,
  quantity: QUANTITY,
  standing: fc.constant(false),
  accessible: fc.constantFrom(false, false, false, true),
})
const STANDING_WISH = fc.record({
  candidates: CANDIDATES,
  quantity: QUANTITY,
  standing: fc.constant(true),
  accessible: fc.constant(false),
})

/** Sections with any rule: a group may sit well where a smaller one is refused, and not at all although seats are free. */
const ANY_TRUTH: fc.Arbitrary<Truth> = fc
  .record({
    free: fc.nat(SEATS_MAX),
    steps: fc.array(fc.constantFrom(undefined, ...BEST_AVAILABLE_STEPS), { minLength: SEATS_MAX, maxLength: SEATS_MAX }),
  })
  .map(({ free, steps }) => ({ free, stepOf: (group: number) => (group <= free ? steps[group - 1] : undefined) }))
/** Sections without a rule against single seats: all that is free can be had, somehow. */
const PLAIN_TRUTH: fc.Arbitrary<Truth> = fc
  .record({ free: fc.nat(SEATS_MAX), together: fc.nat(SEATS_MAX), split: fc.nat(SEATS_MAX) })
  .map(({ free, together, split }) => ({
    free,
    stepOf: (group: number) => (group <= together ? 'adjacent' : group <= split ? 'split-rows' : 'any'),
  }))
/** Places to stand: as many as are free, all alike. */
const STANDING_TRUTH: fc.Arbitrary<Truth> = fc.nat(SEATS_MAX).map((free) => ({ free, stepOf: () => 'any' }))
const truths = (truth: fc.Arbitrary<Truth>) => fc.array(truth, { minLength: SECTIONS_MAX, maxLength: SECTIONS_MAX })

interface Walk {
  readonly asks: readonly Ask[]
  readonly parts: readonly CartPart[]
  readonly isHeld: boolean
}

/** Asks on and on, as the decider does, until there is enough or nowhere is left. `answers` says what each ask meets. */
function walk(wish: Omit<Progress['wish'], 'chosen'>, answers: (ask: Ask, number: number) => Answer): Walk {
  const asks: Ask[] = []
  let progress: Progress = {
    wish: { ...wish, chosen: [] },
    asked: { round: '', sectionId: '' as SectionId },
    parts: [],
    refused: new Map(),
  }
  while (seatsIn(progress.parts) < wish.quantity) {
    const ask = nextAsk(progress)
    if (ask === undefined) return { asks, parts: progress.parts, isHeld: false }
    const { round, sectionId } = ask
    const said = answers(ask, asks.push(ask))
    assert.ok(asks.length <= CART_ROUNDS.length * wish.candidates.length, 'the walk does not end')
    if ('code' in said) progress = { ...progress, refused: new Map(progress.refused).set(sectionId, { have: said.have, step: said.step }) }
    else progress = { ...progress, parts: [...progress.parts, part(sectionId, said.granted)] }
    progress = { ...progress, asked: { round, sectionId } }
  }
  return { asks, parts: progress.parts, isHeld: true }
}

function truthOf(candidates: readonly Candidate[], truths: readonly Truth[]): (of: { readonly sectionId: SectionId }) => Truth {
  const known = new Map(candidates.map(({ sectionId }, at) => [sectionId, truths[at] as Truth]))
  return ({ sectionId }) => known.get(sectionId) as Truth
}

const sizes = (parts: readonly CartPart[]) => new Map(parts.map(({ sectionId, seats }) => [sectionId, seats.length]))
const roundsOf = (asks: readonly Ask[], round: CartRound) => asks.filter((ask) => ask.round === round).map(({ sectionId }) => sectionId)

describe('A cart that looks for seats', () => {
  it('finds what anybody would who knew every section, and asks for no more than it wants', () => {
    fc.assert(
      fc.property(WISH, truths(ANY_TRUTH), (wish, truths) => {
        const ask = truthOf(wish.candidates, truths)
        const { parts, isHeld } = walk(wish, (asked) => answer(ask(asked), asked))
        const should = expected(wish, ask)
        assert.equal(isHeld, should !== undefined)
        if (should !== undefined) assert.deepEqual(sizes(parts), should)
      }),
      { numRuns: 2_000 },
    )
  })

  it('ends whatever it is told, and asks each section at most once in a round', () => {
    const said = fc.record({
      grants: fc.boolean(),
      granted: fc.nat(SEATS_MAX),
      have: fc.nat(SEATS_MAX),
      step: fc.constantFrom('' as const, ...BEST_AVAILABLE_STEPS),
    })
    const any = fc.array(said, { minLength: SECTIONS_MAX * CART_ROUNDS.length, maxLength: SECTIONS_MAX * CART_ROUNDS.length })
    fc.assert(
      fc.property(fc.oneof(WISH, STANDING_WISH), any, (wish, answers) => {
        const { asks, isHeld, parts } = walk(wish, ({ atLeast, quantity }, number): Answer => {
          const { grants, granted, have, step } = answers[number - 1] ?? assert.fail('it asks too often')
          if (grants) return { granted: Math.max(atLeast, Math.min(granted, quantity)) }
          return { granted: 0, code: 'NOT_ENOUGH_SEATS', have, step }
        })
        assert.equal(new Set(asks.map(({ round, sectionId }) => `${round} ${sectionId}`)).size, asks.length)
        const order = asks.map(({ round }) => ROUNDS.indexOf(round))
        assert.deepEqual(
          order,
          order.toSorted((a, b) => a - b),
          'a round comes again',
        )
        assert.ok(seatsIn(parts) <= wish.quantity, 'it has more than it wants')
        if (!isHeld)
          assert.deepEqual(
            roundsOf(asks, 'together'),
            wish.candidates.map(({ sectionId }) => sectionId),
          )
      }),
      { numRuns: 2_000 },
    )
  })

  it('gives up only when every candidate was asked and all that is free together is too little, and takes nothing before', () => {
    fc.assert(
      fc.property(WISH, truths(PLAIN_TRUTH), (wish, truths) => {
        fc.pre(!wish.accessible)
        const ask = truthOf(wish.candidates, truths)
        const { isHeld, parts } = walk(wish, (asked) => answer(ask(asked), asked))
        const free = wish.candidates.reduce((sum, candidate) => sum + ask(candidate).free, 0)
        assert.equal(isHeld, free >= wish.quantity)
        if (!isHeld) assert.deepEqual(parts, [], 'it took seats in vain')
      }),
      { numRuns: 1_000 },
    )
  })

  it('splits no group while a candidate could seat it together, and no cart while one section has all', () => {
    fc.assert(
      fc.property(WISH, truths(PLAIN_TRUTH), (wish, truths) => {
        const ask = truthOf(wish.candidates, truths)
        const { asks, parts } = walk(wish, (asked) => answer(ask(asked), asked))
        const hasAll = wish.candidates.filter((candidate) => ask(candidate).free >= wish.quantity)
        const together = hasAll.filter((candidate) => ask(candidate).stepOf(wish.quantity) === 'adjacent')
        if (together.length > 0) {
          assert.equal(asks.at(-1)?.round, 'together')
          assert.equal(asks.at(-1)?.sectionId, together[0]?.sectionId, 'it is not the first that could')
        }
        if (hasAll.length > 0 && !wish.accessible) assert.equal(parts.length, 1)
        if (wish.accessible) assert.ok(asks.every(({ round }) => round === 'together'))
      }),
      { numRuns: 1_000 },
    )
  })

  it('asks again only those that may do better in a later round', () => {
    fc.assert(
      fc.property(WISH, truths(PLAIN_TRUTH), (wish, truths) => {
        const ask = truthOf(wish.candidates, truths)
        const { asks, isHeld } = walk(wish, (asked) => answer(ask(asked), asked))
        for (const { round, sectionId } of asks) {
          const { free, stepOf } = ask({ sectionId })
          if (round === 'split' || round === 'any') assert.ok(isHeld && free >= wish.quantity, `${round} cannot help there`)
          if (round === 'split') assert.equal(stepOf(wish.quantity), 'split-rows')
          if (round === 'combined') assert.ok(free > 0, 'it has nothing left')
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('A cart that looks for places to stand', () => {
  it('has not enough only after every shard was asked, and puts together what each has left only if that is enough', () => {
    fc.assert(
      fc.property(STANDING_WISH, truths(STANDING_TRUTH), (wish, truths) => {
        const ask = truthOf(wish.candidates, truths)
        const { asks, parts, isHeld } = walk(wish, (asked) => answer(ask(asked), asked))
        const free = wish.candidates.reduce((sum, candidate) => sum + ask(candidate).free, 0)
        assert.equal(isHeld, free >= wish.quantity)
        assert.ok(asks.every(({ round }) => round === 'together' || round === 'combined'))
        if (isHeld) assert.deepEqual(sizes(parts), expected(wish, ask))
        else assert.deepEqual(parts, [], 'it took places in vain')
      }),
      { numRuns: 1_000 },
    )
  })

  it('asks a shard for places in no particular way', () => {
    const { chosen, candidates, standing, quantity, accessible } = STANDING
    const asked = { round: '', sectionId: '' as SectionId } as const
    const ask = nextAsk({ wish: { chosen, candidates, standing, quantity, accessible }, asked, parts: [], refused: new Map() })
    assert.deepEqual(ask, { round: 'together', sectionId: 'floor~0', seats: [], quantity: 4, atLeast: 4, worstStep: 'any' })
  })
})

describe('A cart with seats that the buyer chose', () => {
  it('asks each section once, for its seats and all of them, and nobody else', () => {
    const asks: Ask[] = []
    for (let got = 0; got <= CHOSEN_PARTS.length; got++) {
      const ask = nextAsk({
        wish: CHOSEN,
        asked: { round: '', sectionId: '' as SectionId },
        parts: CHOSEN_PARTS.slice(0, got),
        refused: new Map(),
      })
      if (ask !== undefined) asks.push(ask)
    }
    assert.deepEqual(
      asks,
      CHOSEN.chosen.map(({ sectionId, seats }) => {
        return { round: '', sectionId, seats, quantity: seats.length, atLeast: seats.length, worstStep: 'any' }
      }),
    )
  })
})

describe('The rank of candidates', () => {
  const keyOf = (name: string) => derivedKey(commandNamed(name))

  it('has every section that may have something, those with enough first and then the nearer, in whatever order they came', () => {
    fc.assert(
      fc.property(WISH, fc.nat(), (wish, turn) => {
        const ranked = rank({ ...BEST, ...wish }, keyOf('any'))
        const has = wish.candidates.filter(({ available }) => available !== 0)
        assert.deepEqual(new Set(ranked), new Set(has))
        const enough = (of: Candidate): boolean => of.available === -1 || of.available >= wish.quantity
        for (const [at, one] of ranked.entries()) {
          const next = ranked[at + 1]
          if (next === undefined) continue
          assert.ok(enough(one) || !enough(next), 'one with too little comes before one with enough')
          if (enough(one) === enough(next)) assert.ok(one.distance <= next.distance, 'the farther comes first')
        }
        const from = turn % (wish.candidates.length + 1)
        const turned = [...wish.candidates.slice(from), ...wish.candidates.slice(0, from)].toReversed()
        assert.deepEqual(rank({ ...BEST, ...wish, candidates: turned }, keyOf('any')), ranked)
      }),
    )
  })

  it('keeps the circle of shards, all of them, and lets each be the first of about as many carts', () => {
    const firsts = new Map<SectionId, number>()
    for (let number = 0; number < 900; number++) {
      const ranked = rank(STANDING, keyOf(`cart ${number}`))
      const [first] = ranked
      assert.ok(first !== undefined)
      const from = STANDING.candidates.indexOf(first)
      assert.deepEqual(ranked, [...STANDING.candidates.slice(from), ...STANDING.candidates.slice(0, from)])
      firsts.set(first.sectionId, (firsts.get(first.sectionId) ?? 0) + 1)
    }
    for (const { sectionId } of STANDING.candidates) assert.ok((firsts.get(sectionId) ?? 0) > 200, `${sectionId} comes first too seldom`)
  })

  it('is empty where there are no candidates', () => {
    for (const wish of [STANDING, BEST]) assert.deepEqual(rank({ ...wish, candidates: [] }, keyOf('any')), [])
  })
})
