import type { Directory, MappedSeat } from '@cavea/contracts/catalog/directory'
import type { RecordedRejection } from '@cavea/contracts/rejections'
import { sectionOfStream } from '@cavea/contracts/streams'

/** How the seats of a refusal, which are recorded by their index, are called. */
export interface SeatNames {
  readonly idOf: (seat: number) => string
  /** As a person finds them: `row B, seats 4 and 5`. Names so many and counts the others. */
  readonly inWords: (seats: readonly number[]) => string
}

const NAMED_MAX = 12

/** Of the section that the refusal names, or else the command. The index itself stands for a seat of an unknown map. */
export function seatNames(
  directory: Directory,
  message: { readonly type: string } | undefined,
  { sectionId }: Pick<RecordedRejection, 'sectionId'>,
): SeatNames {
  const performanceId = message !== undefined && 'performanceId' in message ? String(message.performanceId) : ''
  const asked = message !== undefined && 'sectionId' in message ? String(message.sectionId) : ''
  const map = directory.seatMap(directory.performance(performanceId)?.seatMapId ?? '')
  const section = map?.sections.get(sectionOfStream(sectionId === '' ? asked : sectionId))
  return {
    idOf: (seat) => section?.seats[seat]?.seatId ?? String(seat),
    inWords(seats) {
      const named = seats.slice(0, NAMED_MAX).map((seat) => labelsOf(section?.seats[seat], seat))
      const rows = [...new Set(named.map(({ row }) => row))].map((row) => {
        const numbers = named.filter((seat) => seat.row === row).map(({ number }) => number)
        const counted = `${numbers.length === 1 ? 'seat' : 'seats'} ${listed(numbers)}`
        return row === '' ? counted : `row ${row}, ${counted}`
      })
      const others = seats.length - named.length
      return others > 0 ? `${rows.join('; ')}; and ${others} more` : rows.join('; ')
    },
  }
}

const labelsOf = (seat: MappedSeat | undefined, index: number): Pick<MappedSeat, 'row' | 'number'> =>
  seat === undefined ? { row: '', number: String(index) } : { row: seat.row, number: seat.number === '' ? seat.seatId : seat.number }

function listed(words: readonly string[]): string {
  const [last, ...before] = [...words].reverse()
  return before.length === 0 ? (last ?? '') : `${before.reverse().join(', ')} and ${last}`
}
