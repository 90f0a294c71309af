import avro from 'avsc'
import type { AvroSchema } from './avro.ts'
import { type AssertBounds, assertBoundsOf } from './avro-bounds.ts'
import type { Actor, Command, Decision, DuplicateOf, EncodedMessage, Envelope, Outcome } from './envelope.ts'
import type { CommandId, EpochMillis } from './ids.ts'
import { FRAME_BYTES, type Head } from './ledger.ts'
import type { RecordedRejection } from './rejections.ts'
import { COMMAND_SUBJECT, DECISION_SUBJECT, SUBJECTS, subjectOf } from './subjects.ts'
import { CONTEXTS, type Context } from './topics.ts'

/** The bytes are no record of ours: no frame, another schema's shape, or cut off. */
export class UndecodableError extends Error {
  readonly code = 'UNDECODABLE'
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'UndecodableError'
  }
}

/** The schema with this id was never learned: ask the registry, hand the answer to `learn`, decode again. */
export class UnknownSchemaError extends Error {
  readonly code = 'UNKNOWN_SCHEMA'
  readonly schemaId: number
  constructor(schemaId: number) {
    super(`No schema is known for id ${schemaId}.`)
    this.name = 'UnknownSchemaError'
    this.schemaId = schemaId
  }
}

interface FlatEnvelope {
  commandId: string
  commandType: string
  actorKind: string
  actorId: string
  organisation: string
  bodyHash: string
  causationId: string
  correlationId: string
  traceparent: string
}
interface FlatCommand extends FlatEnvelope {
  schemaId: number
  bytes: Buffer
}
interface FlatDecision extends FlatEnvelope {
  link: Buffer
  commandOffset: number
  atMs: number
  ruleVersion: number
  outcome: string
  duplicateOf: { offset: number; head: Buffer } | null
  rejection: RecordedRejection | null
  events: EncodedMessage[]
  reactedTo: number
}

export type EncodedCommand = { readonly envelope: Envelope; readonly payload: EncodedMessage }

export interface Codec {
  encodeCommand(context: Context, command: Command<{ readonly type: string }>): Buffer
  /** Throws `UndecodableError` or `UnknownSchemaError`. */
  decodeCommand(value: Buffer): EncodedCommand
  encodeDecision(decision: Decision): Buffer
  /** Throws `UndecodableError` or `UnknownSchemaError`. */
  decodeDecision(value: Buffer): Decision
  encodeMessage(context: Context, message: { readonly type: string }): EncodedMessage
  /** Throws `UndecodableError` or `UnknownSchemaError`. The caller names the messages that its context may hold. */
  decodeMessage<Message extends { readonly type: string }>(context: Context, encoded: EncodedMessage): Message
  /** Adds a schema that somebody else registered, by an earlier or later version of Cavea. */
  learn(schemaId: number, schema: object): void
}

const SCRATCH_BYTES = 1 << 16

interface Layout {
  readonly type: avro.Type
  readonly assertBounds: AssertBounds | undefined
}

function parse(schema: AvroSchema | object): Layout {
  const type = avro.Type.forSchema(schema as avro.Schema)
  return { type, assertBounds: assertBoundsOf(type) }
}

