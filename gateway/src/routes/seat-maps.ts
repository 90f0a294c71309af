import type { PublishSeatMap } from '@cavea/contracts/catalog/messages'
import { commandIdOf, type SeatMapId } from '@cavea/contracts/ids'
import { bucketOf } from '@cavea/contracts/partitioning'
import { decodeLearning } from '@cavea/event-log/ledger-reader'
import { HttpProblem } from '@cavea/service-kit/problem'
import type { Router } from '@koa/router'
import type { Context } from 'koa'
import { requireOrganiser } from '../middleware/authenticate.ts'
import { readBody, SEAT_MAP_BYTES_MAX, textOf } from '../middleware/body.ts'
import { idempotencyKey } from '../middleware/idempotency-key.ts'
import { callerOf, stateOf } from '../middleware/request-state.ts'
import { hashOfBytes } from '../parse/body-hash.ts'
import { parseSeatMap, SEAT_MAP_MEDIA_TYPES } from '../parse/seat-map/parse-seat-map.ts'
import { type SeatMapPart, type SizeOf, splitSeatMap } from '../parse/seat-map-parts.ts'
import { type InputError, InvalidInputError } from '../parse/validate.ts'
import { CommandUnknownError } from '../ports/command-bus.ts'
import { renderDecision, write, writePending } from './command-answers.ts'
import type { RouteDeps } from './deps.ts'
import { envelopeOf, type Intent, intentOf } from './intent.ts'
import { findVenue } from './lookups.ts'
import { requireOwn } from './own.ts'
import { claimKey, commandRoute } from './send.ts'

const NAME_CHARS_MAX = 200

export function mountSeatMaps(router: Router, deps: RouteDeps): void {
  // A large plan over a slow line may take its time; the limit on its size is what protects the memory.
  const planBody = readBody({ bytesMax: SEAT_MAP_BYTES_MAX, mediaTypes: SEAT_MAP_MEDIA_TYPES, timeoutMs: deps.seatMapTimeoutMs })
  router.post(
    '/v1/venues/:venueId/seat-maps',
    commandRoute(deps),
    requireOrganiser,
    idempotencyKey({ required: false }),
    planBody,
    async function importSeatMap(context) {
      const venue = await findVenue(deps, context.params['venueId'] ?? '')
      requireOwn(callerOf(context), venue, 'VENUE_NOT_FOUND')
      const { raw, mediaType = '' } = stateOf(context)
      if (raw === undefined)
        throw new InvalidInputError([{ pointer: '', code: 'REQUIRED', detail: 'Send the seat map as the body.' }], 'SEAT_MAP_INVALID')
      const name = nameOf(context)
      const parsed = parseSeatMap(mediaType, textOf(raw), name === undefined ? {} : { name })
      if (parsed.outcome === 'faulty') throw invalid(parsed.faults)
      const split = splitSeatMap(parsed.plan, venue.venueId, sizeOf(deps))
      if (split.outcome === 'too large') throw invalid(split.faults)

      const intent = intentOf(context, hashOfBytes(raw, mediaType, name ?? ''))
      await claimKey(deps, intent)
      const step = stepsOf(deps, context, intent)
      const seatMapId = await step.draft(split.draft)
      for (const part of split.parts) await step.add(seatMapId, part)
      await step.publish(seatMapId, [...parsed.warnings, ...split.warnings])
    },
  )
}

/**
 * The commands of one import, each with an id that derives from the request's: a repeat goes on where the first try
 * stopped. The map exists to nobody until the last one, which has the request's own id, was accepted.
 */
function stepsOf(deps: RouteDeps, request: Context, intent: Intent) {
  const bucket = bucketOf(callerOf(request).organisation)

  async function decide(message: { readonly type: string }, ...step: readonly string[]) {
    const envelope = envelopeOf(request, intent, message.type, commandIdOf(intent.commandId, ...step))
    const answer = await deps.commands.send('catalog', bucket, { envelope, message })
    if (answer.outcome === 'undecided') throw new CommandUnknownError('A step of the import was not decided in time.')
    // Presents nothing: a rejected step ends the import with its problem.
    if (answer.decision.rejection !== null) await renderDecision(deps, request, answer, message)
    return answer.decision
  }

  return {
    async draft(draft: { readonly type: 'DraftSeatMap' }): Promise<SeatMapId> {
      const { events } = await decide(draft, 'draft')
      for (const event of events) {
        const drafted = await decodeLearning(deps, () =>
          deps.codec.decodeMessage<{ type: string; seatMapId?: SeatMapId }>('catalog', event),
        )
        if (drafted.type === 'SeatMapDrafted' && drafted.seatMapId !== undefined) return drafted.seatMapId
      }
      throw new HttpProblem({ status: 409, code: 'ALREADY_DECIDED', detail: 'This Idempotency-Key was used long ago. Use a new one.' })
    },
    async add(seatMapId: SeatMapId, part: SeatMapPart): Promise<void> {
      await decide({ type: 'AddSeatMapPart', seatMapId, ...part } as { readonly type: string }, 'part', String(part.part))
    },
    async publish(seatMapId: SeatMapId, warnings: readonly InputError[]): Promise<void> {
      const message: PublishSeatMap = { type: 'PublishSeatMap', seatMapId }
      const answer = await deps.commands.send('catalog', bucket, { envelope: envelopeOf(request, intent, message.type), message })
      if (answer.outcome === 'undecided') return writePending(request, answer.commandId)
      const rendered = await renderDecision(deps, request, answer, message)
      write(request, { ...rendered, body: { ...(rendered.body as object), warnings } })
    },
  }
}

function sizeOf({ codec }: Pick<RouteDeps, 'codec'>): SizeOf {
  const seatMapId = '' as SeatMapId
  const sectionId = '' as SeatMapPart['sectionId']
  return {
    draft: (draft) => codec.encodeMessage('catalog', draft).bytes.length,
    row: (row) =>
      codec.encodeMessage('catalog', { type: 'AddSeatMapPart', seatMapId, part: 0, sectionId, rows: [row] } as { readonly type: string })
        .bytes.length,
  }
}

function nameOf(context: Context): string | undefined {
  const { name } = context.query
  if (name === undefined) return undefined
  if (typeof name === 'string' && name.trim() !== '' && name.length <= NAME_CHARS_MAX) return name.trim()
  throw new InvalidInputError([
    { pointer: '', code: 'INVALID', detail: `The parameter "name" is given once and has 1 to ${NAME_CHARS_MAX} characters.` },
  ])
}

const invalid = (faults: readonly InputError[]): InvalidInputError => new InvalidInputError(faults, 'SEAT_MAP_INVALID')
