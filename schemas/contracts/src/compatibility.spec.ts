import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import avro from 'avsc'
import { type AvroSchema, arrayOf, nullable, record } from './avro.ts'
import { faultsBetween, faultsOfReading, linkFaults } from './compatibility.ts'
import { PUBLIC_SUBJECTS } from './public/schemas.ts'
import { canonicalText, commitSchemas, judge, readHistory, type Schemas } from './schema-history.ts'
import { DECISION_SCHEMA, DECISION_SUBJECT, SUBJECTS } from './subjects.ts'

const history = readHistory(fileURLToPath(new URL('../avro', import.meta.url)))
const ADVICE = 'Run `npm run schemas:commit` and commit the file that it writes.'

describe('The schemas that were committed', () => {
  const all: Schemas = new Map([...SUBJECTS, ...PUBLIC_SUBJECTS])
  const judgement = judge(all, history)

  for (const subject of all.keys())
    it(`end with the schema of ${subject} as it is now`, () => {
      assert.ok(history.has(subject), `${subject} was never committed. ${ADVICE}`)
      const isPending = judgement.pending.some((pending) => pending.subject === subject)
      assert.ok(!isPending, `${subject} differs from its newest committed version. ${ADVICE}`)
    })

  it('can all read each other, in every version of a subject, and none was removed', () => {
    assert.deepEqual(judgement.faults, [])
  })

  it('can all be read by each other in the library that decodes them', () => {
    for (const versions of history.values()) {
      const types = versions.map(({ text }) => avro.Type.forSchema(JSON.parse(text) as avro.Schema))
      for (const reader of types) for (const writer of types) assert.ok(reader.createResolver(writer))
    }
  })
})

const of = (fields: Parameters<typeof record>[2], name = 'Thing'): AvroSchema => record('test', name, fields)
const base = of({ id: 'string', count: 'int', note: nullable('string') })

