import { HttpProblem } from '@cavea/service-kit/problem'
import { GraphQLError } from 'graphql'

/** A request that is wrong as a whole: nothing of it was executed. */
export class RefusedRequestError extends Error {
  readonly errors: readonly GraphQLError[]
  /** Of the HTTP answer. */
  readonly status: number
  /** Whether it was a GraphQL request at all, whose document or operation was refused. */
  readonly isWellFormed: boolean
  constructor(errors: readonly GraphQLError[], status: number, isWellFormed: boolean) {
    super(errors[0]?.message ?? 'The request was refused.')
    this.name = 'RefusedRequestError'
    this.errors = errors
    this.status = status
    this.isWellFormed = isWellFormed
  }
}

/** What came is no GraphQL request. */
export const refused = (code: string, message: string, status = 400): RefusedRequestError =>
  new RefusedRequestError([new GraphQLError(message, { extensions: { code } })], status, false)

/** It is one, of which nothing can be executed. */
export const refusedDocument = (code: string, message: string): RefusedRequestError =>
  new RefusedRequestError([new GraphQLError(message, { extensions: { code } })], 400, true)

const INTERNAL = 'The request failed here.'

/** The same place in the request, with other words and another code. */
export function errorAt(place: GraphQLError, message: string, extensions: Readonly<Record<string, unknown>>): GraphQLError {
  const { nodes = null, source = null, positions = null, path = null } = place
  return new GraphQLError(message, { nodes, source, positions, path, extensions })
}

/**
 * The error as a client may see it: problems with the code that REST gives them, mistakes of the request itself, and of
 * anything else no more than that it happened; `report` learns the rest.
 */
export function toClientError(error: GraphQLError, report: (error: unknown) => void): GraphQLError {
  const cause = rootOf(error.originalError)
  if (cause instanceof HttpProblem) {
    const { status, code, retryable, extra, detail } = cause
    return errorAt(error, detail, { ...extra, code, status, retryable })
  }
  if (cause === undefined || cause instanceof GraphQLError)
    return error.extensions['code'] === undefined ? errorAt(error, error.message, { code: 'INVALID_INPUT' }) : error
  report(cause)
  return errorAt(error, INTERNAL, { code: 'INTERNAL', status: 500, retryable: false })
}

function rootOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError !== undefined ? rootOf(error.originalError) : error
}

/** Of anything that was thrown, as one or more errors for a client. */
export function clientErrorsOf(error: unknown, report: (error: unknown) => void): readonly GraphQLError[] {
  if (error instanceof RefusedRequestError) return error.errors
  if (error instanceof GraphQLError) return [toClientError(error, report)]
  return [toClientError(new GraphQLError('', { originalError: error instanceof Error ? error : new Error(String(error)) }), report)]
}
