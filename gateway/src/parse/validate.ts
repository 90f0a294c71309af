import type { z } from 'zod'
import { isNotYet } from './requests.ts'

/** One thing that is wrong with a request. The pointer is a JSON pointer into its body. */
export interface InputError {
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

/** A request that cannot mean anything. Thrown only at the edge; nothing of it reaches the log. */
export class InvalidInputError extends Error {
  readonly code: string
  readonly errors: readonly InputError[]
  constructor(errors: readonly InputError[], code = 'INVALID_INPUT') {
    super(errors[0]?.detail ?? 'The request is not valid.')
    this.name = 'InvalidInputError'
    this.code = code
    this.errors = errors
  }
}

const ERRORS_MAX = 100

/** Checks a value and returns what the schema makes of it. Throws `InvalidInputError` with every fault. */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const errors = result.error.issues.flatMap(errorsOf).slice(0, ERRORS_MAX)
  const beyond = errors.find(({ code }) => code === 'NOT_SUPPORTED')
  throw new InvalidInputError(errors, beyond === undefined ? 'INVALID_INPUT' : 'NOT_SUPPORTED')
}

function errorsOf(issue: z.core.$ZodIssue): readonly InputError[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const pointer = pointerOf([...issue.path, key])
      return isNotYet(key)
        ? { pointer, code: 'NOT_SUPPORTED', detail: `"${key}" is not supported by this version.` }
        : { pointer, code: 'UNKNOWN_FIELD', detail: `There is no field "${key}".` }
    })
  return [{ pointer: pointerOf(issue.path), code: codeOf(issue), detail: issue.message }]
}

function codeOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'custom':
      return typeof issue.params?.['code'] === 'string' ? issue.params['code'] : 'INVALID'
    case 'invalid_type':
      return issue.input === undefined && issue.message.includes('undefined') ? 'REQUIRED' : 'WRONG_TYPE'
    case 'too_big':
      return 'TOO_BIG'
    case 'too_small':
      return 'TOO_SMALL'
    default:
      return 'INVALID'
  }
}

/** RFC 6901. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