describe('faultsBetween', () => {
  const compatible: Readonly<Record<string, readonly [AvroSchema, AvroSchema]>> = {
    'the same schema': [base, of({ id: 'string', count: 'int', note: nullable('string') })],
    'a field added with a default': [base, of({ id: 'string', count: 'int', note: nullable('string'), more: { type: 'int', default: 0 } })],
    'a field removed that had a default': [base, of({ id: 'string', count: 'int' })],
    'fields in another order': [base, of({ count: 'int', note: nullable('string'), id: 'string' })],
    'a list added with an empty default': [base, of({ id: 'string', count: 'int', list: { type: arrayOf(of({}, 'Item')), default: [] } })],
    'a record inside a list that grew a default': [
      of({ list: arrayOf(of({ a: 'int' }, 'Item')) }),
      of({ list: arrayOf(of({ a: 'int', b: nullable('long') }, 'Item')) }),
    ],
    'a primitive written as an object': [of({ id: 'string' }), of({ id: { type: { type: 'string' }, default: '' } })],
  }
  for (const [change, [one, other]] of Object.entries(compatible))
    it(`allows ${change}`, () => {
      assert.deepEqual(faultsBetween(one, other), [])
      for (const [reader, writer] of [
        [one, other],
        [other, one],
      ])
        assert.ok(typeOf(reader).createResolver(typeOf(writer)))
    })

  const fixed = (size: number, name = 'Hash'): AvroSchema => ({ type: 'fixed', name, namespace: 'test', size })
  const enumOf = (...symbols: readonly string[]): AvroSchema => ({ type: 'enum', name: 'State', namespace: 'test', symbols })
  const incompatible: Readonly<Record<string, readonly [AvroSchema, AvroSchema]>> = {
    'a field removed that had no default': [base, of({ id: 'string', note: nullable('string') })],
    'a field added without a default': [base, of({ id: 'string', count: 'int', note: nullable('string'), more: 'int' })],
    'a renamed field': [of({ id: 'string' }), of({ key: 'string' })],
    'a changed type': [of({ id: 'string' }), of({ id: 'long' })],
    'a widened number, which the earlier version cannot read': [of({ n: 'int' }), of({ n: 'long' })],
    'text that became bytes': [of({ t: 'string' }), of({ t: 'bytes' })],
    'a field that became nullable': [of({ n: 'int' }), of({ n: nullable('int') })],
    'a grown union': [of({ n: ['null', 'int'] }), of({ n: ['null', 'int', 'string'] })],
    'a branch of a union with another record': [of({ n: ['null', of({ a: 'int' }, 'A')] }), of({ n: ['null', of({ a: 'int' }, 'B')] })],
    'a record in a union that lost a field': [
      of({ n: ['null', of({ a: 'int', b: 'int' }, 'A')] }),
      of({ n: ['null', of({ a: 'int' }, 'A')] }),
    ],
    'a renamed record': [base, of({ id: 'string', count: 'int', note: nullable('string') }, 'Other')],
    'a record in another namespace': [record('test', 'A', { a: 'int' }), record('elsewhere', 'A', { a: 'int' })],
    'a renamed record inside a list': [of({ l: arrayOf(of({}, 'A')) }), of({ l: arrayOf(of({}, 'B')) })],
    'a default that is not of its type': [base, of({ id: 'string', count: 'int', more: { type: 'int', default: 'none' } })],
    'a default of null where null is not the first branch': [
      base,
      of({ id: 'string', count: 'int', more: { type: ['int', 'null'], default: null } }),
    ],
    'a default beyond 32 bits': [base, of({ id: 'string', count: 'int', more: { type: 'int', default: 2 ** 31 } })],
    'a list that became a single value': [of({ l: arrayOf('int') }), of({ l: 'int' })],
    'a fixed of another size': [of({ h: fixed(32) }), of({ h: fixed(16) })],
    'a fixed of another name': [of({ h: fixed(32) }), of({ h: fixed(32, 'Digest') })],
    'an enum with another symbol': [of({ s: enumOf('A', 'B') }), of({ s: enumOf('A', 'B', 'C') })],
    'a map of other values': [of({ m: { type: 'map', values: 'int' } }), of({ m: { type: 'map', values: 'string' } })],
    'another logical type': [of({ t: { type: 'long', logicalType: 'timestamp-millis' } }), of({ t: 'long' })],
  }
  for (const [change, [one, other]] of Object.entries(incompatible))
    it(`catches ${change}`, () => {
      assert.notDeepEqual(faultsBetween(one, other), [])
      assert.deepEqual(new Set(faultsBetween(one, other)), new Set(faultsBetween(other, one)))
    })

  it('says at which place and why', () => {
    const [one, other] = [of({ l: arrayOf(of({ n: 'int' }, 'Item')) }), of({ l: arrayOf(of({ n: 'string' }, 'Item')) })]
    assert.deepEqual(faultsOfReading(one, other), ['record test.Thing.l[].n: string cannot be read as int'])
  })

  it('comes to an end with a type that contains itself, and still looks inside it', () => {
    const tree = (value: AvroSchema): AvroSchema => of({ value, children: arrayOf('test.Thing') })
    assert.deepEqual(faultsBetween(tree('int'), tree('int')), [])
    assert.notDeepEqual(faultsBetween(tree('int'), tree('string')), [])
  })

  it('is stricter than the library where that one is lax', () => {
    const [text, bytes] = [of({ t: 'string' }), of({ t: 'bytes' })]
    assert.ok(typeOf(text).createResolver(typeOf(bytes)) && typeOf(bytes).createResolver(typeOf(text)))
    assert.notDeepEqual(faultsBetween(text, bytes), [])
  })
})

describe('linkFaults', () => {
  const decision = DECISION_SCHEMA as unknown as { readonly fields: readonly { readonly name: string }[] }

  it('accepts the decision as it is', () => {
    assert.deepEqual(linkFaults(DECISION_SCHEMA), [])
  })

  it('catches a decision whose link is not first, has another size, or is gone', () => {
    const [link, ...rest] = decision.fields
    const short = { name: 'link', type: { type: 'fixed', name: 'Link', namespace: 'cavea', size: 16 } }
    for (const fields of [[...rest, link], [{ name: 'earlier', type: 'int', default: 0 }, link, ...rest], [short, ...rest], rest, []])
      assert.notDeepEqual(linkFaults({ ...decision, fields }), [])
  })

  it('is asked for every version, though Avro would allow the order', () => {
    const moved = { ...decision, fields: [...decision.fields.slice(1), decision.fields[0]] }
    assert.deepEqual(faultsBetween(DECISION_SCHEMA, moved), [])
    const committed = new Map([[DECISION_SUBJECT, [{ version: 1, text: canonicalText(DECISION_SCHEMA) }]]])
    assert.equal(judge(new Map([[DECISION_SUBJECT, moved]]), committed).faults.length, 1)
  })
})

