import { createDocument, type ZodOpenApiObject, type ZodOpenApiOverride } from 'zod-openapi'
import { PATHS } from './paths.ts'
import { SESSION_PATHS } from './session-paths.ts'

const DESCRIPTION = `Times are RFC 3339 in UTC with milliseconds, money is in minor units of its currency, ids are opaque strings.
Errors are problem documents (RFC 9457) with a stable \`code\`. Commands take an \`Idempotency-Key\` and answer with a
\`Cavea-Version\`; a read that sends it as \`Cavea-Min-Version\` sees at least that.`

/** The OpenAPI 3.1 document, made from the very validators that check requests. */
export function openApiDocument(): object {
  const document: ZodOpenApiObject = {
    openapi: '3.1.0',
    info: { title: 'Cavea', version: '1.0.0', description: DESCRIPTION, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    tags: [
      { name: 'Performances', description: 'What is on sale. Public.' },
      { name: 'Buyers' },
      { name: 'Sessions', description: 'For browsers.' },
      { name: 'Holds', description: 'Temporary claims on seats.' },
      { name: 'Organisers', description: 'Venues, seat maps, terms of sale, box office.' },
      { name: 'Commands', description: 'Outcomes of requests that took long.' },
    ],
    components: {
      securitySchemes: {
        buyerToken: { type: 'http', scheme: 'bearer', description: 'From POST /v1/buyers.' },
        session: { type: 'apiKey', in: 'cookie', name: 'cavea_session', description: 'From POST /v1/session.' },
        organiserToken: { type: 'http', scheme: 'bearer', description: 'The token that the operator set or was shown.' },
      },
    },
    paths: { ...PATHS, ...SESSION_PATHS },
  }
  // Requests are strict, answers are not: a client that refuses new fields would break with the next version.
  const override: ZodOpenApiOverride = ({ jsonSchema, io }) => {
    if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
  }
  return createDocument(document, { override })
}
