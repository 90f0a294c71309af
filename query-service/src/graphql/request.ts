import type { RequestParams } from './documents.ts'
import { refused } from './errors.ts'

/** What a request says, whose parts are of the right kind. Throws what is answered with 400. */
export function readParams(value: unknown): RequestParams {
  if (!isObject(value)) throw refused('REQUEST_INVALID', 'The request must be a JSON object.')
  const { query, operationName, variables, extensions } = value
  if (query !== undefined && query !== null && typeof query !== 'string') throw refused('REQUEST_INVALID', 'query must be a string.')
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string')
    throw refused('REQUEST_INVALID', 'operationName must be a string.')
  if (variables !== undefined && variables !== null && !isObject(variables))
    throw refused('REQUEST_INVALID', 'variables must be an object.')
  if (extensions !== undefined && extensions !== null && !isObject(extensions))
    throw refused('REQUEST_INVALID', 'extensions must be an object.')
  return {
    ...(typeof query === 'string' && { query }),
    ...(typeof operationName === 'string' && operationName !== '' && { operationName }),
    ...(isObject(variables) && { variables }),
    ...(isObject(extensions) && { extensions }),
  }
}

/** The versions that the request wants to see at least, where it has no header for it: `extensions.minVersion`. */
export function minVersionOf({ extensions }: RequestParams): string {
  const minVersion = extensions?.['minVersion'] ?? ''
  if (typeof minVersion !== 'string') throw refused('MIN_VERSION_INVALID', 'minVersion must be the Cavea-Version of an earlier answer.')
  return minVersion
}

export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw refused('MALFORMED_JSON', `${what} is not JSON.`)
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
