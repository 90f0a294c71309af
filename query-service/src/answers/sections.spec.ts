import assert from 'node:assert/strict'
import { createDirectory, type Performance, type SeatMap } from '@cavea/contracts/catalog/directory'
import { START_MS } from '@cavea/event-log/testing/scripted-chains'
import fc from 'fast-check'
import { createSeatState, type SeatState } from '../application/seat-state.ts'
import { type ScriptedHall, scriptHall } from '../testing/scripted-hall.ts'
import { availabilityOf, type ChosenSection, chooseSections, seatsOf, versionsOf } from './sections.ts'

const SEATS = 6

type Step =
  | { readonly do: 'held' | 'released' | 'sold'; readonly section: number; readonly seats: readonly number[] }
  | { readonly do: 'open again' }
  | { readonly do: 'restart' }
  | { readonly do: 'look' }

/** What somebody shows who has seen messages: statuses by seat id. */
class Shown {
  readonly versions: readonly number[]
  readonly statuses = new Map<string, Map<string, string | number>>()
  constructor(versions: readonly number[]) {
    this.versions = versions
  }
}

describe('The answers about sections', () => {
  const directory = createDirectory()
  const hall: ScriptedHall = scriptHall('Deltas', SEATS)
  for (const event of hall.catalogEvents) directory.apply(event)
  const performance = required<Performance>(directory.performance(hall.performanceId))
  const map = required<SeatMap>(directory.seatMap(hall.seatMapId))
  const sections = required<readonly ChosenSection[]>(chooseSections(performance, null))

  const readOf = (state: SeatState) => (performanceId: string, streamId: string) => state.section(performanceId, streamId)

  function take(shown: Shown, state: SeatState, since: readonly number[] | undefined): Shown {
    const answer = seatsOf(readOf(state), performance, map, sections, since)
    const next = new Shown(versionsOf(readOf(state), hall.performanceId, sections))
    for (const { summary } of sections) next.statuses.set(summary.sectionId, new Map(shown.statuses.get(summary.sectionId)))
    for (const { sectionId, whole, seats } of answer.sections) {
      if (whole) next.statuses.set(sectionId, new Map())
      for (const { seatId, status } of seats.list()) next.statuses.get(sectionId)?.set(String(seatId), status)
    }
    return next
  }

  const seat = fc.nat(SEATS - 1)
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom('held' as const, 'released' as const, 'sold' as const),
        section: fc.nat(1),
        seats: fc.uniqueArray(seat, { minLength: 1 }),
      }),
    },
    { weight: 3, arbitrary: fc.constant({ do: 'look' as const }) },
    { weight: 1, arbitrary: fc.constantFrom({ do: 'open again' as const }, { do: 'restart' as const }) },
  )

  it('bring whoever saw an earlier version to what is so now, whatever happened since, restarts too', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let state = createSeatState()
        const earlier: Shown[] = [take(new Shown([]), state, undefined)]
        for (const streamId of hall.streamIds) state.apply([hall.open(streamId)], START_MS as never)
        for (const [at, each] of steps.entries()) {
          if (each.do === 'look') earlier.push(take(new Shown([]), state, undefined))
          else if (each.do === 'restart') state = createSeatState({ from: state.toColumns() })
          else if (each.do === 'open again') state.apply([hall.open('stalls')], START_MS as never)
          else {
            const streamId = hall.streamIds[each.section] ?? ''
            state.apply([hall[each.do](`hold ${at}`, streamId, each.seats, 'buyer_1')], START_MS as never)
          }
        }
        const now = take(new Shown([]), state, undefined)
        for (const shown of earlier) {
          const caughtUp = take(shown, state, shown.versions)
          assert.deepEqual(caughtUp.statuses, now.statuses)
          assert.deepEqual(caughtUp.versions, now.versions)
          for (const [at, version] of shown.versions.entries()) assert.ok((now.versions[at] ?? 0) >= version)
        }
      }),
    )
  })

  it('tell of a section that did not change nothing, and of one that did only the seats that changed', () => {
    const state = createSeatState()
    for (const streamId of hall.streamIds) state.apply([hall.open(streamId)], START_MS as never)
    const since = versionsOf(readOf(state), hall.performanceId, sections)
    state.apply([hall.held('a', 'balcony', [2, 4], 'buyer_1')], START_MS as never)
    const answer = seatsOf(readOf(state), performance, map, sections, since)
    assert.deepEqual(
      answer.sections.map(({ sectionId, whole, held, seats }) => [sectionId, whole, held, seats.list().map(({ seatId }) => seatId)]),
      [['balcony', false, 2, ['balcony-A-3', 'balcony-B-2']]],
    )
    assert.equal(answer.snapshot, false)
    assert.deepEqual(
      availabilityOf(readOf(state), performance, sections, since).sections.map(({ sectionId, available }) => [sectionId, available]),
      [['balcony', SEATS - 2]],
    )
    assert.equal(availabilityOf(readOf(state), performance, sections).snapshot, true)
  })

  it('know all seats of a section as new once it was opened with other seats', () => {
    const state = createSeatState()
    state.apply([hall.open('stalls')], START_MS as never)
    const since = versionsOf(readOf(state), hall.performanceId, sections)
    const { type, ...opened } = hall.open('stalls') as Extract<ReturnType<ScriptedHall['open']>, { type: 'SectionOpened' }>
    state.apply([{ type, ...opened, seatCount: SEATS - 1 }], START_MS as never)
    const [stalls] = seatsOf(readOf(state), performance, map, sections, since).sections
    assert.deepEqual([stalls?.sectionId, stalls?.whole], ['stalls', true])
  })
})

function required<Value>(value: Value | undefined): Value {
  assert.ok(value !== undefined)
  return value
}
