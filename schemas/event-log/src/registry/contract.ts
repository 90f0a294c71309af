import assert from 'node:assert/strict'
import { SchemaIncompatibleError, type SchemaRegistry, SchemaUnknownError } from './port.ts'

const SEAT_HELD = {
  type: 'record',
  name: 'SeatHeld',
  namespace: 'contract',
  fields: [
    { name: 'seat', type: 'int' },
    { name: 'note', type: ['null', 'string'], default: null },
  ],
}
const SEAT_HELD_LATER = {
  ...SEAT_HELD,
  fields: [...SEAT_HELD.fields, { name: 'tags', type: { type: 'array', items: 'string' }, default: [] }],
}
const SEAT_HELD_BROKEN = { ...SEAT_HELD, fields: [{ name: 'seat', type: 'string' }] }
const SEAT_SOLD = { type: 'record', name: 'SeatSold', namespace: 'contract', fields: [{ name: 'seat', type: 'int' }] }

const HELD = 'contract.SeatHeld'
const SOLD = 'contract.SeatSold'

/** What the suite registers, for adapters that have to know it beforehand. */
export const CONTRACT_SUBJECTS = [
  { subject: HELD, schema: SEAT_HELD },
  { subject: HELD, schema: SEAT_HELD_LATER },
  { subject: SOLD, schema: SEAT_SOLD },
] as const

export interface RegistryHarness {
  /** Another client of the same registry, which remembers nothing. */
  open(): SchemaRegistry
  stop(): Promise<void>
}

/** What every adapter promises. */
export function describeSchemaRegistry(name: string, setup: () => Promise<RegistryHarness>): void {
  describe(`${name} as a schema registry`, function () {
    this.timeout(30_000)
    let harness: RegistryHarness

    before(async function () {
      this.timeout(120_000)
      harness = await setup()
    })
    after(() => harness.stop())

    it('gives a schema an id under which every client finds it again', async () => {
      const id = await harness.open().register(HELD, SEAT_HELD)
      assert.ok(Number.isInteger(id) && id > 0 && id < 2 ** 31)
      assert.deepEqual(fieldsOf(await harness.open().schemaOf(id)), ['seat', 'note'])
    })

    it('gives the same schema the same id, whoever registers it and in whatever order', async () => {
      const [one, two] = [harness.open(), harness.open()]
      const sold = await one.register(SOLD, SEAT_SOLD)
      const held = await one.register(HELD, SEAT_HELD)
      assert.notEqual(sold, held)
      assert.deepEqual([await two.register(HELD, SEAT_HELD), await two.register(SOLD, SEAT_SOLD)], [held, sold])
      assert.equal(await one.register(HELD, SEAT_HELD), held)
    })

    it('takes a later version that fits, and keeps the earlier one', async () => {
      const registry = harness.open()
      const [early, late] = [await registry.register(HELD, SEAT_HELD), await registry.register(HELD, SEAT_HELD_LATER)]
      assert.notEqual(early, late)
      assert.deepEqual(fieldsOf(await registry.schemaOf(early)), ['seat', 'note'])
      assert.deepEqual(fieldsOf(await registry.schemaOf(late)), ['seat', 'note', 'tags'])
    })

    it('refuses a version that readers of the others could not read, and names the subject', async () => {
      const registry = harness.open()
      await registry.register(HELD, SEAT_HELD)
      const isNamed = (error: unknown) => error instanceof SchemaIncompatibleError && !error.retryable && error.message.includes(HELD)
      await assert.rejects(registry.register(HELD, SEAT_HELD_BROKEN), isNamed)
      await assert.rejects(registry.register(HELD, SEAT_HELD_BROKEN), isNamed)
    })

    it('says which id it does not know', async () => {
      await assert.rejects(
        harness.open().schemaOf(1_234_567),
        (error) => error instanceof SchemaUnknownError && error.message.includes('1234567'),
      )
    })
  })
}

function fieldsOf(schema: object): string[] {
  const { fields } = schema as { readonly fields: readonly { readonly name: string }[] }
  return fields.map(({ name }) => name)
}
