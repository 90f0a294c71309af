import { parseCaveaPlan } from './cavea.ts'
import { parseCsvPlan } from './csv.ts'
import { readJsonText } from './json-text.ts'
import { isRecord, type ParseResult } from './plan.ts'
import { parsePretixPlan } from './pretix.ts'

/** The media types of seat maps, for `Accept-Post` and the API's description. `application/json` is told apart by its fields. */
export const SEAT_MAP_MEDIA_TYPES = [
  'application/json',
  'application/vnd.pretix.seating-plan+json',
  'application/vnd.cavea.seat-map+json',
  'text/csv',
] as const
type SeatMapMediaType = (typeof SEAT_MAP_MEDIA_TYPES)[number]

/** The request's media type is none that a seat map can have. */
export class UnsupportedMediaTypeError extends Error {
  readonly code = 'UNSUPPORTED_MEDIA_TYPE'
  readonly mediaType: string
  readonly supported: readonly string[] = SEAT_MAP_MEDIA_TYPES

  constructor(mediaType: string) {
    super(`A seat map is one of ${SEAT_MAP_MEDIA_TYPES.join(', ')}.`)
    this.name = 'UnsupportedMediaTypeError'
    this.mediaType = mediaType
  }
}

/**
 * Reads a seat map in the format that the media type tells; its parameters, such as `charset`, are ignored. `name`
 * names a CSV file's plan, and a pretix plan that has no name. Throws only {@link UnsupportedMediaTypeError}.
 */
export function parseSeatMap(mediaType: string, body: string, options: { readonly name?: string } = {}): ParseResult {
  const essence = mediaType.split(';', 1).join('').trim().toLowerCase()
  if (!isSeatMapMediaType(essence)) throw new UnsupportedMediaTypeError(mediaType)
  if (essence === 'text/csv') return parseCsvPlan(body, { name: options.name ?? 'Seating plan' })
  const json = readJsonText(body)
  if (json.outcome === 'malformed') return { outcome: 'faulty', faults: [{ pointer: '', code: 'MALFORMED_JSON', detail: json.detail }] }
  switch (essence) {
    case 'application/vnd.cavea.seat-map+json':
      return parseCaveaPlan(json.value)
    case 'application/vnd.pretix.seating-plan+json':
      return parsePretixPlan(json.value, options)
    case 'application/json':
      return parseByFields(json.value, options)
    default:
      return essence satisfies never
  }
}

function parseByFields(json: unknown, options: { readonly name?: string }): ParseResult {
  if (isRecord(json) && Object.hasOwn(json, 'zones')) return parsePretixPlan(json, options)
  if (isRecord(json) && Object.hasOwn(json, 'sections')) return parseCaveaPlan(json)
  const detail = 'This is no seat map: a pretix seating plan has a list "zones", a Cavea seat map a list "sections".'
  return { outcome: 'faulty', faults: [{ pointer: '', code: 'UNKNOWN_FORMAT', detail }] }
}

function isSeatMapMediaType(text: string): text is SeatMapMediaType {
  return (SEAT_MAP_MEDIA_TYPES as readonly string[]).includes(text)
}
