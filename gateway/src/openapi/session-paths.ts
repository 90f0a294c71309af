import { z } from 'zod'
import type { ZodOpenApiPathsObject } from 'zod-openapi'
import { SessionRequest } from '../parse/session-request.ts'
import { OF_BODIES, problemResponses } from './problem-responses.ts'

const Session = z
  .object({
    kind: z.enum(['buyer', 'organiser']),
    id: z.string().meta({ example: 'buyer_01jm2c7v9q4h8d3k5n6p7r8s9t' }),
    organisation: z.string().optional().meta({ description: 'Of organisers.' }),
  })
  .meta({ id: 'Session' })

const content = { 'application/json': { schema: Session } }
const DESCRIPTION =
  'For pages of this very origin. The session is in a cookie that no script can read, and is heeded where a request has no Authorization header.'

export const SESSION_PATHS: ZodOpenApiPathsObject = {
  '/v1/session': {
    post: {
      operationId: 'startSession',
      tags: ['Sessions'],
      summary: 'Sign a browser in, or make it an anonymous buyer',
      description: DESCRIPTION,
      security: [{}],
      requestBody: { required: false, content: { 'application/json': { schema: SessionRequest } } },
      responses: {
        '200': { description: 'There is a session already, which stays.', content },
        '201': { description: 'A new session.', content },
        ...problemResponses(...OF_BODIES, 'UNAUTHENTICATED', 'ORIGIN_NOT_ALLOWED', 'OVERLOADED'),
      },
    },
    get: {
      operationId: 'readSession',
      tags: ['Sessions'],
      summary: 'Whose session it is',
      security: [{ session: [] }, { buyerToken: [] }, { organiserToken: [] }],
      responses: { '200': { description: 'As of now.', content }, ...problemResponses('UNAUTHENTICATED') },
    },
    delete: {
      operationId: 'endSession',
      tags: ['Sessions'],
      summary: 'Sign out',
      security: [{ session: [] }],
      responses: { '204': { description: 'The browser forgets its session.' }, ...problemResponses('ORIGIN_NOT_ALLOWED') },
    },
  },
}
