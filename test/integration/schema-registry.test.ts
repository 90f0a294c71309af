import assert from 'node:assert/strict'
import { startRegistry } from '@cavea/engines/registry'
import { confluentRegistry } from '@cavea/event-log/registry/confluent'
import { describeSchemaRegistry } from '@cavea/event-log/registry/contract'
import { RegistryUnavailableError } from '@cavea/event-log/registry/port'

describeSchemaRegistry('A registry that speaks the protocol of Confluent', async () => {
  const engine = await startRegistry()
  return {
    open: () => confluentRegistry({ url: engine.url }),
    stop: () => engine.stop(),
  }
})

describe('A registry that is not there', () => {
  it('is named, after some retries', async () => {
    const url = 'http://127.0.0.1:1'
    const isNamed = (error: unknown) => error instanceof RegistryUnavailableError && error.retryable && error.message.includes(url)
    await assert.rejects(confluentRegistry({ url, retriesMax: 1 }).schemaOf(1), isNamed)
    await assert.rejects(confluentRegistry({ url, retriesMax: 1 }).register('a', { type: 'record', name: 'A', fields: [] }), isNamed)
  })
})

describe('Services that start on an empty registry', () => {
  const record = (name: string) => ({ type: 'record', name, fields: [{ name: 'seat', type: 'int' }] })
  let engine: Awaited<ReturnType<typeof startRegistry>>
  before(async () => {
    engine = await startRegistry()
  })
  after(() => engine.stop())

  it('register the same subjects at the same moment and get the same ids', async () => {
    const subjects = Array.from({ length: 6 }, (_, at) => `race.Subject${at}`)
    const service = () => {
      const registry = confluentRegistry({ url: engine.url })
      return Promise.all(subjects.map((subject, at) => registry.register(subject, record(`Subject${at}`))))
    }
    const [first, ...others] = await Promise.all([service(), service(), service(), service()])
    for (const ids of others) assert.deepEqual(ids, first)
  })

  it('go on where one was killed between registering a subject and setting its compatibility', async () => {
    const headers = { 'content-type': 'application/json' }
    const schema = JSON.stringify(record('Orphan'))
    await fetch(`${engine.url}/config`, { method: 'PUT', headers, body: JSON.stringify({ compatibility: 'NONE' }) })
    await fetch(`${engine.url}/subjects/race.Orphan/versions`, { method: 'POST', headers, body: JSON.stringify({ schema }) })
    assert.ok((await confluentRegistry({ url: engine.url }).register('race.Orphan', record('Orphan'))) > 0)
    const answer = (await (await fetch(`${engine.url}/config/race.Orphan`)).json()) as { readonly compatibilityLevel?: string }
    assert.equal(answer.compatibilityLevel, 'FULL_TRANSITIVE')
  })
})
