import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Codec, createCodec, UndecodableError, UnknownSchemaError } from './codec.ts'
import type { Command, Decision, Envelope } from './envelope.ts'
import { commandIdOf, epochMillis, seatIndex } from './ids.ts'
import { emptyHead } from './ledger.ts'
import { recorded } from './rejections.ts'
import { COMMAND_SUBJECT, DECISION_SUBJECT, SUBJECTS } from './subjects.ts'
import { CONTEXTS, type Context } from './topics.ts'

interface RecordSchema {
  readonly name: string
  readonly fields: readonly { readonly name: string; readonly type: unknown; readonly default?: unknown }[]
}

const subjects = [...SUBJECTS.keys()]
const idOf = (subject: string): number => 100 + subjects.indexOf(subject)
const newCodec = (): Codec => createCodec(idOf)
const codec = newCodec()
const messages = subjects
  .map((subject) => {
    const [context, type] = subject.split('.') as [Context, string]
    return { subject, context, type }
  })
  .filter(({ context }) => CONTEXTS.includes(context))

const messageOf = (type: string, fields: object): { readonly type: string } => ({ ...fields, type })
const envelope: Envelope = {
  commandId: commandIdOf('buyer_1', 'ExtendHold', '1'),
  commandType: 'ExtendHold',
  actor: { kind: 'buyer', id: 'buyer_1' },
  organisation: 'org_1',
  bodyHash: '00112233445566778899aabbccddeeff',
  causationId: '',
  correlationId: commandIdOf('buyer_1', 'ExtendHold', '1'),
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
}
const command: Command<{ readonly type: string }> = { envelope, message: messageOf('ExtendHold', { holdId: 'h' }) }

const head = emptyHead('seating.events', 0)
const common = {
  link: head,
  envelope,
  atMs: epochMillis(1_700_000_000_000),
  ruleVersion: 1,
  reactedTo: 0,
  duplicateOf: null,
  rejection: null,
  events: [],
}
const started: Decision = { ...common, commandOffset: -1, outcome: 'started' }
const duplicate: Decision = { ...common, commandOffset: 5, outcome: 'duplicate', duplicateOf: { offset: 300, head } }
const conflict = { reason: 'held', sinceMs: epochMillis(5), mayFreeAtMs: null } as const
const rejected: Decision = {
  ...common,
  commandOffset: 70_000,
  outcome: 'rejected',
  rejection: recorded({ code: 'SEAT_UNAVAILABLE', conflicts: [1, 2].map((seat) => ({ ...conflict, seat: seatIndex(seat) })) }),
}
const accepted: Decision = {
  ...common,
  commandOffset: 2 ** 40,
  outcome: 'accepted',
  events: ['HoldExpired', 'HoldReleased'].map((type) =>
    codec.encodeMessage('seating', messageOf(type, { performanceId: 'p', sectionId: 's', holdId: 'h', seats: [1, 500] })),
  ),
}
const decisions: readonly Decision[] = [started, duplicate, rejected, accepted]

describe('Codec, bytes that are no record', () => {
  const holdSeats = codec.encodeMessage('seating', messageOf('HoldSeats', { performanceId: 'p', sectionId: 's', seats: [1, 2, 300] }))

  /** Calls a decoder and returns what it threw, which must be one of the two errors that it names. */
  function refusal(decode: () => unknown): UndecodableError | UnknownSchemaError | undefined {
    try {
      decode()
      return undefined
    } catch (error) {
      assert.ok(error instanceof UndecodableError || error instanceof UnknownSchemaError, `${error}`)
      return error
    }
  }

  it('refuses a decision that was cut anywhere', () => {
    for (const value of decisions.map((made) => codec.encodeDecision(made)))
      for (let length = 0; length < value.length; length++)
        assert.throws(() => codec.decodeDecision(value.subarray(0, length)), UndecodableError, `${length} of ${value.length} bytes`)
  })

  it('refuses a command that was cut anywhere', () => {
    const value = codec.encodeCommand('seating', command)
    for (let length = 0; length < value.length; length++)
      assert.throws(() => codec.decodeCommand(value.subarray(0, length)), UndecodableError, `${length} bytes`)
  })

  it('refuses a record with bytes behind its end', () => {
    for (const made of decisions)
      assert.throws(() => codec.decodeDecision(Buffer.concat([codec.encodeDecision(made), Buffer.from([0])])), UndecodableError)
  })

  it('refuses another first byte than zero', () => {
    const value = codec.encodeDecision(rejected)
    value[0] = 1
    assert.throws(() => codec.decodeDecision(value), UndecodableError)
  })

  it('answers any bytes behind a good frame with a record or with an error that it names', () => {
    const frames = fc.tuple(fc.constantFrom(COMMAND_SUBJECT, DECISION_SUBJECT), fc.uint8Array({ maxLength: 300 }))
    fc.assert(
      fc.property(frames, ([subject, bytes]) => {
        const value = Buffer.concat([Buffer.from([0, 0, 0, 0, 0]), bytes])
        value.writeUInt32BE(idOf(subject), 1)
        refusal(() => (subject === COMMAND_SUBJECT ? codec.decodeCommand(value) : codec.decodeDecision(value)))
      }),
      { numRuns: 2_000 },
    )
  })

  it('answers a record with a few altered bytes with a record or with an error that it names', () => {
    const alterations = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.constantFrom(...decisions), alterations, (made, changes) => {
        const value = codec.encodeDecision(made)
        for (const [at, byte] of changes) value[at % value.length] = byte
        refusal(() => codec.decodeDecision(value))
      }),
      { numRuns: 1_000 },
    )
  })

  it('answers any bytes for any message with a message or with an error that it names', () => {
    fc.assert(
      fc.property(fc.constantFrom(...messages), fc.uint8Array({ maxLength: 60 }), ({ context, type, subject }, bytes) => {
        refusal(() => codec.decodeMessage(context, { type, schemaId: idOf(subject), bytes: Buffer.from(bytes) }))
      }),
      { numRuns: 5_000 },
    )
  })

  it('does not build a list because its count says so: a few bytes cannot make it work for long', () => {
    // Counts of 2^31 and of 2^60, the second also after a first item, where no allocation would refuse it; then a negative count with a size.
    const counts = ['8080808020', '808080808080808020', `0202${'808080808080808020'}`, '0202ffffffffffffffff1f02', '020201ffffffff0f']
    for (const count of counts) {
      const bytes = Buffer.from(`0000${count}`, 'hex')
      assert.ok(refusal(() => codec.decodeMessage('seating', { ...holdSeats, bytes })) instanceof UndecodableError, count)
    }
  })

  it('does not skip a list that it no longer wants because its count says so', () => {
    const fresh = newCodec()
    const older = {
      ...schemaOf('seating.ExtendHold'),
      fields: [
        { name: 'notes', type: { type: 'array', items: 'string' } },
        { name: 'holdId', type: 'string' },
      ],
    }
    fresh.learn(77, older)
    const good = { type: 'ExtendHold', schemaId: 77, bytes: Buffer.from('020261000262', 'hex') }
    assert.deepEqual({ ...fresh.decodeMessage<{ type: string }>('seating', good) }, { type: 'ExtendHold', holdId: 'b' })
    for (const count of ['808080808080808020', '01ffffffffffffffff1f'])
      assert.ok(refusal(() => fresh.decodeMessage('seating', { ...good, bytes: Buffer.from(count, 'hex') })) instanceof UndecodableError)
  })

  it('refuses a message that no context has', () => {
    for (const type of ['', 'NoSuch', 'toString', '__proto__', 'Command'])
      assert.throws(() => codec.decodeMessage('seating', { type, schemaId: 1, bytes: Buffer.alloc(0) }), UndecodableError)
  })
})

