import type { SeatStatus } from '../types.ts'
import type { PerformanceAnswer, SeatsAnswer, SeatsMessage } from './answers.ts'

export interface Counts {
  readonly available: number
  readonly capacity: number
}

/** What is known of the seats of a performance: filled once, then brought up to date by messages. */
export interface SeatTable {
  /** `blocked` of a seat that is not known, so that nothing unknown looks free. */
  status(seatId: string): SeatStatus
  counts(sectionId: string): Counts
  /** How many decisions it has seen: it only grows. */
  readonly version: number
  fill(performance: PerformanceAnswer, seats: SeatsAnswer): void
  /** Answers the ids of seats and standing areas that are not as they were. */
  apply(message: SeatsMessage): readonly string[]
}

export function createSeatTable(): SeatTable {
  const statuses = new Map<string, SeatStatus>()
  const counts = new Map<string, Counts>()
  const seatsOf = new Map<string, readonly string[]>()
  let version = 0

  function count(sectionId: string, { available, capacity }: Counts): boolean {
    const before = counts.get(sectionId)
    counts.set(sectionId, { available, capacity })
    return before?.available !== available || before.capacity !== capacity
  }

  return {
    status: (seatId) => statuses.get(seatId) ?? 'blocked',
    counts: (sectionId) => counts.get(sectionId) ?? { available: 0, capacity: 0 },
    get version() {
      return version
    },
    fill(performance, answer) {
      statuses.clear()
      counts.clear()
      for (const { sectionId, capacity } of performance.sections) counts.set(sectionId, { available: 0, capacity })
      for (const { sectionId, seats, available, capacity } of answer.sections) {
        for (const { seatId, status } of seats) statuses.set(seatId, status)
        seatsOf.set(
          sectionId,
          seats.map(({ seatId }) => seatId),
        )
        const free = available ?? seats.reduce((sum, { status }) => sum + (status === 'available' ? 1 : 0), 0)
        counts.set(sectionId, { available: free, capacity: capacity ?? seats.length })
      }
      version = answer.version
    },
    apply(message) {
      const changed: string[] = []
      for (const section of message.sections) {
        const { sectionId, whole, seats } = section
        const told = new Set<string>()
        for (const { seatId, status } of seats) {
          if (whole) told.add(seatId)
          if (statuses.get(seatId) === status) continue
          statuses.set(seatId, status)
          changed.push(seatId)
        }
        if (whole) for (const seatId of seatsOf.get(sectionId) ?? []) if (!told.has(seatId) && statuses.delete(seatId)) changed.push(seatId)
        if (count(sectionId, section)) changed.push(sectionId)
      }
      version = Math.max(version, message.version)
      return changed
    },
  }
}
