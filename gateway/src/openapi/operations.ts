import { z } from 'zod'
import type { ZodOpenApiOperationObject, ZodOpenApiResponsesObject } from 'zod-openapi'
import * as answer from './answers.ts'
import { OF_BODIES, OF_COMMANDS, OF_READS, type ProblemCode, problemResponses } from './problem-responses.ts'

export const anyone = [{ buyerToken: [] }, { organiserToken: [] }]
export const organisers = [{ organiserToken: [] }]

const idempotencyKey = z.string().max(255).meta({
  description:
    'Your name for this intent, 1 to 255 visible ASCII characters. The same key and body get the recorded answer again, also after a restart.',
  example: '6c1d5f0e-hold-1',
})
const minVersion = z.string().optional().meta({
  description: 'The `Cavea-Version` of an earlier answer, or several with commas between: this answer is at least as new.',
  example: 'seating/3/1204',
})
const ifNoneMatch = z.string().optional().meta({ description: 'An `ETag` that you have: 304 when nothing changed.' })

export const tag = z.string().meta({ example: '"r1"' })
export const commandHeaders = {
  'Cavea-Version': z.string().meta({ description: 'Where this decision stands in the log.', example: 'seating/3/1204' }),
}
export const location = { Location: z.string().meta({ example: '/v1/holds/hold_01jm2c7v9q4h8d3k5n6p7r8s9t0ab' }) }

export const param = (name: string) => z.object({ [name]: z.string() })

interface CommandSpec {
  readonly id: string
  readonly tags: [string]
  readonly summary: string
  readonly description?: string
  readonly security?: typeof anyone | typeof organisers
  readonly key?: 'required' | 'optional'
  readonly path?: z.ZodObject
  readonly headers?: z.ZodRawShape
  readonly query?: z.ZodObject
  readonly content?: Record<string, { schema: z.ZodType; examples?: Record<string, { summary: string; value: unknown }> }>
  readonly status: '200' | '201'
  readonly answer: z.ZodType
  readonly answerHeaders?: z.ZodRawShape
  readonly problems: readonly ProblemCode[]
}

export function command(spec: CommandSpec): ZodOpenApiOperationObject {
  const header = z.object({ 'Idempotency-Key': spec.key === 'required' ? idempotencyKey : idempotencyKey.optional(), ...spec.headers })
  const responses: ZodOpenApiResponsesObject = {
    [spec.status]: {
      description: 'Decided.',
      headers: z.object({ ...commandHeaders, ...spec.answerHeaders }),
      content: { 'application/json': { schema: spec.answer } },
    },
    '202': {
      description: 'Recorded, not decided yet: ask at `Location`.',
      headers: z.object({
        Location: z.string().meta({ example: '/v1/commands/cmd_01jm2c7v9q4h8d3k5n6p7r8s9t' }),
        'Retry-After': z.string(),
      }),
      content: { 'application/json': { schema: answer.PendingCommand } },
    },
    ...problemResponses(
      ...(spec.content ? OF_BODIES : []),
      ...OF_COMMANDS,
      ...(spec.security === organisers ? (['FORBIDDEN'] as const) : []),
      ...spec.problems,
    ),
  }
  return {
    operationId: spec.id,
    tags: spec.tags,
    summary: spec.summary,
    ...(spec.description !== undefined && { description: spec.description }),
    security: spec.security ?? organisers,
    requestParams: { header, ...(spec.path && { path: spec.path }), ...(spec.query && { query: spec.query }) },
    ...(spec.content && { requestBody: { required: true, content: spec.content } }),
    responses,
  }
}

interface ReadSpec {
  readonly id: string
  readonly tags: [string]
  readonly summary: string
  readonly description?: string
  readonly path?: z.ZodObject
  readonly query?: z.ZodObject
  readonly answer: z.ZodType
  readonly security?: ZodOpenApiOperationObject['security']
  readonly problems: readonly ProblemCode[]
}

export function read(spec: ReadSpec): ZodOpenApiOperationObject {
  return {
    operationId: spec.id,
    tags: spec.tags,
    summary: spec.summary,
    ...(spec.description !== undefined && { description: spec.description }),
    security: spec.security ?? [{}],
    requestParams: {
      header: z.object({ 'Cavea-Min-Version': minVersion, 'If-None-Match': ifNoneMatch }),
      ...(spec.path && { path: spec.path }),
      ...(spec.query && { query: spec.query }),
    },
    responses: {
      '200': { description: 'As of now.', headers: z.object({ ETag: tag }), content: { 'application/json': { schema: spec.answer } } },
      '304': { description: 'Nothing changed.' },
      ...problemResponses(...OF_READS, ...spec.problems),
    },
  }
}

export const json = (schema: z.ZodType) => ({ 'application/json': { schema } })