describe('Codec, schemas of other versions', () => {
  it('names the id of a schema that it does not know', () => {
    const value = codec.encodeDecision(rejected)
    value.writeUInt32BE(0xfffffffe, 1)
    assert.throws(() => codec.decodeDecision(value), { code: 'UNKNOWN_SCHEMA', schemaId: 0xfffffffe })
    assert.throws(() => codec.decodeMessage('seating', { type: 'Tick', schemaId: 5, bytes: Buffer.alloc(0) }), {
      code: 'UNKNOWN_SCHEMA',
      schemaId: 5,
    })
  })

  it('reads a decision of an earlier schema, which lacked a field, with the default of that field', () => {
    const fresh = newCodec()
    const value = codec.encodeDecision(started)
    const older = { ...schemaOf(DECISION_SUBJECT), fields: schemaOf(DECISION_SUBJECT).fields.filter(({ name }) => name !== 'rejection') }
    const olderValue = Buffer.concat([value.subarray(0, -2), value.subarray(-1)]) // Without the one byte of the absent rejection.
    olderValue.writeUInt32BE(99, 1)
    assert.throws(() => fresh.decodeDecision(olderValue), { code: 'UNKNOWN_SCHEMA', schemaId: 99 })
    fresh.learn(99, older)
    assert.deepEqual(fresh.decodeDecision(olderValue), started)
  })

  it('reads a command of a later schema, and leaves out the field that it does not know', () => {
    const fresh = newCodec()
    const later = {
      ...schemaOf(COMMAND_SUBJECT),
      fields: [...schemaOf(COMMAND_SUBJECT).fields, { name: 'region', type: 'string', default: '' }],
    }
    fresh.learn(99, later)
    const value = Buffer.concat([fresh.encodeCommand('seating', command), Buffer.from('046575', 'hex')])
    value.writeUInt32BE(99, 1)
    const decoded = fresh.decodeCommand(value)
    assert.deepEqual(decoded, { envelope, payload: fresh.encodeMessage('seating', command.message) })
  })

  it('refuses a learned schema that cannot be read as what it stands for', () => {
    const fresh = newCodec()
    fresh.learn(99, { ...schemaOf('seating.ExtendHold'), fields: [{ name: 'holdId', type: 'int' }] })
    assert.throws(() => fresh.decodeMessage('seating', { type: 'ExtendHold', schemaId: 99, bytes: Buffer.from([0]) }), UndecodableError)
  })

  it('keeps what it learned first for an id: registries never give an id anew', () => {
    const fresh = newCodec()
    fresh.learn(99, schemaOf('seating.ExtendHold'))
    fresh.learn(99, schemaOf('seating.SellHold'))
    const { bytes } = fresh.encodeMessage('seating', command.message)
    const decoded: object = fresh.decodeMessage('seating', { type: 'ExtendHold', schemaId: 99, bytes })
    assert.deepEqual({ ...decoded }, { type: 'ExtendHold', holdId: 'h' })
  })
})

function schemaOf(subject: string): RecordSchema {
  const schema = SUBJECTS.get(subject)
  assert.ok(schema)
  return schema as unknown as RecordSchema
}
