import { PLAN_LIMITS } from './plan.ts'
import type { Report } from './report.ts'
import { quote } from './text.ts'

/** What holds for the seats and places of a plan together: unique ids, seats that a buyer can tell apart, limits. */
export interface SeatRegister<Place> {
  /**
   * Enters a seat; false once the plan is too large, and the parser should stop reading. `section` is any key of the
   * section. A seat without a number is not compared with its neighbours.
   */
  readonly enter: (place: Place, seatId: string | undefined, section: string, row: string, number: string) => boolean
  /** Enters a standing area; its capacity by itself is in order. */
  readonly enterArea: (pointer: string, where: string, capacity: number) => void
  /** Seats and places to stand. */
  readonly count: () => number
}

export interface PlaceDescription {
  readonly pointer: string
  readonly where: string
}

interface SectionSeats<Place> {
  readonly byLabel: Map<string, Place>
  count: number
}

/**
 * Opens a register; `fields` are what a seat's pointer gets behind it for its id and its number. Two seats of one
 * section with the same row and number are a fault although pretix's server accepts them: nobody could tell the two
 * tickets apart at the door, and pretix's own editor lists it as an error.
 */
export function openSeatRegister<Place>(
  report: Report,
  describe: (place: Place) => PlaceDescription,
  fields: { readonly id: string; readonly number: string },
): SeatRegister<Place> {
  const byId = new Map<string, Place>()
  const sections = new Map<string, SectionSeats<Place>>()
  let seatCount = 0
  let placeCount = 0
  return {
    count: () => seatCount + placeCount,
    enterArea: (pointer, where, capacity) => {
      const hadRoom = placeCount <= PLAN_LIMITS.placesMax
      placeCount += capacity
      if (!hadRoom || placeCount <= PLAN_LIMITS.placesMax) return
      report.fault(
        pointer,
        'TOO_MANY_PLACES',
        `The standing areas of a plan may have ${PLAN_LIMITS.placesMax.toLocaleString('en')} places together; with ${where} they have more.`,
      )
    },
    enter: (place, seatId, section, row, number) => {
      seatCount += 1
      if (seatCount > PLAN_LIMITS.seatsMax) {
        report.fault(
          describe(place).pointer,
          'TOO_MANY_SEATS',
          `The plan has more than ${PLAN_LIMITS.seatsMax.toLocaleString('en')} seats.`,
        )
        return false
      }
      const first = seatId === undefined ? undefined : byId.get(seatId)
      if (seatId !== undefined && first !== undefined) {
        const { pointer, where } = describe(place)
        report.fault(
          pointer + fields.id,
          'DUPLICATE_SEAT_ID',
          `The seat id ${quote(seatId)} is used twice: at ${describe(first).where}, and again at ${where}.`,
        )
      } else if (seatId !== undefined) byId.set(seatId, place)
      const seats = sections.get(section) ?? { byLabel: new Map<string, Place>(), count: 0 }
      if (seats.count === 0) sections.set(section, seats)
      seats.count += 1
      if (seats.count === PLAN_LIMITS.seatsPerSectionMax + 1) {
        const { pointer, where } = describe(place)
        report.fault(
          pointer,
          'TOO_MANY_SEATS_IN_SECTION',
          `A section may have ${PLAN_LIMITS.seatsPerSectionMax.toLocaleString('en')} seats; one more is at ${where}.`,
        )
      }
      if (number === '') return true
      const label = `${row}\u0000${number}`
      const namesake = seats.byLabel.get(label)
      if (namesake === undefined) seats.byLabel.set(label, place)
      // The same id twice is already said; the same place beside it would only repeat it.
      else if (first === undefined) {
        const { pointer, where } = describe(place)
        report.fault(
          pointer + fields.number,
          'DUPLICATE_SEAT_LABEL',
          `Two seats of one section have the same row and number, and a buyer could not tell them apart: ${where}, first at ${describe(namesake).pointer}.`,
        )
      }
      return true
    },
  }
}