/** Encodes and decodes every record, given the registry's id for each of `SUBJECTS`. */
export function createCodec(idOf: (subject: string) => number): Codec {
  const current = new Map<string, Layout & { readonly id: number; readonly resolvers: Map<number, avro.Resolver> }>()
  for (const [subject, schema] of SUBJECTS) current.set(subject, { id: idOf(subject), ...parse(schema), resolvers: new Map() })
  const learned = new Map<number, Layout>()
  for (const layout of current.values()) learned.set(layout.id, layout)
  let scratch = Buffer.allocUnsafe(SCRATCH_BYTES)

  function subject(name: string): NonNullable<ReturnType<typeof current.get>> {
    const found = current.get(name)
    if (found === undefined) throw new UndecodableError(`There is no message "${name}".`)
    return found
  }
  /** By context and type, since to join a subject's name for each message costs more than to find it twice. */
  const messages = new Map(CONTEXTS.map((context) => [context, new Map<string, ReturnType<typeof subject>>()]))

  function messageSubject(context: Context, type: string): ReturnType<typeof subject> {
    const known = messages.get(context)?.get(type)
    if (known !== undefined) return known
    const found = subject(subjectOf(context, type))
    messages.get(context)?.set(type, found)
    return found
  }
  const command = subject(COMMAND_SUBJECT)
  const decision = subject(DECISION_SUBJECT)

  function encode(type: avro.Type, value: unknown, from: number): Buffer {
    let end = type.encode(value, scratch, from)
    if (end < 0) {
      scratch = Buffer.allocUnsafe(2 * (from + scratch.length - end))
      end = type.encode(value, scratch, from)
    }
    return Buffer.from(scratch.subarray(0, end))
  }

  function frame(of: typeof command, value: unknown): Buffer {
    const bytes = encode(of.type, value, FRAME_BYTES)
    bytes[0] = 0
    bytes.writeUInt32BE(of.id, 1)
    return bytes
  }

  function decode(of: typeof command, schemaId: number, bytes: Buffer): unknown {
    let writer: Layout = of
    let resolver: avro.Resolver | undefined
    if (schemaId !== of.id) {
      const found = learned.get(schemaId)
      if (found === undefined) throw new UnknownSchemaError(schemaId)
      writer = found
      resolver = of.resolvers.get(schemaId)
      if (resolver === undefined) {
        try {
          resolver = of.type.createResolver(writer.type)
        } catch (cause) {
          throw new UndecodableError(`Schema ${schemaId} cannot be read as ${of.type.name ?? 'this record'}.`, cause)
        }
        of.resolvers.set(schemaId, resolver)
      }
    }
    try {
      writer.assertBounds?.(bytes)
      return of.type.fromBuffer(bytes, resolver)
    } catch (cause) {
      throw new UndecodableError(`The bytes are no ${of.type.name ?? 'such record'}.`, cause)
    }
  }

  function unframe(of: typeof command, value: Buffer): unknown {
    if (value.length < FRAME_BYTES || value[0] !== 0) throw new UndecodableError('The record has no schema id.')
    return decode(of, value.readUInt32BE(1), value.subarray(FRAME_BYTES))
  }

  function encodeMessage(context: Context, message: { readonly type: string }): EncodedMessage {
    const of = messageSubject(context, message.type)
    return { type: message.type, schemaId: of.id, bytes: encode(of.type, message, 0) }
  }

  // The envelope's fields are written out twice: to spread one object into another costs more than encoding them.
  return {
    encodeMessage,
    encodeCommand(context, { envelope, message }) {
      const { schemaId, bytes } = encodeMessage(context, message)
      return frame(command, {
        commandId: envelope.commandId,
        commandType: envelope.commandType,
        actorKind: envelope.actor.kind,
        actorId: envelope.actor.id,
        organisation: envelope.organisation,
        bodyHash: envelope.bodyHash,
        causationId: envelope.causationId,
        correlationId: envelope.correlationId,
        traceparent: envelope.traceparent,
        schemaId,
        bytes,
      } satisfies FlatCommand)
    },
    decodeCommand(value) {
      const flat = unframe(command, value) as FlatCommand
      return { envelope: unflatten(flat), payload: { type: flat.commandType, schemaId: flat.schemaId, bytes: flat.bytes } }
    },
    encodeDecision(made) {
      const { envelope } = made
      return frame(decision, {
        commandId: envelope.commandId,
        commandType: envelope.commandType,
        actorKind: envelope.actor.kind,
        actorId: envelope.actor.id,
        organisation: envelope.organisation,
        bodyHash: envelope.bodyHash,
        causationId: envelope.causationId,
        correlationId: envelope.correlationId,
        traceparent: envelope.traceparent,
        link: Buffer.from(made.link, 'hex'),
        commandOffset: made.commandOffset,
        atMs: made.atMs,
        ruleVersion: made.ruleVersion,
        outcome: made.outcome,
        duplicateOf: made.duplicateOf && { offset: made.duplicateOf.offset, head: Buffer.from(made.duplicateOf.head, 'hex') },
        rejection: made.rejection,
        events: made.events as EncodedMessage[],
        reactedTo: made.reactedTo,
      } satisfies FlatDecision)
    },
    decodeDecision(value) {
      const flat = unframe(decision, value) as FlatDecision
      return {
        link: flat.link.toString('hex') as Head,
        envelope: unflatten(flat),
        commandOffset: flat.commandOffset,
        atMs: flat.atMs as EpochMillis,
        ruleVersion: flat.ruleVersion,
        outcome: flat.outcome as Outcome,
        duplicateOf:
          flat.duplicateOf &&
          ({ offset: flat.duplicateOf.offset, head: flat.duplicateOf.head.toString('hex') as Head } satisfies DuplicateOf),
        rejection: flat.rejection,
        events: flat.events,
        reactedTo: flat.reactedTo,
      }
    },
    decodeMessage<Message extends { readonly type: string }>(context: Context, encoded: EncodedMessage): Message {
      const fields = decode(messageSubject(context, encoded.type), encoded.schemaId, encoded.bytes) as object
      return Object.assign(fields, { type: encoded.type }) as Message
    },
    learn(schemaId, schema) {
      if (!learned.has(schemaId)) learned.set(schemaId, parse(schema))
    },
  }
}

function unflatten(flat: FlatEnvelope): Envelope {
  return {
    commandId: flat.commandId as CommandId,
    commandType: flat.commandType,
    actor: { kind: flat.actorKind as Actor['kind'], id: flat.actorId },
    organisation: flat.organisation,
    bodyHash: flat.bodyHash,
    causationId: flat.causationId,
    correlationId: flat.correlationId,
    traceparent: flat.traceparent,
  }
}
