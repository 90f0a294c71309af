import { deepEqual, equal, notDeepEqual, ok } from 'node:assert/strict'
import { parseSeatMap } from '@cavea/gateway/parse/seat-map/parse-seat-map'
import type { HallPlan, HallRow, HallSeat, SeatedSection, StandingSection } from './hall-plan.ts'
import { HALLS } from './halls.ts'

const SEEDS = [1, 2, 3, 5, 8]
/** A gap of more than this is an aisle where the map says nothing else: 1.6 seats. */
const AISLE_GAP = 40
const SEATS_APART_MIN = 12

const seated = (plan: HallPlan): readonly SeatedSection[] => plan.sections.filter((section) => 'rows' in section)
const standing = (plan: HallPlan): readonly StandingSection[] => plan.sections.filter((section) => 'standing' in section)
const seatsOf = (section: SeatedSection): readonly HallSeat[] => section.rows.flatMap(({ seats }) => seats)
const seatCount = (plan: HallPlan): number => seated(plan).flatMap(seatsOf).length
const capacity = (plan: HallPlan): number => standing(plan).reduce((sum, { standing: area }) => sum + area.capacity, 0)

function sectionOf(plan: HallPlan, sectionId: string): SeatedSection {
  const section = seated(plan).find((other) => other.sectionId === sectionId)
  ok(section !== undefined, `no section ${sectionId}`)
  return section
}

/** Each seat of a row with the distance to the next. */
const gapsOf = ({ seats }: HallRow): readonly { readonly seat: HallSeat; readonly gap: number }[] =>
  seats.slice(0, -1).map((seat, at) => ({ seat, gap: distance(seat, seats[at + 1] ?? seat) }))

const distance = (a: HallSeat, b: HallSeat): number => Math.hypot(a.x - b.x, a.y - b.y)

/** The smallest distance between two seats, found by looking only at seats that are next to each other from left to right. */
function smallestDistance(seats: readonly HallSeat[]): number {
  const sorted = [...seats].sort((a, b) => a.x - b.x)
  let smallest = Number.POSITIVE_INFINITY
  for (const [at, seat] of sorted.entries())
    for (let other = at + 1; other < sorted.length; other++) {
      const next = sorted[other]
      if (next === undefined || next.x - seat.x >= Math.min(smallest, 100)) break
      smallest = Math.min(smallest, distance(seat, next))
    }
  return smallest
}

describe('the halls', () => {
  it('have as many seats and places as they say', () => {
    const counts = Object.values(HALLS).map((hall) => ({ seats: seatCount(hall()), standing: capacity(hall()) }))
    deepEqual(counts, [
      { seats: 799, standing: 0 },
      { seats: 15_022, standing: 5_000 },
      { seats: 0, standing: 520 },
    ])
  })

  for (const [name, hall] of Object.entries(HALLS)) {
    it(`give the same bytes for the same seed: the ${name}`, () => {
      equal(JSON.stringify(hall(7)), JSON.stringify(hall(7)))
      equal(JSON.stringify(hall()), JSON.stringify(hall(1)))
    })

    it(`give another hall of about the same size for another seed: the ${name}`, () => {
      for (const seed of SEEDS.slice(1)) {
        notDeepEqual(hall(seed), hall(1))
        equal(capacity(hall(seed)), capacity(hall(1)))
        const [seats, usual] = [seatCount(hall(seed)), seatCount(hall(1))]
        ok(Math.abs(seats - usual) <= usual * 0.03, `seed ${seed} has ${seats} seats`)
      }
    })

    it(`are plans that the gateway imports without a fault or a warning: the ${name}`, () => {
      for (const seed of SEEDS) {
        const parsed = parseSeatMap('application/vnd.cavea.seat-map+json', JSON.stringify(hall(seed)))
        deepEqual(parsed.outcome === 'faulty' ? parsed.faults : parsed.warnings, [])
      }
    })

    it(`name every seat once, in a listed category, and no two nearer than a person is wide: the ${name}`, () => {
      for (const seed of SEEDS) {
        const plan = hall(seed)
        const seats = seated(plan).flatMap(seatsOf)
        const categories = new Set(plan.categories.map((category) => category.name))
        equal(new Set(seats.map(({ seatId }) => seatId)).size, seats.length)
        const used = new Set([...seats.map(({ category }) => category), ...standing(plan).map((area) => area.standing.category)])
        deepEqual(used, categories)
        ok(smallestDistance(seats) >= SEATS_APART_MIN, `seed ${seed} has seats ${smallestDistance(seats)} apart`)
      }
    })
  }
})

