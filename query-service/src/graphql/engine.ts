import { GRAPHQL_SDL } from '@cavea/contracts/graphql/schema'
import type { Caller } from '@cavea/service-kit/tokens'
import {
  assertValidSchema,
  buildSchema,
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql'
import type { ReadModel } from '../application/read-model.ts'
import type { Lookups } from '../routes/lookups.ts'
import type { Wish } from '../subscriptions/hub.ts'
import { createDocuments, type DocumentSettings, type KnownDocument, type RequestParams } from './documents.ts'
import { refused, toClientError } from './errors.ts'
import { createQueryRoot, type RequestContext } from './resolvers.ts'
import { resolveSeatLists, SeatTexts } from './seat-lists.ts'
import { rootFieldOf } from './selection.ts'
import { createWishes } from './subscriptions.ts'

/** GraphQL without a transport. What it throws is for `clientErrorsOf`. */
export interface GraphqlEngine {
  readonly schema: GraphQLSchema
  /** The text parsed and found good, once for all requests that have it, and the operation that is meant. */
  prepare(params: RequestParams): PreparedOperation
  query(prepared: PreparedOperation, context: RequestContext): Promise<ExecutionResult>
  /** The same as JSON, which is several times as quick where there are many seats. */
  queryText(prepared: PreparedOperation, caller: Caller | undefined): Promise<{ readonly hasData: boolean; readonly text: string }>
  /** What the hub is to do for a subscription. */
  wish(prepared: PreparedOperation, caller: Caller | undefined): Omit<Wish, 'outlet'>
  /** An error of execution as its client may see it. */
  clientError(error: GraphQLError): GraphQLError
  report(error: unknown): void
}

export interface PreparedOperation {
  readonly known: KnownDocument
  readonly operation: OperationDefinitionNode
  readonly variables: Readonly<Record<string, unknown>>
}

export const DOCUMENT_SETTINGS: DocumentSettings = {
  introspection: false,
  tokensMax: 1_000,
  depthMax: 10,
  aliasesMax: 15,
  costMax: 100_000,
  documentsMax: 1_000,
  documentCharsMax: 16_384,
}

export function createGraphqlEngine(deps: {
  readonly readModel: ReadModel
  readonly lookups: Lookups
  readonly documents: DocumentSettings
  readonly report: (error: unknown) => void
}): GraphqlEngine {
  const { report } = deps
  const schema = buildSchema(GRAPHQL_SDL)
  assertValidSchema(schema)
  resolveSeatLists(schema)
  const documents = createDocuments(schema, deps.documents)
  const queryRoot = createQueryRoot(deps)
  const wishes = createWishes(deps)
  const clientError = (error: GraphQLError): GraphQLError => toClientError(error, report)

  function shown({ errors, ...result }: ExecutionResult): ExecutionResult {
    return errors === undefined ? result : { ...result, errors: errors.map(clientError) }
  }

  async function query({ known, operation, variables }: PreparedOperation, contextValue: RequestContext): Promise<ExecutionResult> {
    if (operation.operation !== 'query')
      throw refused('OPERATION_NOT_SUPPORTED', 'Subscriptions are offered over WebSocket (graphql-transport-ws).', 405)
    return shown(
      await execute({
        schema,
        document: known.document,
        ...named(operation),
        variableValues: variables,
        rootValue: queryRoot,
        contextValue,
      }),
    )
  }

  return {
    schema,
    clientError,
    report,
    prepare(params) {
      const known = documents(params)
      return { known, operation: known.operation(params.operationName), variables: params.variables ?? {} }
    },
    query,
    async queryText(prepared, caller) {
      const seatTexts = new SeatTexts()
      const result = await query(prepared, { caller, seatTexts })
      return { hasData: result.data !== undefined, text: seatTexts.stringify(result) }
    },
    wish({ known, operation, variables }, caller) {
      const field = rootFieldOf(schema, known, operation, variables)
      return wishes(field, caller, (value) => {
        const seatTexts = new SeatTexts()
        const result = execute({
          schema,
          document: known.document,
          ...named(operation),
          variableValues: variables,
          rootValue: { [field.name]: value },
          contextValue: { caller: undefined, seatTexts }, // What is told may not depend on who is told: others share it.
        })
        if (result instanceof Promise) throw new TypeError('Live values are read from memory, without waiting.')
        return Buffer.from(seatTexts.stringify(shown(result as ExecutionResult)))
      })
    },
  }
}

const named = ({ name }: OperationDefinitionNode): { readonly operationName?: string } =>
  name === undefined ? {} : { operationName: name.value }
