import { SECTIONS, SECTIONS_TABLES, type SeatStatus } from '@cavea/contracts/read-models/sections'
import type { SeatingEvent, SectionTerms } from '@cavea/contracts/seating/messages'
import type { Change, Projection } from '../../application/projection.ts'

/** What became of every seat: one document per performance and section, or shard of a standing area. */
export const sections: Projection = {
  name: 'sections',
  version: 1,
  store: 'documents',
  tables: SECTIONS_TABLES,
  project: { seating: ({ events }) => events.flatMap(changesOf) },
}

function changesOf(event: SeatingEvent): Change[] {
  switch (event.type) {
    case 'SectionOpened': {
      const { organisation, seatCount, revision, terms } = event
      return [section(event, { organisation, capacity: seatCount, revision, terms: plain(terms), seats: {} })]
    }
    case 'SectionRevised':
      return [section(event, { revision: event.revision, terms: plain(event.terms) })]
    case 'SeatsHeld':
      return [seats(event, 'held')]
    case 'SeatsSold':
      return [seats(event, 'sold')]
    case 'SeatsBlocked':
      return [seats(event, 'blocked')]
    case 'HoldReleased':
    case 'HoldExpired':
    case 'SeatsUnblocked':
      return [seats(event, 'available')]
    case 'HoldExtended':
    case 'PartRefused':
      return []
    default:
      event satisfies never
      return []
  }
}

type InSection = Pick<SeatingEvent, 'performanceId' | 'sectionId'>

const section = ({ performanceId, sectionId }: InSection, set: Change['set']): Change => {
  return { table: SECTIONS.name, key: [performanceId, sectionId], set }
}

const seats = (event: InSection & { readonly seats: readonly number[] }, status: SeatStatus): Change =>
  section(event, Object.fromEntries(event.seats.map((seat) => [`seats.${seat}`, status])))

const plain = (terms: SectionTerms) => ({ ...terms })
