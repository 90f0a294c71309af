import { seating } from '@cavea/command-service/domain/seating/decider'
import type { HoldBestAvailable } from '@cavea/contracts/seating/messages'
import { randomOf } from '../../support/random.ts'
import type { BenchDeps, Result } from '../support/measure.ts'
import { buyer, envelopeOf, NOW, openingsOf, PERFORMANCE, SYSTEM, seatsAt, sectionNamed } from '../support/sections.ts'
import { quantile, spreadOf } from '../support/statistics.ts'

const SHAPE = { sections: 1, rows: 20, seatsPerRow: 50 }
const ASKED = 500
const SEED = 7

/** How long a section of 1,000 seats takes to choose the best ones, as far as it is sold. */
export async function bestAvailable({ repeats }: BenchDeps): Promise<Result> {
  const rows: Result['rows'][number][] = []
  for (const taken of [0, 0.5, 0.9])
    for (const quantity of [2, 6]) {
      const medians: number[] = []
      const slowest: number[] = []
      for (let repeat = -1; repeat < repeats; repeat++) {
        const micros = timesOf(taken, quantity)
        if (repeat < 0) continue
        medians.push(quantile(micros, 0.5))
        slowest.push(quantile(micros, 0.99))
      }
      rows.push({ of: `${quantity} seats, ${taken * 100} % taken`, figures: { 'p50 µs': spreadOf(medians), 'p99 µs': spreadOf(slowest) } })
    }
  return {
    title: 'Best available in 1,000 seats',
    how: `20 rows of 50 seats with the strict rule against single empty seats; seats taken at random (seed ${SEED}); ${ASKED} decisions each, which are not folded, so that all see the same hall; ${repeats} repeats.`,
    plot: 'p50 µs',
    rows,
  }
}

function timesOf(taken: number, quantity: number): Float64Array {
  const state = seating.initialState()
  const [opening] = openingsOf(SHAPE, 'strict')
  if (opening === undefined) throw new Error('There is no section.')
  for (const event of seating.decide(opening, state, { envelope: envelopeOf('OpenSection', SYSTEM, 'open'), now: NOW }).events)
    seating.evolve(state, event, NOW)
  const random = randomOf(SEED)
  for (let seat = 0; seat < SHAPE.rows * SHAPE.seatsPerRow; seat++) {
    if (random() >= taken) continue
    const held = { type: 'BlockSeats', performanceId: PERFORMANCE, sectionId: sectionNamed(0), seats: seatsAt(seat), note: '' } as const
    const envelope = envelopeOf(held.type, { kind: 'organiser', id: 'organiser_org_house' }, `block ${seat}`)
    for (const event of seating.decide(held, state, { envelope, now: NOW }).events) seating.evolve(state, event, NOW)
  }
  const wish: HoldBestAvailable = {
    type: 'HoldBestAvailable',
    performanceId: PERFORMANCE,
    sectionId: sectionNamed(0),
    quantity,
    atLeast: quantity,
    worstStep: 'any',
    categories: [],
    accessible: false,
    cart: null,
  }
  const micros = new Float64Array(ASKED)
  for (let asked = 0; asked < ASKED; asked++) {
    const envelope = envelopeOf(wish.type, buyer(asked), `wish ${asked}`)
    const startedMs = performance.now()
    seating.decide(wish, state, { envelope, now: NOW })
    micros[asked] = (performance.now() - startedMs) * 1_000
  }
  return micros.sort()
}
