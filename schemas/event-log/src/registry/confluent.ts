import { setTimeout as sleep } from 'node:timers/promises'
import { SchemaRegistry as Client, COMPATIBILITY, SchemaType } from '@kafkajs/confluent-schema-registry'
import type { EventLogError } from '../errors.ts'
import { RegistryUnavailableError, SchemaIncompatibleError, type SchemaRegistry, SchemaUnknownError } from './port.ts'

export interface ConfluentRegistryOptions {
  /** The base of a registry that speaks Confluent's protocol, without a slash at the end. */
  readonly url: string
  /** How often a call is tried again while the registry does not answer. Default 5. */
  readonly retriesMax?: number
}

const TIMEOUT_MS = 10_000
const RETRY_INTERVAL_MS = 200
/** Services that start at once register the same subject at once, and the registry refuses all but one: that passes. */
const REFUSALS_BELIEVED_AFTER = 4
/** A subject that somebody has just made has not got its rules yet: `guard` sees to it, and a busy registry takes its time. */
const UNGUARDED_BELIEVED_AFTER = 8
const RETRY_INTERVAL_MAX_MS = 2_000
/** Incompatible, and not a valid schema. */
const REFUSED = new Set([409, 422])

/** A registry over HTTP. Answers are kept: ids and schemas never change. */
export function confluentRegistry(options: ConfluentRegistryOptions): SchemaRegistry {
  const url = options.url.replace(/\/+$/, '')
  const client = new Client({ host: url, clientId: 'cavea', retry: { retries: 0 } })
  const ids = new Map<string, Promise<number>>()
  const schemas = new Map<number, Promise<object>>()

  async function attempt<T>(call: () => Promise<T>, translate: (error: unknown) => EventLogError | undefined): Promise<T> {
    for (let retries = 0; ; retries++) {
      try {
        return await inTime(call())
      } catch (error) {
        const translated = translate(error)
        if (translated !== undefined && retries >= believedAfter(translated, error)) throw translated
        if (translated === undefined && retries >= (options.retriesMax ?? 5)) throw new RegistryUnavailableError(options.url, error)
        await sleep(Math.min(RETRY_INTERVAL_MAX_MS, RETRY_INTERVAL_MS * 2 ** retries))
      }
    }
  }

  /** Subjects of which nobody has set the compatibility: whoever registered one may have been killed before it did. */
  async function guard(subject: string): Promise<void> {
    const config = `${url}/config/${encodeURIComponent(subject)}`
    const answer = await fetch(config)
    const { compatibilityLevel = 'NONE' } = answer.ok ? ((await answer.json()) as { compatibilityLevel?: string }) : {}
    if (compatibilityLevel !== 'NONE') return
    const headers = { 'content-type': 'application/json' }
    await fetch(config, { method: 'PUT', headers, body: JSON.stringify({ compatibility: COMPATIBILITY.FULL_TRANSITIVE }) })
  }

  async function register(subject: string, schema: object): Promise<number> {
    const text = JSON.stringify(schema)
    const { id } = await attempt(
      async () => {
        try {
          return await client.register({ type: SchemaType.AVRO, schema: text }, { subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE })
        } catch (error) {
          if (isUnguarded(error)) await guard(subject)
          throw error
        }
      },
      (error) => {
        // Without a status the fault was found before asking the registry: the schema is invalid, or the subject is set up otherwise.
        const isRefused = error instanceof Error && error.name.startsWith('ConfluentSchemaRegistry')
        return isRefused || REFUSED.has(statusOf(error)) ? new SchemaIncompatibleError(subject, (error as Error).message, error) : undefined
      },
    )
    return id
  }

  async function schemaOf(id: number): Promise<object> {
    const type = await attempt(
      () => client.getSchema(id),
      (error) => (statusOf(error) === 404 ? new SchemaUnknownError(id, error) : undefined),
    )
    // The client answers an avsc type, whose JSON is the schema.
    return JSON.parse(JSON.stringify(type)) as object
  }

  return {
    register: (subject, schema) => kept(ids, `${subject}\n${JSON.stringify(schema)}`, () => register(subject, schema)),
    schemaOf: (id) => kept(schemas, id, () => schemaOf(id)),
  }
}

function believedAfter(translated: EventLogError, error: unknown): number {
  if (!(translated instanceof SchemaIncompatibleError)) return 0
  return isUnguarded(error) ? UNGUARDED_BELIEVED_AFTER : REFUSALS_BELIEVED_AFTER
}

const isUnguarded = (error: unknown): error is Error => error instanceof Error && error.name === 'ConfluentSchemaRegistryCompatibilityError'

/** Asks once for what several want, and again after a failure. */
function kept<Key, T>(answers: Map<Key, Promise<T>>, key: Key, ask: () => Promise<T>): Promise<T> {
  const known = answers.get(key)
  if (known !== undefined) return known
  const answer = ask()
  answers.set(key, answer)
  answer.catch(() => answers.delete(key))
  return answer
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  const timer = new AbortController()
  const late = sleep(TIMEOUT_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`No answer within ${TIMEOUT_MS} ms.`)
  })
  late.catch(() => undefined)
  try {
    return await Promise.race([answer, late])
  } finally {
    timer.abort()
  }
}

function statusOf(error: unknown): number {
  return Number((error as { readonly status?: unknown } | undefined)?.status ?? 0)
}
