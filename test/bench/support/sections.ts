import type { Envelope } from '@cavea/contracts/envelope'
import {
  type CommandId,
  commandIdOf,
  epochMillis,
  type PerformanceId,
  type SeatIndex,
  type SectionId,
  seatIndex,
} from '@cavea/contracts/ids'
import type { HoldSeats, OpenSection, SectionGeometry } from '@cavea/contracts/seating/messages'
import type { HallShape } from './wrk.ts'

export const PERFORMANCE = 'perf_bench' as PerformanceId
export const NOW = epochMillis(1_760_000_000_000)
const SPACING = 100
const HOUR_MS = 3_600_000
const BUYERS = 2_000

/** Straight rows before a stage, all of one category. */
function geometryOf(rows: number, seatsPerRow: number): SectionGeometry {
  const seats = Array.from({ length: rows * seatsPerRow }, (_, at) => at)
  return {
    row: seats.map((at) => Math.floor(at / seatsPerRow)),
    x: seats.map((at) => (at % seatsPerRow) * SPACING),
    y: seats.map((at) => Math.floor(at / seatsPerRow) * SPACING),
    categories: ['Any'],
    category: seats.map(() => 0),
    type: seats.map(() => 0),
    focalX: (seatsPerRow * SPACING) / 2,
    focalY: -10 * SPACING,
    aisles: [],
    joined: [],
    tables: [],
    wholeTables: [],
  }
}

export const sectionNamed = (section: number): SectionId => `S${section}` as SectionId

/** The commands that open the sections of a hall, as the catalog's policy sends them. */
export function openingsOf({ sections, rows, seatsPerRow }: HallShape, orphanRule: 'off' | 'strict' = 'off'): OpenSection[] {
  const geometry = geometryOf(rows, seatsPerRow)
  return Array.from({ length: sections }, (_, section) => ({
    type: 'OpenSection',
    performanceId: PERFORMANCE,
    sectionId: sectionNamed(section),
    revision: 1,
    seatCount: rows * seatsPerRow,
    terms: {
      priceRevision: 1,
      saleStartsAtMs: null,
      saleEndsAtMs: null,
      holdTtlMs: HOUR_MS,
      extensionMs: HOUR_MS,
      extensions: 1,
      holdMaxMs: 2 * HOUR_MS,
      seatsPerHoldMax: 10,
      purchaseLimit: null,
      sectionLimit: null,
      orphanRule,
    },
    geometry,
  }))
}

export const seatsAt = (...seats: readonly number[]): SeatIndex[] => seats.map(seatIndex)

/** One hold of one seat for every seat of a hall, the sections in turn. */
export function* holdsOf({ sections, rows, seatsPerRow }: HallShape): Generator<HoldSeats> {
  for (let seat = 0; seat < rows * seatsPerRow; seat++)
    for (let section = 0; section < sections; section++)
      yield { type: 'HoldSeats', performanceId: PERFORMANCE, sectionId: sectionNamed(section), seats: seatsAt(seat), cart: null }
}

export const SYSTEM = { kind: 'system', id: 'bench' } as const
export const buyer = (at: number): Envelope['actor'] => ({ kind: 'buyer', id: `buyer_01k7${String(at % BUYERS).padStart(22, '0')}` })

/** As the gateway makes them: with ids, a body's hash and a trace. */
export function envelopeOf(commandType: string, actor: Envelope['actor'], name: string): Envelope {
  const commandId: CommandId = commandIdOf('bench', name)
  return {
    commandId,
    commandType,
    actor,
    organisation: actor.kind === 'buyer' ? '' : 'org_house',
    bodyHash: '9f86d081884c7d659a2feaa0c55ad015',
    causationId: '',
    correlationId: commandId,
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00',
  }
}
