import type { CatalogEvent, PerformanceTerms } from '@cavea/contracts/catalog/messages'
import type { Decision } from '@cavea/contracts/envelope'
import { sectionKey } from '@cavea/contracts/partitioning'
import type { OpenSection, ReviseSection, SeatingEvent, SectionTerms } from '@cavea/contracts/seating/messages'
import type { Context } from '@cavea/contracts/topics'
import type { CatalogView } from '../domain/catalog/state.ts'

/** A command that follows from a recorded event. `key` names the stream, and so the partition, that decides it. */
export interface Reaction {
  readonly policy: string
  readonly context: Context
  readonly key: string
  readonly message: { readonly type: string }
}

/**
 * What follows from an event in other contexts. A policy has no state of its own and no clock: it sees the event, its
 * decision, and the state that they left, all of which the log gives. So the same event always asks for the same
 * commands, under ids that derive from the decision, and their deciders accept them twice: after a crash all that may
 * not have been sent is sent again.
 */
export type Policy<Event, View> = (event: Event, decision: Decision, view: View) => readonly Reaction[]

const EXTENSIONS = 1

/** A new performance opens each of its sections; a revision reaches each of them. */
export const catalogPolicy: Policy<CatalogEvent, CatalogView> = (event, _, view) => {
  switch (event.type) {
    case 'PerformanceScheduled': {
      const { performanceId, revision } = event
      const terms = sectionTerms(event.terms, event.priceRevision)
      const geometries = view.seatMaps.get(event.seatMapId)?.geometry
      return event.sections.map(({ sectionId, seatCount }) => {
        const geometry = geometries?.get(sectionId)
        if (geometry === undefined)
          throw new Error(`The log schedules ${performanceId} in section ${sectionId}, which its map does not have.`)
        return toSection('open-sections', { type: 'OpenSection', performanceId, sectionId, revision, seatCount, terms, geometry })
      })
    }
    case 'PerformanceRevised': {
      const { performanceId, revision } = event
      const terms = sectionTerms(event.terms, event.priceRevision)
      return event.sections.map(({ sectionId }) =>
        toSection('revise-sections', { type: 'ReviseSection', performanceId, sectionId, revision, terms }),
      )
    }
    default:
      return NONE
  }
}

function toSection(policy: string, message: OpenSection | ReviseSection): Reaction {
  return { policy, context: 'seating', key: sectionKey(message.performanceId, message.sectionId), message }
}

/** A section that opened tells its performance, which is open when the last one has. */
export const seatingPolicy: Policy<SeatingEvent, unknown> = (event) => {
  if (event.type !== 'SectionOpened') return NONE
  const { performanceId, sectionId, organisation } = event
  return [
    {
      policy: 'record-section-opened',
      context: 'catalog',
      key: organisation,
      message: { type: 'RecordSectionOpened', performanceId, sectionId } as Message,
    },
  ]
}

type Message = Reaction['message']
const NONE: readonly Reaction[] = []

function sectionTerms({ prices: _, ...terms }: PerformanceTerms, priceRevision: number): SectionTerms {
  return { ...terms, priceRevision, extensions: EXTENSIONS }
}