describe('commitSchemas', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cavea-schemas-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const one = (schema: unknown): Schemas => new Map([['test.Thing', schema]])
  const filesOf = (subject: string): string[] => readdirSync(join(folder, subject)).sort()
  const v1 = of({ id: 'string' })
  const v2 = of({ id: 'string', a: { type: 'int', default: 0 } })
  const v3 = of({ id: 'string' })

  it('writes the first version of a new subject, then nothing until the schema changes', () => {
    assert.deepEqual(
      commitSchemas(folder, one(v1)).pending.map(({ version }) => version),
      [1],
    )
    assert.deepEqual(commitSchemas(folder, one(v1)), { faults: [], pending: [] })
    assert.equal(readFileSync(join(folder, 'test.Thing/v1.avsc'), 'utf8'), canonicalText(v1))
  })

  it('writes the next version of a compatible change, also of one that goes back', () => {
    for (const schema of [v1, v2, v3]) assert.deepEqual(commitSchemas(folder, one(schema)).faults, [])
    assert.deepEqual(filesOf('test.Thing'), ['v1.avsc', 'v2.avsc', 'v3.avsc'])
  })

  it('refuses an incompatible change and writes nothing, not even for other subjects', () => {
    commitSchemas(folder, one(v1))
    const { faults } = commitSchemas(folder, new Map([...one(of({ id: 'long' })), ['test.New', of({}, 'New')]]))
    assert.deepEqual(faults, [
      'test.Thing: v1 and v2: record test.Thing.id: long cannot be read as string',
      'test.Thing: v1 and v2: record test.Thing.id: string cannot be read as long',
    ])
    assert.deepEqual(readdirSync(folder), ['test.Thing'])
    assert.deepEqual(filesOf('test.Thing'), ['v1.avsc'])
  })

  it('compares with every earlier version, not with the newest alone', () => {
    commitSchemas(folder, one(v2))
    commitSchemas(folder, one(v1))
    const { faults } = commitSchemas(folder, one(of({ id: 'string', a: { type: 'string', default: '' } })))
    assert.ok(faults.length > 0 && faults.every((fault) => fault.startsWith('test.Thing: v1 and v3:')), `${faults}`)
  })

  it('refuses to lose a subject', () => {
    commitSchemas(folder, one(v1))
    assert.match(commitSchemas(folder, new Map()).faults.join(), /^test\.Thing: was removed/)
  })

  it('sees a missing version and a file that was written by hand', () => {
    for (const schema of [v1, v2, v3]) commitSchemas(folder, one(schema))
    rmSync(join(folder, 'test.Thing/v2.avsc'))
    assert.deepEqual(judge(one(v3), readHistory(folder)).faults, ['test.Thing: v2 is missing'])
    writeFileSync(join(folder, 'test.Thing/v2.avsc'), JSON.stringify(v2))
    assert.deepEqual(judge(one(v3), readHistory(folder)).faults, ['test.Thing: v2 is not in its canonical form'])
  })

  it('does not care in which order the keys of a schema stand in the sources', () => {
    commitSchemas(folder, one(v1))
    const turned = Object.fromEntries(Object.entries(v1).reverse())
    assert.deepEqual(commitSchemas(folder, one(turned)).pending, [])
  })

  it('refuses a folder that holds anything else', () => {
    commitSchemas(folder, one(v1))
    writeFileSync(join(folder, 'test.Thing/notes.txt'), '')
    assert.throws(() => readHistory(folder), /notes\.txt is no version/)
  })
})

function typeOf(schema: AvroSchema | undefined): avro.Type {
  return avro.Type.forSchema(schema as avro.Schema)
}
