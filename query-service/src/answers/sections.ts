import type { MapSection, Performance, SeatMap } from '@cavea/contracts/catalog/directory'
import type { SectionSummary } from '@cavea/contracts/catalog/messages'
import { type Stream, streamsOf } from '@cavea/contracts/streams'
import { SEAT_STATUSES, type SectionView } from '../application/seat-state.ts'
import { countsOf, isStanding, type SectionCounts, type StreamView, versionOf } from './seats.ts'
import { encodeSince } from './since.ts'

/** A section that a reader asked for, with all that does not change while it is read again and again. */
export interface ChosenSection {
  readonly summary: SectionSummary
  /** Its place among the sections of the performance. */
  readonly index: number
  readonly streams: readonly Stream[]
}

/** What GraphQL answers of sections. A function is a field that costs something: it is called where it is asked for. */
export interface SectionsAnswer<Section> {
  readonly version: number
  readonly since: () => string
  readonly snapshot: boolean
  readonly sections: readonly Section[]
}

interface SectionAnswer extends SectionCounts {
  readonly sectionId: string
  readonly name: string
  readonly standing: boolean
  readonly version: number
}

export const SEAT_FIELDS = ['seatId', 'row', 'number', 'x', 'y', 'category', 'type', 'status'] as const
export type SeatField = (typeof SEAT_FIELDS)[number]

type SeatAnswer = Readonly<Record<SeatField, string | number>>

/** Seats that are made when they are asked for, in one of two forms. */
export interface SeatList {
  list(): readonly SeatAnswer[]
  /** Calls with how to read the fields of each seat in turn. What it gives is good during the call only. */
  each(visit: (read: (field: SeatField) => string | number) => void): void
}

export type AvailabilityAnswer = SectionsAnswer<SectionAnswer>
export type SeatsAnswer = SectionsAnswer<SectionAnswer & { readonly whole: boolean; readonly seats: SeatList }>

export type SectionReader = (performanceId: string, streamId: string) => SectionView | undefined

/** All sections of the performance, or those with these ids; undefined when it does not have one of them. */
export function chooseSections(performance: Performance, sectionIds: readonly string[] | null): readonly ChosenSection[] | undefined {
  const all = performance.sections.map((summary, index) => ({ summary, index, streams: streamsOf(summary) }))
  if (sectionIds === null) return all
  const asked = new Set(sectionIds)
  const chosen = all.filter(({ summary }) => asked.has(summary.sectionId))
  return chosen.length === asked.size ? chosen : undefined
}

const viewsOf = (read: SectionReader, performanceId: string, { streams }: ChosenSection): readonly StreamView[] =>
  streams.map(({ sectionId, seatCount }) => [seatCount, read(performanceId, sectionId)])

/** Of each section, in their order. They only grow. */
export const versionsOf = (read: SectionReader, performanceId: string, sections: readonly ChosenSection[]): readonly number[] =>
  sections.map((section) => versionOf(viewsOf(read, performanceId, section)))

/** The counts of the sections; with the versions of `since`, of those that changed after it. */
export function availabilityOf(
  read: SectionReader,
  performance: Performance,
  sections: readonly ChosenSection[],
  since?: readonly number[],
): AvailabilityAnswer {
  return answerOf(read, performance, sections, since, (section, views, version) => sectionAnswer(section, views, version))
}

/**
 * The seats of the sections; with the versions of `since`, those that changed after it. Of a section whose changes are
 * not known back to there, all seats, and it is `whole`.
 */
export function seatsOf(
  read: SectionReader,
  performance: Performance,
  map: SeatMap,
  sections: readonly ChosenSection[],
  since?: readonly number[],
): SeatsAnswer {
  return answerOf(read, performance, sections, since, (section, views, version, from) => {
    const [, view] = views[0] ?? []
    const isKnown = from >= 0 && views.every(([, each]) => each !== undefined && from >= each.trackedFrom)
    const whole = isStanding(section.summary) ? from < 0 : !isKnown
    const mapped = map.sections.get(section.summary.sectionId)
    return { ...sectionAnswer(section, views, version), whole, seats: seatList(mapped, view, whole ? undefined : from) }
  })
}

function answerOf<Section extends { readonly sectionId: string; readonly whole?: boolean }>(
  read: SectionReader,
  { performanceId }: Performance,
  chosen: readonly ChosenSection[],
  since: readonly number[] | undefined,
  show: (section: ChosenSection, views: readonly StreamView[], version: number, from: number) => Section,
): SectionsAnswer<Section> {
  const versions: number[] = []
  const sections: Section[] = []
  for (const [at, section] of chosen.entries()) {
    const views = viewsOf(read, performanceId, section)
    const version = versionOf(views)
    const from = since?.[at] ?? -1
    versions.push(version)
    if (version !== from) sections.push(show(section, views, version, from))
  }
  return {
    version: versions.reduce((sum, version) => sum + version, 0),
    since: () => encodeSince(performanceId, chosen, versions),
    snapshot: sections.length === chosen.length && sections.every(({ whole }) => whole !== false),
    sections,
  }
}

function sectionAnswer({ summary }: ChosenSection, views: readonly StreamView[], version: number): SectionAnswer {
  return { sectionId: summary.sectionId, name: summary.name, standing: isStanding(summary), version, ...countsOf(views) }
}

/** The seats of the section, or those of them that changed after the version `from`. */
function seatList(mapped: MapSection | undefined, view: SectionView | undefined, from: number | undefined): SeatList {
  function each(visit: (read: (field: SeatField) => string | number) => void): void {
    const seats = mapped?.seats ?? []
    let index = 0
    const read = (field: SeatField): string | number =>
      field === 'status' ? (SEAT_STATUSES[view?.status[index] ?? 0] ?? '') : (seats[index]?.[field] ?? '')
    for (; index < seats.length; index++) if (from === undefined || (view?.changedAt[index] ?? 0) > from) visit(read)
  }
  return {
    each,
    list() {
      const answers: SeatAnswer[] = []
      each((read) => {
        const [seatId, row, number, x, y] = [read('seatId'), read('row'), read('number'), read('x'), read('y')]
        answers.push({ seatId, row, number, x, y, category: read('category'), type: read('type'), status: read('status') })
      })
      return answers
    },
  }
}