describe('the Lantern Theatre', () => {
  const theatres = SEEDS.map((seed) => HALLS.theatre(seed))

  it('has rows of different lengths, each with two aisles, in the stalls', () => {
    for (const plan of theatres) {
      const { rows } = sectionOf(plan, 'stalls')
      ok(new Set(rows.map(({ seats }) => seats.length)).size > 5)
      for (const row of rows) ok(gapsOf(row).filter(({ gap }) => gap > AISLE_GAP).length >= 2, row.label)
    }
  })

  it('has two rows that pillars cut further', () => {
    for (const plan of theatres) {
      const cuts = sectionOf(plan, 'stalls').rows.map((row) => gapsOf(row).filter(({ gap }) => gap > AISLE_GAP).length)
      equal(cuts.filter((count) => count === 4).length, 2)
      ok(cuts.every((count) => count === 2 || count === 4))
    }
  })

  it('keeps neighbours together at the thin pillars of the circle, though the gap is wide', () => {
    for (const plan of theatres) {
      const gaps = sectionOf(plan, 'circle').rows.flatMap(gapsOf)
      const pillars = gaps.filter(({ seat }) => seat.aisleAfter !== undefined)
      equal(pillars.length, 2)
      for (const { seat, gap } of pillars) ok(seat.aisleAfter === false && gap > AISLE_GAP, `${seat.seatId}: ${gap}`)
    }
  })

  it('parts neighbours at the steps of the balcony, though the gap is narrow', () => {
    for (const plan of theatres)
      for (const row of sectionOf(plan, 'balcony').rows) {
        const steps = gapsOf(row).filter(({ seat }) => seat.aisleAfter !== undefined)
        equal(steps.length, 2)
        for (const { seat, gap } of steps) ok(seat.aisleAfter === true && gap < AISLE_GAP, `${seat.seatId}: ${gap}`)
      }
  })

  it('has eight boxes of four to six chairs, two of them sold only as a whole', () => {
    for (const plan of theatres) {
      const boxes = seated(plan).filter(({ sectionId }) => sectionId.startsWith('box-'))
      const tables = boxes.flatMap(({ rows }) => rows)
      equal(boxes.length, 8)
      deepEqual(tables.map(({ table }) => table).sort(), [...Array<string>(6).fill('chairs'), 'whole', 'whole'])
      for (const { seats } of tables) ok(seats.length >= 4 && seats.length <= 6)
    }
  })

  it('has a companion beside every wheelchair place, which ends its row', () => {
    for (const plan of theatres) {
      const rows = seated(plan).flatMap((section) => section.rows)
      const ends = rows.flatMap(({ seats }) => [
        [seats[0], seats[1]],
        [seats.at(-1), seats.at(-2)],
      ])
      const places = rows.flatMap(({ seats }) => seats).filter(({ type }) => type === 'wheelchair')
      equal(places.length, 6)
      for (const place of places) {
        const companion = ends.find(([end]) => end === place)?.[1]
        ok(companion?.type === 'companion' && distance(place, companion) < AISLE_GAP, place.seatId)
      }
    }
  })

  it('has premium seats in front, and prices apart the seats from which something is hidden', () => {
    for (const plan of theatres) {
      const seats = seated(plan).flatMap(seatsOf)
      const isPoor = ({ type }: HallSeat): boolean => type === 'restricted-view'
      ok(seats.some(isPoor))
      for (const seat of seats) equal(seat.category === 'Restricted view', isPoor(seat), seat.seatId)
      const [first] = sectionOf(plan, 'stalls').rows
      ok(first?.seats.every((seat) => seat.category === 'Premium' || isPoor(seat)))
    }
  })
})

describe('the Harbour Arena', () => {
  const arenas = SEEDS.map((seed) => HALLS.arena(seed))

  it('has two tiers of blocks with 300 to 450 seats, numbered from 101 and from 201', () => {
    const numbers = (first: number, count: number): readonly string[] => Array.from({ length: count }, (_, at) => String(first + at))
    for (const plan of arenas) {
      deepEqual(
        seated(plan).map(({ sectionId }) => sectionId),
        [...numbers(101, 18), ...numbers(201, 24)],
      )
      for (const block of seated(plan)) {
        const { length } = seatsOf(block)
        ok(length >= 300 && length <= 450, `${block.name} has ${length}`)
      }
    }
  })

  it('has an aisle between any two blocks', () => {
    const [plan = HALLS.arena()] = arenas
    const blocks = seated(plan)
    for (const [at, block] of blocks.slice(0, -1).entries()) {
      const next = blocks[at + 1]
      if (next === undefined || block.name.at(6) !== next.name.at(6)) continue
      for (const [row, { seats }] of block.rows.entries()) {
        const [last, first] = [seats.at(-1), next.rows[row]?.seats[0]]
        ok(last !== undefined && first !== undefined && distance(last, first) > AISLE_GAP, `${last?.seatId} and ${first?.seatId}`)
      }
    }
  })

  it('bends its rows round the oval: no seat is off the curve of its neighbours', () => {
    for (const { rows } of arenas.flatMap(seated))
      for (const row of rows)
        for (const [at, seat] of row.seats.entries()) {
          const [before, after] = [row.seats[at - 1], row.seats[at + 1]]
          if (before === undefined || after === undefined || distance(before, seat) > AISLE_GAP || distance(seat, after) > AISLE_GAP)
            continue
          // A seat that is three units off the curve makes a longer one.
          const detour = distance(before, seat) + distance(seat, after) - distance(before, after)
          ok(detour < 0.3, `${seat.seatId}: ${detour}`)
        }
  })

  it('has nobody stand among the seats', () => {
    for (const plan of arenas)
      for (const { standing: area } of standing(plan))
        for (const { x, y, seatId } of seated(plan).flatMap(seatsOf)) {
          const { bounds } = area
          const isInside = x > bounds.x && x < bounds.x + bounds.width && y > bounds.y && y < bounds.y + bounds.height
          ok(!isInside, seatId)
        }
  })
})

describe('the Cellar Club', () => {
  it('has a floor for 400 and a gallery for 120, and no seat', () => {
    for (const plan of SEEDS.map((seed) => HALLS.club(seed)))
      deepEqual(
        plan.sections.map((section) => 'standing' in section && [section.sectionId, section.standing.capacity]),
        [
          ['floor', 400],
          ['gallery', 120],
        ],
      )
  })
})
