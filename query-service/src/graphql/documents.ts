import { hash } from 'node:crypto'
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import { errorAt, RefusedRequestError, refused, refusedDocument } from './errors.ts'
import { measure, type QueryLimits } from './limits.ts'

/** One request, by whatever way it came. */
export interface RequestParams {
  readonly query?: string
  readonly operationName?: string
  readonly variables?: Readonly<Record<string, unknown>>
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** A document that was found valid and within the limits. */
export interface KnownDocument {
  readonly text: string
  readonly document: DocumentNode
  /** Throws unless the name picks exactly one. */
  operation(name: string | undefined): OperationDefinitionNode
}

export interface DocumentSettings extends QueryLimits {
  readonly introspection: boolean
  /** Texts that are remembered. */
  readonly documentsMax: number
  readonly documentCharsMax: number
}

type Outcome = KnownDocument | RefusedRequestError

const ERRORS_MAX = 5
const SHA256 = /^[0-9a-f]{64}$/

/**
 * Parses and validates each text once. With `extensions.persistedQuery {version: 1, sha256Hash}` a client may leave the
 * text away once the service knows it ("automatic persisted queries").
 */
export function createDocuments(schema: GraphQLSchema, settings: DocumentSettings): (params: RequestParams) => KnownDocument {
  const outcomes = new Map<string, Outcome>() // By text; the longest unused first.
  const texts = new Map<string, string>() // By hash; only of texts that are good.
  const rules = settings.introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule]

  function remember<Value>(map: Map<string, Value>, key: string, value: Value): Value {
    map.delete(key)
    map.set(key, value)
    const [oldest] = map.keys()
    if (oldest !== undefined && map.size > settings.documentsMax) map.delete(oldest)
    return value
  }

  function textOf({ query, extensions }: RequestParams): string {
    const sha256 = hashOf(extensions)
    if (query === undefined) {
      if (sha256 === undefined) throw refused('QUERY_MISSING', 'The request has no query.')
      const text = texts.get(sha256)
      // The message is what clients of Apollo's protocol look for.
      if (text === undefined) throw refusedDocument('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound')
      remember(texts, sha256, text)
      return text
    }
    if (query.length > settings.documentCharsMax)
      throw refused('QUERY_TOO_LARGE', `A query has at most ${settings.documentCharsMax} characters.`)
    if (sha256 !== undefined && hash('sha256', query) !== sha256)
      throw refused('PERSISTED_QUERY_MISMATCH', 'The hash is not that of the query.')
    return query
  }

  function check(text: string): Outcome {
    let document: DocumentNode
    try {
      document = parse(text, { maxTokens: settings.tokensMax })
    } catch (error) {
      return refusal('GRAPHQL_PARSE_FAILED', [error])
    }
    const faults = validate(schema, document, rules, { maxErrors: ERRORS_MAX })
    if (faults.length > 0) return refusal('GRAPHQL_VALIDATION_FAILED', faults)
    const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
    for (const operation of operations) {
      const { depth, aliases, cost } = measure(schema, document, operation)
      if (depth > settings.depthMax)
        return refusedDocument('QUERY_TOO_DEEP', `A query has at most ${settings.depthMax} levels; this has ${depth}.`)
      if (aliases > settings.aliasesMax)
        return refusedDocument('QUERY_TOO_MANY_ALIASES', `A query has at most ${settings.aliasesMax} aliases; this has ${aliases}.`)
      if (cost > settings.costMax)
        return refusedDocument('QUERY_TOO_COSTLY', `A query costs at most ${settings.costMax}; this costs ${cost}.`)
    }
    return { text, document, operation: (name) => operationOf(operations, name) }
  }

  return (params) => {
    const text = textOf(params)
    const outcome = remember(outcomes, text, outcomes.get(text) ?? check(text))
    if (outcome instanceof RefusedRequestError) throw outcome
    const sha256 = params.query === undefined ? undefined : hashOf(params.extensions)
    if (sha256 !== undefined) remember(texts, sha256, text)
    return outcome
  }
}

function hashOf(extensions: RequestParams['extensions']): string | undefined {
  const persisted = extensions?.['persistedQuery']
  if (persisted === undefined || persisted === null) return undefined
  const { version, sha256Hash } = persisted as { readonly version?: unknown; readonly sha256Hash?: unknown }
  if (version === 1 && typeof sha256Hash === 'string' && SHA256.test(sha256Hash)) return sha256Hash
  throw refused('PERSISTED_QUERY_INVALID', 'persistedQuery needs version 1 and a sha256Hash of 64 hexadecimal digits.')
}

function operationOf(operations: readonly OperationDefinitionNode[], name: string | undefined): OperationDefinitionNode {
  if (name === undefined) {
    const [only] = operations
    if (only !== undefined && operations.length === 1) return only
    throw refusedDocument('OPERATION_UNKNOWN', 'The document has several operations, or none: operationName must pick one.')
  }
  const named = operations.find((operation) => operation.name?.value === name)
  if (named === undefined) throw refusedDocument('OPERATION_UNKNOWN', 'The document has no operation of that name.')
  return named
}

function refusal(code: string, faults: readonly unknown[]): RefusedRequestError {
  return new RefusedRequestError(
    faults.map((fault) => {
      if (fault instanceof GraphQLError) return errorAt(fault, fault.message, { code })
      return new GraphQLError('The query cannot be read.', { extensions: { code } })
    }),
    400,
    true,
  )
}
