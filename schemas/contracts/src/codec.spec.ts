import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { AvroSchema } from './avro.ts'
import { type Codec, createCodec, UndecodableError } from './codec.ts'
import type { Command, Decision, EncodedMessage, Envelope, Outcome } from './envelope.ts'
import { commandIdOf, epochMillis, seatIndex } from './ids.ts'
import { emptyHead, FRAME_BYTES, headAfter, step } from './ledger.ts'
import type { RecordedRejection } from './rejections.ts'
import { COMMAND_SUBJECT, DECISION_SUBJECT, SUBJECTS } from './subjects.ts'
import { CONTEXTS, type Context } from './topics.ts'

interface RecordSchema {
  readonly type: 'record'
  readonly name: string
  readonly fields: readonly { readonly name: string; readonly type: AvroSchema; readonly default?: unknown }[]
}

const subjects = [...SUBJECTS.keys()]
const idOf = (subject: string): number => 0x01020300 + subjects.indexOf(subject) // No two of its bytes are alike, which shows their order.
const newCodec = (): Codec => createCodec(idOf)
const codec = newCodec()

const messages = subjects
  .filter((subject) => subject !== COMMAND_SUBJECT && subject !== DECISION_SUBJECT)
  .map((subject) => {
    const [context, type] = subject.split('.') as [Context, string]
    return { subject, context, type, schema: SUBJECTS.get(subject) as unknown as RecordSchema }
  })

const LONG_MAX = Number.MAX_SAFE_INTEGER - 1 // avsc refuses the last one.
const LONG_MIN = -(2 ** 52) // Below it avsc writes another number without a word; no time, offset or amount of ours is there.
const texts = fc.string({ unit: 'binary' })
const longs = fc.maxSafeInteger().map((value) => Math.max(LONG_MIN, Math.min(LONG_MAX, value)))
const ints = fc.integer()
const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => Buffer.from(value).toString('hex'))
const plain = { noNullPrototype: true } as const

/** Any value that a schema allows, made from the schema alone, so that a new message needs no new test. */
function valuesOf(schema: AvroSchema): fc.Arbitrary<unknown> {
  if (Array.isArray(schema)) return fc.oneof(...schema.map(valuesOf))
  const type = typeof schema === 'string' ? schema : (schema as { readonly type: string }).type
  switch (type) {
    case 'null':
      return fc.constant(null)
    case 'int':
      return ints
    case 'long':
      return longs
    case 'boolean':
      return fc.boolean()
    case 'double':
      return fc.double({ noNaN: true })
    case 'string':
      return texts
    case 'bytes':
      return fc.uint8Array().map((bytes) => Buffer.from(bytes))
    case 'array':
      return fc.array(valuesOf((schema as { readonly items: AvroSchema }).items), { maxLength: 6 })
    case 'record':
      return fc.record(
        Object.fromEntries((schema as unknown as RecordSchema).fields.map((field) => [field.name, valuesOf(field.type)])),
        plain,
      )
    default:
      throw new TypeError(`No value is known for ${JSON.stringify(schema)}.`)
  }
}

/** Field by field, as the schema lists them: what a decoder makes has another prototype than a literal. */
function assertSame(schema: AvroSchema, actual: unknown, expected: unknown, path: string): void {
  const record = schema as unknown as RecordSchema
  if (expected === null || typeof schema === 'string') assert.deepEqual(actual, expected, path)
  else if (Array.isArray(schema)) assertSame((schema as AvroSchema[]).find((branch) => branch !== 'null') ?? 'null', actual, expected, path)
  else if (record.type === 'record') {
    assert.ok(typeof actual === 'object' && actual !== null, path)
    for (const { name, type } of record.fields) assertSame(type, fieldOf(actual, name), fieldOf(expected, name), `${path}.${name}`)
  } else {
    assert.ok(Array.isArray(actual) && Array.isArray(expected), path)
    assert.equal(actual.length, expected.length, path)
    for (const [at, item] of expected.entries())
      assertSame((schema as { readonly items: AvroSchema }).items, actual[at], item, `${path}[${at}]`)
  }
}
const fieldOf = (value: unknown, name: string): unknown => (value as Readonly<Record<string, unknown>>)[name]

const envelopes: fc.Arbitrary<Envelope> = fc.record(
  {
    commandId: fc.array(texts).map((parts) => commandIdOf(...parts)),
    commandType: texts,
    actor: fc.record({ kind: fc.constantFrom('buyer', 'organiser', 'system'), id: texts }, plain),
    organisation: texts,
    bodyHash: hex(16),
    causationId: texts,
    correlationId: texts,
    traceparent: texts,
  },
  plain,
)
const encoded: fc.Arbitrary<EncodedMessage> = fc.record(
  { type: texts, schemaId: ints, bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes)) },
  plain,
)
const times = longs.map(epochMillis)
const maybe = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: null })
const heads = hex(32).map((text) => headAfter(Buffer.from(text)))
const rejections: fc.Arbitrary<RecordedRejection> = fc.record(
  {
    code: texts,
    sectionId: texts,
    conflicts: fc.array(
      fc.record(
        { seat: ints.map(seatIndex), reason: fc.constantFrom('held', 'sold', 'blocked'), sinceMs: times, mayFreeAtMs: maybe(times) },
        plain,
      ),
      { maxLength: 3 },
    ),
    seats: fc.array(ints.map(seatIndex), { maxLength: 3 }),
    alternative: fc.array(ints.map(seatIndex), { maxLength: 3 }),
    limit: maybe(ints),
    have: maybe(ints),
    asked: maybe(ints),
    opensAtMs: maybe(times),
    closedAtMs: maybe(times),
    revision: maybe(ints),
    extensionsLeft: maybe(ints),
    step: texts,
    detail: texts,
  },
  plain,
)
const decisions: fc.Arbitrary<Decision> = fc.record(
  {
    link: heads,
    envelope: envelopes,
    commandOffset: longs,
    atMs: times,
    ruleVersion: ints,
    outcome: fc.constantFrom<Outcome>('accepted', 'rejected', 'duplicate', 'started'),
    duplicateOf: maybe(fc.record({ offset: longs, head: heads }, plain)),
    rejection: maybe(rejections),
    events: fc.array(encoded, { maxLength: 4 }),
    reactedTo: longs,
  },
  plain,
)
const messageOf = (type: string, fields: object): { readonly type: string } => ({ ...fields, type })
const commandOf = (envelope: Envelope, type: string, fields: object): Command<{ readonly type: string }> => ({
  envelope: { ...envelope, commandType: type },
  message: { ...fields, type },
})
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (_, part) => part)) // The same plain prototype on both sides.

