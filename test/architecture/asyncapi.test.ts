import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { AVRO, asyncApiDocument, asyncApiText } from '@cavea/contracts/public/asyncapi'
import { PUBLIC_SUBJECTS } from '@cavea/contracts/public/schemas'
import { Ajv, type AnySchemaObject } from 'ajv'

const COMMITTED = fileURLToPath(new URL('../../schemas/contracts/asyncapi.json', import.meta.url))

/** The official schema. It brings the drafts of JSON Schema that it refers to, so the validator must not know them already. */
function validator() {
  const schema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0.json') as AnySchemaObject
  return new Ajv({ strict: false, meta: false, validateSchema: false, validateFormats: false }).compile(schema)
}

let compiled: ReturnType<typeof validator> | undefined

function faultsOf(document: unknown): string[] {
  compiled ??= validator()
  const validate = compiled
  return validate(document) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

describe('The description of the public topics', () => {
  it('is the one that was committed', () => {
    const isCurrent = readFileSync(COMMITTED, 'utf8') === asyncApiText()
    assert.ok(isCurrent, 'It differs. Run `npm run schemas:commit` and commit the file that it writes.')
  })

  it('is what AsyncAPI 3.0 asks for', () => {
    assert.deepEqual(faultsOf(asyncApiDocument()), [])
  })

  it('would be found out if it were not', () => {
    const document = asyncApiDocument()
    const { asyncapi: _, ...unversioned } = document
    const payload = { schemaFormat: AVRO, schema: { type: 'record', name: 'Nameless', fields: [{ type: 'int' }] } }
    const broken = {
      asyncapi: unversioned,
      channels: { ...document, channels: { a: { address: 7 } } },
      avro: { ...document, components: { messages: { Broken: { payload } } } },
    }
    assert.deepEqual(
      Object.entries(broken).flatMap(([name, of]) => (faultsOf(of).length === 0 ? [name] : [])),
      [],
    )
  })

  it('has each public event in one channel, and nothing else', () => {
    const { channels } = asyncApiDocument() as {
      readonly channels: Readonly<Record<string, { readonly messages: Readonly<Record<string, { readonly $ref: string }>> }>>
    }
    const named = Object.values(channels).flatMap(({ messages }) => Object.values(messages).map(({ $ref }) => $ref.split('/').at(-1)))
    assert.deepEqual(named.sort(), [...PUBLIC_SUBJECTS.keys()].sort())
  })
})
