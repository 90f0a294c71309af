import type { HallState, PickerHall, PickerSeat, PickerSection, SeatStatus } from '../src/types.ts'

const PITCH = 24
const ROW_PITCH = 30
const SEATS_PER_BLOCK = 416
const COLORS = ['#b5832e', '#2f6f9f', '#3c8d5a', '#8a8f98']

/** An arena of blocks in rings around a floor, with as many seats as are wanted, for measuring and for tests. */
export function makeArena(seatCount: number): PickerHall {
  const sections: PickerSection[] = []
  let left = seatCount
  for (let ring = 0; left > 0; ring++) {
    const radius = 900 + ring * 600
    const rows = 16
    const blocks = Math.max(8, Math.floor((2 * Math.PI * radius) / (26 * PITCH + 90)))
    for (let block = 0; block < blocks && left > 0; block++) {
      const seats = makeBlock(
        `${ring + 1}${String(block + 1).padStart(2, '0')}`,
        ring,
        radius,
        (block / blocks) * 2 * Math.PI,
        rows,
        Math.min(left, SEATS_PER_BLOCK),
      )
      left -= seats.length
      const id = `${ring + 1}${String(block + 1).padStart(2, '0')}`
      sections.push({ sectionId: id, name: `Block ${id}`, standing: false, capacity: seats.length, seats, bounds: null })
    }
  }
  sections.push({ sectionId: 'floor', name: 'Floor', standing: true, capacity: 5_000, seats: [], bounds: null, category: 'Floor' })
  const categories = ['Premium', 'Lower tier', 'Upper tier', 'Side view'].map((name, at) => ({
    name,
    color: COLORS[at] ?? null,
    price: 12_000 - at * 2_500,
  }))
  return {
    name: 'Harbour Arena',
    sections,
    currency: 'EUR',
    focalPoint: { x: 0, y: -560 },
    categories: [...categories, { name: 'Floor', color: '#c2572b', price: 6_500 }],
  }
}

function makeBlock(name: string, ring: number, inner: number, turn: number, rows: number, count: number): readonly PickerSeat[] {
  const seats: PickerSeat[] = []
  const perRow = Math.ceil(count / rows)
  for (let row = 0; row < rows; row++)
    for (let at = 0; at < perRow && seats.length < count; at++) {
      const radius = inner + row * ROW_PITCH
      const angle = turn + ((at - perRow / 2) * PITCH) / radius
      const category = ring === 0 ? (row < 4 ? 'Premium' : 'Lower tier') : row > 12 ? 'Side view' : 'Upper tier'
      const type = row === 0 && at === 0 ? 'wheelchair' : row === 0 && at === 1 ? 'companion' : 'standard'
      const [x, y] = [Math.round(radius * Math.cos(angle) * 10) / 10, Math.round(radius * Math.sin(angle) * 10) / 10]
      seats.push({ seatId: `${name}-${row + 1}-${at + 1}`, row: String(row + 1), number: String(at + 1), x, y, category, type })
    }
  return seats
}

/** A hall's state that a page or a test changes by hand. */
export interface ScriptedState extends HallState {
  set(status: SeatStatus, ...seatIds: readonly string[]): void
  setStale(isStale: boolean): void
}

export function scriptState(hall: PickerHall): ScriptedState {
  const statuses = new Map<string, SeatStatus>()
  const listeners = new Set<(changed: readonly string[] | 'all') => void>()
  const sections = new Map(hall.sections.map((section) => [section.sectionId, section]))
  let stale = false
  const tell = (changed: readonly string[] | 'all'): void => {
    for (const listener of listeners) listener(changed)
  }
  return {
    status: (seatId) => statuses.get(seatId) ?? 'available',
    counts(sectionId) {
      const section = sections.get(sectionId)
      const taken = section?.seats.filter(({ seatId }) => (statuses.get(seatId) ?? 'available') !== 'available').length ?? 0
      return { capacity: section?.capacity ?? 0, available: (section?.capacity ?? 0) - taken }
    },
    get stale() {
      return stale
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    set(status, ...seatIds) {
      for (const seatId of seatIds) statuses.set(seatId, status)
      tell(seatIds)
    },
    setStale(isStale) {
      stale = isStale
      tell('all')
    },
  }
}
