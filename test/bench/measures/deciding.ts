import { seating } from '@cavea/command-service/domain/seating/decider'
import type { Envelope } from '@cavea/contracts/envelope'
import { epochMillis } from '@cavea/contracts/ids'
import { type Head, headAfter } from '@cavea/contracts/ledger'
import type { HoldSeats } from '@cavea/contracts/seating/messages'
import type { BenchDeps, Result } from '../support/measure.ts'
import { codec, decideBytes, holdCommands, openPartition } from '../support/partition.ts'
import { buyer, envelopeOf, holdsOf, NOW, openingsOf, SYSTEM } from '../support/sections.ts'
import { spreadOf } from '../support/statistics.ts'
import { stopwatch } from '../support/stopwatch.ts'

const SHAPE = { sections: 4, rows: 50, seatsPerRow: 100 }
const ROUNDS = 30
const WARM_ROUNDS = 5

interface Given {
  readonly command: HoldSeats
  readonly envelope: Envelope
}

function openState(): ReturnType<typeof seating.initialState> {
  const state = seating.initialState()
  for (const command of openingsOf(SHAPE)) {
    const { events } = seating.decide(command, state, { envelope: envelopeOf(command.type, SYSTEM, command.sectionId), now: NOW })
    for (const event of events) seating.evolve(state, event, NOW)
  }
  return state
}

/** Decisions a second of the decider and its fold, with nothing around them. */
export async function decide({ repeats }: BenchDeps): Promise<Result> {
  const given = [...holdsOf(SHAPE)].map((command, at): Given => ({ command, envelope: envelopeOf(command.type, buyer(at), `hold ${at}`) }))
  const rates: number[] = []
  const nanos: number[] = []
  for (let repeat = 0; repeat < repeats; repeat++) {
    let tookMs = 0
    let cpuMs = 0
    for (let round = -WARM_ROUNDS; round < ROUNDS; round++) {
      const state = openState()
      const elapsed = stopwatch()
      for (const { command, envelope } of given) {
        const { events } = seating.decide(command, state, { envelope, now: NOW })
        for (const event of events) seating.evolve(state, event, NOW)
      }
      if (round >= 0) {
        const took = elapsed()
        tookMs += took.ms
        cpuMs += took.cpuMs
      }
      if (state.holds.size !== given.length) throw new Error('Not every hold was made.')
    }
    rates.push((ROUNDS * given.length) / (tookMs / 1_000))
    nanos.push((cpuMs * 1_000_000) / (ROUNDS * given.length))
  }
  return {
    title: 'Decide and evolve alone',
    how: `One partition of ${given.length} seats in ${SHAPE.sections} sections, every seat held once, ${ROUNDS} times on a fresh state; ${repeats} repeats after a warm-up.`,
    rows: [{ of: 'Cavea', figures: { 'decisions/s': spreadOf(rates), 'CPU ns/decision': spreadOf(nanos) } }],
  }
}

/** What linking costs: the same decisions encoded with and without the hash that makes the chain. */
export async function chain({ repeats }: BenchDeps): Promise<Result> {
  const given = [...holdsOf(SHAPE)].map((command, at): Given => ({ command, envelope: envelopeOf(command.type, buyer(at), `hold ${at}`) }))
  const none = headAfter(Buffer.alloc(0))
  const nanos = { on: [] as number[], off: [] as number[] }
  for (let repeat = 0; repeat < repeats; repeat++)
    for (const kind of ['off', 'on'] as const) {
      let cpuMs = 0
      for (let round = -WARM_ROUNDS; round < ROUNDS; round++) {
        const state = openState()
        let link: Head = none
        const elapsed = stopwatch()
        for (const [commandOffset, { command, envelope }] of given.entries()) {
          const { events } = seating.decide(command, state, { envelope, now: NOW })
          for (const event of events) seating.evolve(state, event, NOW)
          const value = codec.encodeDecision({
            link,
            envelope,
            commandOffset,
            atMs: epochMillis(NOW),
            ruleVersion: seating.ruleVersion,
            reactedTo: 0,
            outcome: 'accepted',
            duplicateOf: null,
            rejection: null,
            events: events.map((event) => codec.encodeMessage('seating', event)),
          })
          if (kind === 'on') link = headAfter(value)
        }
        if (round >= 0) cpuMs += elapsed().cpuMs
      }
      nanos[kind].push((cpuMs * 1_000_000) / (ROUNDS * given.length))
    }
  return {
    title: 'The chain on and off',
    how: `Decide, evolve and encode a hold of one seat; "on" hashes each record and links the next one to it. ${ROUNDS} rounds of ${given.length} holds, ${repeats} interleaved repeats.`,
    rows: [
      { of: 'without hashing', figures: { 'CPU ns/decision': spreadOf(nanos.off) } },
      { of: 'with hashing', figures: { 'CPU ns/decision': spreadOf(nanos.on) } },
    ],
  }
}

const GROWTH_HOLDS = 1_000

/** The worker's work per hold, from a command's bytes to a decision's, beside few and beside many other seats. */
export async function seats({ repeats }: BenchDeps): Promise<Result> {
  const shapes = [1, 20, 1_000].map((sections) => ({ sections, rows: 20, seatsPerRow: 50 }))
  const micros = new Map(shapes.map(({ sections }) => [sections, [] as number[]]))
  for (let repeat = -1; repeat < repeats; repeat++)
    for (const shape of shapes) {
      let cpuMs = 0
      const rounds = 10
      for (let round = 0; round < rounds; round++) {
        const { state, values } = await openPartition(shape)
        const commands = holdCommands(shape, GROWTH_HOLDS, round)
        const elapsed = stopwatch()
        for (const [at, value] of commands.entries()) await decideBytes(state, values.length + at, value)
        cpuMs += elapsed().cpuMs
      }
      if (repeat >= 0) micros.get(shape.sections)?.push((cpuMs * 1_000) / (rounds * GROWTH_HOLDS))
    }
  return {
    title: 'Growth of the hall',
    how: `One partition with 1, 20 and 1,000 sections of 1,000 seats; ${GROWTH_HOLDS} holds on fresh states, 10 times, from the bytes of the command to those of the decision; ${repeats} interleaved repeats after one that is not counted.`,
    plot: 'CPU µs/hold',
    rows: shapes.map(({ sections }) => ({
      of: `${(sections * 1_000).toLocaleString('en-GB')} seats`,
      figures: { 'CPU µs/hold': spreadOf(micros.get(sections) ?? []) },
    })),
  }
}