describe('Codec, messages', () => {
  it('knows messages of every context', () => {
    assert.deepEqual([...new Set(messages.map(({ context }) => context))].sort(), [...CONTEXTS].sort())
  })

  for (const { subject, context, type, schema } of messages)
    it(`gives back every field of ${subject}`, () => {
      fc.assert(
        fc.property(valuesOf(schema as unknown as AvroSchema), (fields) => {
          const bytes = codec.encodeMessage(context, { ...(fields as object), type })
          assert.deepEqual([bytes.type, bytes.schemaId], [type, idOf(subject)])
          const message: { readonly type: string } = codec.decodeMessage(context, bytes)
          assert.equal(message.type, type)
          assertSame(schema as unknown as AvroSchema, message, fields, type)
          assert.deepEqual(Object.keys(message).sort(), [...schema.fields.map((field) => field.name), 'type'].sort())
        }),
        { numRuns: 50 },
      )
    })

  it('writes a message that is larger than its scratch space', () => {
    const seats = Array.from({ length: 100_000 }, (_, at) => at)
    const message = messageOf('HoldSeats', { performanceId: 'perf', sectionId: 'floor', seats })
    const fresh = newCodec()
    const decoded: object = fresh.decodeMessage('seating', fresh.encodeMessage('seating', message))
    assert.deepEqual(fieldOf(decoded, 'seats'), seats)
    const small = messageOf('ExtendHold', { holdId: 'h' })
    assert.deepEqual(fresh.encodeMessage('seating', small), codec.encodeMessage('seating', small))
  })

  it('does not write over what it gave out before', () => {
    const first = codec.encodeMessage('seating', messageOf('ExtendHold', { holdId: 'first' }))
    const copy = Buffer.from(first.bytes)
    codec.encodeMessage('seating', messageOf('ExtendHold', { holdId: 'other' }))
    assert.deepEqual(first.bytes, copy)
  })

  it('keeps the contexts apart: a type of one is none of the other', () => {
    const payload = codec.encodeMessage('seating', messageOf('ExtendHold', { holdId: 'h' }))
    assert.throws(() => codec.decodeMessage('catalog', payload), UndecodableError)
  })

  it('does not read one type as another, though their fields be the same', () => {
    const payload = codec.encodeMessage('seating', messageOf('ExtendHold', { holdId: 'h' }))
    assert.throws(() => codec.decodeMessage('seating', { ...payload, type: 'SellHold' }), UndecodableError)
  })
})

describe('Codec, records', () => {
  it('gives back every field of a command', () => {
    fc.assert(
      fc.property(envelopes, fc.constantFrom(...messages), (envelope, { context, type, schema }) => {
        const [fields] = fc.sample(valuesOf(schema as unknown as AvroSchema), { numRuns: 1, seed: 1 })
        const command = commandOf(envelope, type, fields as object)
        const decoded = codec.decodeCommand(codec.encodeCommand(context, command))
        assert.deepEqual(decoded, { envelope: command.envelope, payload: codec.encodeMessage(context, command.message) })
      }),
    )
  })

  it('gives back every field of a decision', () => {
    fc.assert(
      fc.property(decisions, (decision) => {
        assert.deepEqual(json(codec.decodeDecision(codec.encodeDecision(decision))), json(decision))
      }),
      { numRuns: 300 },
    )
  })

  it("has Confluent's wire format: a zero byte, then the schema's id in four bytes, big-endian", () => {
    fc.assert(
      fc.property(decisions, envelopes, (decision, envelope) => {
        const command = codec.encodeCommand('seating', commandOf(envelope, 'ExtendHold', { holdId: 'h' }))
        assert.deepEqual([...command.subarray(0, FRAME_BYTES)], [0, 1, 2, 3, idOf(COMMAND_SUBJECT) & 0xff])
        assert.deepEqual([...codec.encodeDecision(decision).subarray(0, FRAME_BYTES)], [0, 1, 2, 3, idOf(DECISION_SUBJECT) & 0xff])
      }),
    )
  })

  it('has the link of a decision in bytes 5 to 37, where the ledger rule looks for it', () => {
    fc.assert(
      fc.property(decisions, (decision) => {
        const value = codec.encodeDecision(decision)
        assert.equal(value.toString('hex', 5, 37), decision.link)
        assert.equal(step(decision.link, value), headAfter(value))
        assert.equal(step(emptyHead('other', 0), value), undefined)
      }),
    )
  })

  it('is deterministic: the same decision is the same bytes, and has the same head', () => {
    fc.assert(
      fc.property(decisions, (decision) => assert.ok(codec.encodeDecision(decision).equals(newCodec().encodeDecision(decision)))),
      {
        numRuns: 20,
      },
    )
  })
})
