import type { HallState, PickerHall, PickerSeat } from '@cavea/seat-picker/types.ts'

type Free = Pick<HallState, 'status'>

/**
 * As many free seats of the same category as were wanted, as near to them as can be: first side by side in one row, then
 * each by itself, in the same section. Undefined when the section has not as many.
 */
export function alternativeTo(
  wanted: readonly string[],
  hall: PickerHall,
  state: Free,
  excluded: ReadonlySet<string>,
): readonly string[] | undefined {
  const section = hall.sections.find(({ seats }) => seats.some(({ seatId }) => seatId === wanted[0]))
  if (section === undefined || wanted.length === 0) return undefined
  const lost = new Set(wanted)
  const asked = section.seats.filter(({ seatId }) => lost.has(seatId))
  const categories = new Set(asked.map(({ category }) => category))
  const isFree = ({ seatId, category }: PickerSeat): boolean =>
    categories.has(category) && !excluded.has(seatId) && state.status(seatId) === 'available'
  const [x, y] = [meanOf(asked, 'x'), meanOf(asked, 'y')]
  const distanceOf = (seats: readonly PickerSeat[]): number => Math.hypot(meanOf(seats, 'x') - x, meanOf(seats, 'y') - y)

  const runs = rowsOf(section.seats).flatMap((row) => runsOf(row, wanted.length, isFree))
  const together = nearest(runs, distanceOf)
  if (together !== undefined) return together.map(({ seatId }) => seatId)
  const singles = section.seats.filter(isFree).sort((a, b) => distanceOf([a]) - distanceOf([b]))
  return singles.length < wanted.length ? undefined : singles.slice(0, wanted.length).map(({ seatId }) => seatId)
}

/** In the order in which they are drawn. */
function rowsOf(seats: readonly PickerSeat[]): readonly (readonly PickerSeat[])[] {
  const rows = new Map<string, PickerSeat[]>()
  for (const seat of seats) rows.set(seat.row, [...(rows.get(seat.row) ?? []), seat])
  return [...rows.values()]
}

/** A gap wider than this many usual steps is an aisle. */
const AISLE_STEPS = 1.6

function runsOf(row: readonly PickerSeat[], length: number, isFree: (seat: PickerSeat) => boolean): readonly (readonly PickerSeat[])[] {
  const steps = row.slice(1).map((seat, at) => stepBetween(row[at], seat))
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0
  const runs: PickerSeat[][] = []
  for (let first = 0; first + length <= row.length; first++) {
    const run = row.slice(first, first + length)
    const hasAisle = steps.slice(first, first + length - 1).some((step) => step > usual * AISLE_STEPS)
    if (!hasAisle && run.every(isFree)) runs.push(run)
  }
  return runs
}

const stepBetween = (a: PickerSeat | undefined, b: PickerSeat): number => (a === undefined ? 0 : Math.hypot(b.x - a.x, b.y - a.y))

function nearest<Item>(items: readonly Item[], distanceOf: (item: Item) => number): Item | undefined {
  let [best, least]: [Item | undefined, number] = [undefined, Number.POSITIVE_INFINITY]
  for (const item of items) {
    const distance = distanceOf(item)
    if (distance < least) [best, least] = [item, distance]
  }
  return best
}

const meanOf = (seats: readonly PickerSeat[], axis: 'x' | 'y'): number =>
  seats.reduce((sum, seat) => sum + seat[axis], 0) / Math.max(1, seats.length)
