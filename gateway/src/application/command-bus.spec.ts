import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDirectory } from '@cavea/contracts/catalog/directory'
import type { Command } from '@cavea/contracts/envelope'
import { commandIdOf, holdIdOf, venueIdOf } from '@cavea/contracts/ids'
import { emptyHead } from '@cavea/contracts/ledger'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { AppendUnknownError } from '@cavea/event-log/errors'
import { ledgerStart } from '@cavea/event-log/ledger-reader'
import type { EventLog } from '@cavea/event-log/port'
import { createLogger } from '@cavea/service-kit/logger'
import { createMetrics } from '@cavea/service-kit/metrics'
import { CommandNotSentError, CommandUnknownError, OverloadedError } from '../ports/command-bus.ts'
import { scriptedWorker } from '../testing/scripted-worker.ts'
import { EMBEDDED_ADAPTERS } from '../testing/spec-adapters.ts'
import { openSpecLog, type SpecLog } from '../testing/spec-log.ts'
import { type CommandBusOptions, createCommandBus, type RunningCommandBus } from './command-bus.ts'

const PARTITIONS = 2
const BUCKET = 7
const address = { street: '', city: 'Huế', postalCode: '', country: 'VN' }

function createVenue(key: string, bodyHash = 'a'.repeat(32)): Command<{ readonly type: string }> {
  const commandId = commandIdOf('organiser:o', 'POST /v1/venues', key)
  return {
    envelope: {
      commandId,
      bodyHash,
      commandType: 'CreateVenue',
      actor: { kind: 'organiser', id: 'o' },
      organisation: 'org',
      causationId: '',
      correlationId: commandId,
      traceparent: '',
    },
    message: { type: 'CreateVenue', name: key, timeZone: 'UTC', address } as { readonly type: string },
  }
}

function holdSeats(key: string): Command<{ readonly type: string }> {
  const message = { type: 'HoldSeats', performanceId: 'perf_x', sectionId: 's', seats: [1], cart: null } as { readonly type: string }
  return { envelope: { ...createVenue(key).envelope, commandType: 'HoldSeats' }, message }
}

/** The real log, with the answers to its appends lost on the way; the appends themselves too, unless they land. */
function answeringUnknown(log: EventLog, landing: boolean): EventLog {
  return {
    ensureTopics: (topics) => log.ensureTopics(topics),
    partitionCount: (topic) => log.partitionCount(topic),
    endOffset: (topic, partition) => log.endOffset(topic, partition),
    read: (topic, partition, from, options) => log.read(topic, partition, from, options),
    join: (group, topics, handler) => log.join(group, topics, handler),
    close: () => log.close(),
    async append(topic, partition, values) {
      if (landing) await log.append(topic, partition, values)
      throw new AppendUnknownError('The answer was lost.')
    },
  }
}

