import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allTopics, topicsOf } from '@cavea/contracts/topics'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { ledgerStart } from '@cavea/event-log/ledger-reader'
import { embeddedRegistry, registerSchemas } from '@cavea/event-log/schemas'
import { openEmbeddedTables } from '@cavea/projector/adapters/relational-tables'
import { systemClock } from '@cavea/projector/adapters/system-clock'
import { appendDeadLetterEntry, type DeadLetter } from '@cavea/projector/application/dead-letters'
import { type LogDeps, readFacts } from '@cavea/projector/application/facts'
import { DEFAULT_LIMITS } from '@cavea/projector/application/projector-options'
import { createProjectorService } from '@cavea/projector/application/projector-service'
import { PROJECTIONS } from '@cavea/projector/projections/all'
import { heldEvent, listen } from '@cavea/projector/testing/projector-rig'
import { type ScriptedLedger, scriptLedger } from '@cavea/projector/testing/scripted-ledger'
import pg from 'pg'
import { runCli } from '../support/audit.ts'
import { eventually } from '../support/hall.ts'

const SOON_MS = 60_000
const PLACE = { context: 'seating', topic: topicsOf('seating').events, partition: 0 } as const

type Open = LogDeps & { readonly ledger: ScriptedLedger; close(): Promise<void> }

describe('Dead letters', function () {
  this.timeout(2 * SOON_MS)
  let data: string

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'cavea-dead-letters-'))
  })
  afterEach(() => rm(data, { recursive: true, force: true }))

  async function open(): Promise<Open> {
    const log = await openEmbeddedLog({ dir: join(data, 'log') })
    await log.ensureTopics(allTopics(1))
    const registry = embeddedRegistry()
    const codec = await registerSchemas(registry)
    return { log, registry, codec, ledger: scriptLedger({ log, codec, topicPrefix: '' }), close: () => log.close() }
  }

  async function tables() {
    const found = await openEmbeddedTables({
      dir: join(data, 'tables'),
      warn: (message, error) => assert.fail(`${message} ${String(error)}`),
    })
    assert.ok(found)
    return found
  }

  /** What a server does while it runs: until all is in the tables that can be. */
  async function project(deps: Open): Promise<void> {
    const { store, close } = await tables()
    const { telemetry } = listen()
    const options = {
      ...deps,
      topicPrefix: '',
      stores: [store],
      projections: PROJECTIONS,
      clock: systemClock,
      telemetry,
      limits: DEFAULT_LIMITS,
    }
    const service = createProjectorService(options)
    await service.start()
    try {
      await eventually('the tables to be made', SOON_MS, async () => service.readiness().ready || undefined)
    } finally {
      await service.stop()
      await close()
    }
  }

  const cavea = (...args: readonly string[]) => runCli(['--data', data, ...args], {})
  const listed = async (): Promise<readonly (readonly unknown[])[]> => {
    const { deadLetters } = JSON.parse((await cavea('dlq', 'list', '--json')).output) as { deadLetters: readonly DeadLetter[] }
    return deadLetters.map(({ projection, offset, reason }) => [projection, offset, reason])
  }

  /** A letter about a decision with which nothing is wrong any more. */
  async function letterFor(deps: Open, offset: number): Promise<DeadLetter> {
    const stop = new AbortController()
    for await (const { counted } of readFacts(deps, PLACE, ledgerStart(PLACE.topic, PLACE.partition), { signal: stop.signal }))
      for (const { before, after, value, ...one } of counted)
        if (one.offset === offset) {
          stop.abort()
          const of = { projection: 'bookings', version: 1, generation: 1, reason: 'refused', error: 'It was too early.', atMs: 0 } as const
          return { ...of, ...PLACE, offset, before, after, value }
        }
    return assert.fail(`There is no decision at ${offset}.`)
  }

  it('are listed and replayed from the command line, which says which of them stay dead', async () => {
    const first = await open()
    await first.ledger.append('seating', 0, [[heldEvent('hold_a', 1)]])
    const unreadable = await first.ledger.appendUnreadableEvent('seating', 0, 'SeatsHeld')
    const late = await first.ledger.append('seating', 0, [[heldEvent('hold_b', 2)]])
    await project(first)
    await appendDeadLetterEntry(first.log, '', { type: 'dead', letter: await letterFor(first, late) })

    const whileRunning = await cavea('dlq', 'replay')
    assert.equal(whileRunning.exitCode, 3)
    assert.match(whileRunning.errors, /While the server runs it alone may write to its log/)
    await first.close()

    const undecodable = (await listed()).slice(0, 2)
    assert.deepEqual(undecodable.toSorted(), [
      ['bookings', unreadable, 'undecodable'],
      ['decisions', unreadable, 'undecodable'],
    ])
    assert.deepEqual((await listed())[2], ['bookings', late, 'refused'])
    assert.match((await cavea('dlq', 'list')).output, /bookings +1 +seating\.events\/0 +1 +undecodable/)

    const { url, close } = await tables()
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      await client.query("UPDATE read_models.holds SET buyer = 'nobody' WHERE hold_id = 'hold_b'")
    } finally {
      await client.end()
      await close()
    }
    const broken = await cavea('projections', 'verify', 'bookings')
    assert.equal(broken.exitCode, 1)
    assert.match(broken.output, /holds hold_b of seating\.events\/0 differs in buyer/)

    const replayed = await cavea('dlq', 'replay', '--json')
    assert.equal(replayed.exitCode, 1, replayed.errors)
    const outcomes = (JSON.parse(replayed.output) as { replayed: readonly { id: string; outcome: string }[] }).replayed
    assert.deepEqual(outcomes.map(({ outcome }) => outcome).toSorted(), ['replayed', 'still-dead', 'still-dead'])
    assert.deepEqual(await listed(), undecodable)

    const whole = await cavea('projections', 'verify')
    assert.equal(whole.exitCode, 0, whole.output)
    assert.match(whole.output, /2 dead letters are left out/)
  })

  it('stop a read model from being made again where they could not be kept', async () => {
    const first = await open()
    await project(first)
    await first.ledger.appendUnreadableEvent('seating', 0, 'SeatsHeld')
    await first.close()
    const { exitCode, errors } = await cavea('projections', 'rebuild', 'bookings')
    assert.equal(exitCode, 1)
    assert.match(errors, /cannot be projected, and where it would be set aside cannot be written to/)
  })

  it('are none in a log that no projector ever read', async () => {
    const { close } = await open()
    await close()
    assert.deepEqual(await listed(), [])
    const { exitCode, errors } = await cavea('projections', 'list')
    assert.equal(exitCode, 2)
    assert.match(errors, /There are no relational read models in /)
  })
})
