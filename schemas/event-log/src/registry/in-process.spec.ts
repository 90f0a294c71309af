import assert from 'node:assert/strict'
import { CONTRACT_SUBJECTS, describeSchemaRegistry } from './contract.ts'
import { inProcessRegistry, schemaId } from './in-process.ts'
import { SchemaIncompatibleError } from './port.ts'

describeSchemaRegistry('The in-process registry', async () => ({
  open: () => inProcessRegistry(CONTRACT_SUBJECTS),
  stop: async () => undefined,
}))

describe('The in-process registry', () => {
  const [first] = CONTRACT_SUBJECTS

  it('gives ids that do not depend on the order of the table or of the keys in a schema', async () => {
    const { type, name, namespace, fields } = first.schema
    const reversed = inProcessRegistry([...CONTRACT_SUBJECTS].reverse())
    assert.equal(await reversed.register(first.subject, { fields, namespace, name, type }), schemaId(first.subject, first.schema))
  })

  it('gives an id that later versions of this code must give too, because the log holds it', () => {
    assert.equal(schemaId('a', { type: 'string' }), 1098285782)
  })

  it('refuses a subject that it was not made with', async () => {
    await assert.rejects(inProcessRegistry([]).register(first.subject, first.schema), SchemaIncompatibleError)
  })
})