describe('the command bus', () => {
  let spec: SpecLog
  let bus: RunningCommandBus
  let worker: ReturnType<typeof scriptedWorker> | undefined
  let directory = createDirectory()

  const decideVenues = (): ReturnType<typeof scriptedWorker> =>
    scriptedWorker(spec, 'catalog', PARTITIONS, (message: { name: string; timeZone: string; address: object }, { envelope, now }) => {
      if (message.name === 'refuse') return { rejection: { code: 'NOT_PERMITTED' } }
      const { name, timeZone, address } = message
      return {
        events: [
          { type: 'VenueCreated', venueId: venueIdOf(now, envelope.commandId), organisation: 'org', name, timeZone, address } as {
            type: string
          },
        ],
      }
    })

  const decideHolds = (): ReturnType<typeof scriptedWorker> =>
    scriptedWorker(spec, 'seating', PARTITIONS, (_, { envelope, now }) => {
      const holdId = holdIdOf(now, { kind: 'section', bucket: BUCKET }, envelope.commandId)
      const held = {
        performanceId: 'perf_x',
        sectionId: 's',
        holdId,
        buyer: 'b',
        seats: [1],
        expiresAtMs: now,
        extensionsLeft: 1,
        priceRevision: 1,
        cartId: '',
        attempt: 0,
      }
      return { events: [{ type: 'SeatsHeld', ...held, step: '' } as { type: string }] }
    })

  async function startBus(options: Partial<CommandBusOptions> = {}): Promise<RunningCommandBus> {
    directory = createDirectory()
    const started = createCommandBus({
      ...spec,
      directory,
      logger: createLogger({ service: 'spec', level: 'silent' }),
      metrics: createMetrics('spec'),
      decisionTimeoutMs: 10_000, // No spec waits for it, and a busy machine may take its time.
      ...options,
    })
    await started.start()
    await started.whenCaughtUp()
    return started
  }

  beforeEach(async () => {
    spec = await openSpecLog(PARTITIONS, EMBEDDED_ADAPTERS)
    bus = await startBus()
  })

  afterEach(async () => {
    await bus.stop()
    await worker?.stop()
    worker = undefined
    await spec.close()
  })

  it('answers with the decision that the log says counts', async () => {
    worker = decideVenues()
    const answer = await bus.send('catalog', BUCKET, createVenue('one'))
    assert.equal(answer.outcome, 'decided')
    assert.equal(answer.outcome === 'decided' && answer.decision.outcome, 'accepted')
  })

  it('has told the directory before it answers', async () => {
    worker = decideVenues()
    const command = createVenue('one')
    const answer = await bus.send('catalog', BUCKET, command)
    assert.ok(answer.outcome === 'decided')
    assert.equal(directory.venue(venueIdOf(answer.decision.atMs, command.envelope.commandId))?.name, 'one')
  })

  it('gives two requests with one id and one body the same decision from one record', async () => {
    const both = Promise.all([bus.send('catalog', BUCKET, createVenue('one')), bus.send('catalog', BUCKET, createVenue('one'))])
    worker = decideVenues()
    const [first, second] = await both
    assert.deepEqual(first, second)
    const partition = first.outcome === 'decided' ? first.partition : -1
    assert.equal(await spec.log.endOffset('catalog.commands', partition), 1)
  })

  it('refuses the second body under one id and answers the first as if alone', async () => {
    const both = Promise.all([
      bus.send('catalog', BUCKET, createVenue('one')),
      bus.send('catalog', BUCKET, createVenue('one', 'b'.repeat(32))),
    ])
    worker = decideVenues()
    const [first, second] = await both
    assert.ok(first.outcome === 'decided' && second.outcome === 'decided')
    assert.equal(first.decision.outcome, 'accepted')
    assert.equal(second.decision.rejection?.code, 'IDEMPOTENCY_KEY_REUSED')
    const recalled = bus.recall(createVenue('one').envelope.commandId)
    assert.equal(recalled?.outcome === 'decided' && recalled.decision.outcome, 'accepted', 'the id keeps its own outcome')
  })

  it('answers a repeat after a restart with the very first decision, read from the log', async () => {
    worker = decideHolds()
    const first = await bus.send('seating', BUCKET, holdSeats('one'))
    for (let n = 0; n < 20; n++) await bus.send('seating', BUCKET, holdSeats(`between ${n}`))
    const positions = bus.positions()
    await bus.stop()
    bus = await startBus({ starts: async (topic, partition) => positions.get(topic)?.get(partition) ?? ledgerStart(topic, partition) })
    assert.equal(bus.recall(holdSeats('one').envelope.commandId), undefined, 'nothing is remembered from before the start')
    const again = await bus.send('seating', BUCKET, holdSeats('one'))
    assert.deepEqual(again, first)
  })

  it('recalls what it read at the start', async () => {
    worker = decideVenues()
    const first = await bus.send('catalog', BUCKET, createVenue('refuse'))
    await bus.stop()
    bus = await startBus()
    assert.deepEqual(bus.recall(createVenue('refuse').envelope.commandId), first)
  })

  it('says undecided when no owner decides in time, and recalls the outcome once there is one', async () => {
    await bus.stop()
    bus = await startBus({ decisionTimeoutMs: 50 })
    const command = createVenue('late')
    const answer = await bus.send('catalog', BUCKET, command)
    assert.deepEqual(answer, { outcome: 'undecided', commandId: command.envelope.commandId })
    assert.equal(bus.recall(command.envelope.commandId)?.outcome, 'pending')
    worker = decideVenues()
    while (bus.recall(command.envelope.commandId)?.outcome !== 'decided') await sleep(5)
  })

  it('answers from the log also when nobody said whether the log took the command', async () => {
    await bus.stop()
    bus = await startBus({ log: answeringUnknown(spec.log, true) })
    worker = decideVenues()
    const answer = await bus.send('catalog', BUCKET, createVenue('one'))
    assert.equal(answer.outcome, 'decided')
  })

  it('says that it does not know, when the command may be lost and nothing was decided', async () => {
    await bus.stop()
    bus = await startBus({ log: answeringUnknown(spec.log, false), decisionTimeoutMs: 50 })
    await assert.rejects(bus.send('catalog', BUCKET, createVenue('one')), CommandUnknownError)
    assert.equal(bus.recall(createVenue('one').envelope.commandId), undefined)
  })

  it('says at once that a command was not sent when the log refused it', async () => {
    await bus.stop()
    const log = await openEmbeddedLog({ dir: join(spec.dir, 'log'), readOnly: true })
    bus = await startBus({ log })
    try {
      await assert.rejects(bus.send('catalog', BUCKET, createVenue('one')), CommandNotSentError)
    } finally {
      await bus.stop()
      await log.close()
    }
  })

  it('takes on no more than it was told to', async () => {
    await bus.stop()
    bus = await startBus({ inFlightMax: 2 })
    const waiting = [bus.send('catalog', BUCKET, createVenue('1')), bus.send('catalog', BUCKET, createVenue('2'))]
    await assert.rejects(bus.send('catalog', BUCKET, createVenue('3')), OverloadedError)
    worker = decideVenues()
    await Promise.all(waiting)
    await bus.send('catalog', BUCKET, createVenue('3'))
  })

  it('skips records that do not count', async () => {
    const forged = spec.codec.encodeDecision({
      link: emptyHead('somewhere.else', 0),
      envelope: createVenue('one').envelope,
      commandOffset: 0,
      atMs: 0 as never,
      ruleVersion: 1,
      reactedTo: 0,
      outcome: 'accepted',
      duplicateOf: null,
      rejection: null,
      events: [],
    })
    for (let partition = 0; partition < PARTITIONS; partition++) await spec.log.append('catalog.events', partition, [forged])
    worker = decideVenues()
    const answer = await bus.send('catalog', BUCKET, createVenue('one'))
    assert.equal(answer.outcome === 'decided' && answer.decision.events.length, 1)
  })

  it('reads a decided command back by its offset', async () => {
    worker = decideVenues()
    const answer = await bus.send('catalog', BUCKET, createVenue('one'))
    assert.ok(answer.outcome === 'decided')
    const message = await bus.messageOf('catalog', answer.partition, answer.decision.commandOffset)
    assert.deepEqual(JSON.parse(JSON.stringify(message)), createVenue('one').message)
  })

  it('fails a partition whose ledger is broken, says so, and goes on with the others', async () => {
    worker = scriptedWorker(spec, 'seating', PARTITIONS, () => ({}))
    const envelope = { ...createVenue('x').envelope, commandType: 'Tick' }
    await bus.send('seating', 0, { envelope, message: { type: 'Tick' } })
    const position = bus.positions().get('seating.events')?.get(0)
    assert.ok(position)
    const decision = {
      envelope,
      atMs: 0 as never,
      ruleVersion: 1,
      reactedTo: 0,
      outcome: 'accepted',
      duplicateOf: null,
      rejection: null,
      events: [],
    } as const
    await spec.log.append('seating.events', 0, [spec.codec.encodeDecision({ ...decision, link: position.head, commandOffset: 0 })])
    await bus.refresh('seating')
    assert.equal(bus.readiness().ready, false)
    assert.match(bus.readiness().reasons.join(), /seating\.events\/0/)
    await assert.rejects(bus.send('seating', 0, { envelope: { ...envelope, commandId: commandIdOf('y') }, message: { type: 'Tick' } }), {
      code: 'COMMAND_NOT_SENT',
    })
    await bus.send('seating', 1_023, { envelope: { ...envelope, commandId: commandIdOf('z') }, message: { type: 'Tick' } })
  })

  it('answers many commands at once, each with its own decision', async () => {
    worker = decideHolds()
    const commands = Array.from({ length: 300 }, (_, n) => holdSeats(`hold ${n}`))
    const answers = await Promise.all(commands.map((command, n) => bus.send('seating', n, command)))
    for (const [n, answer] of answers.entries())
      assert.equal(answer.outcome === 'decided' && answer.decision.envelope.commandId, commands[n]?.envelope.commandId)
  })
})
