import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CartEvent, CartTerms, OpenCart } from '@cavea/contracts/cart/messages'
import { createDirectory } from '@cavea/contracts/catalog/directory'
import type { Command, Envelope } from '@cavea/contracts/envelope'
import { commandIdOf, type EpochMillis, holdIdOf, type PerformanceId, type SectionId } from '@cavea/contracts/ids'
import { emptyHead } from '@cavea/contracts/ledger'
import { recorded } from '@cavea/contracts/rejections'
import { ledgerStart } from '@cavea/event-log/ledger-reader'
import type { EventLog } from '@cavea/event-log/port'
import { createLogger } from '@cavea/service-kit/logger'
import { createMetrics } from '@cavea/service-kit/metrics'
import type { Answer } from '../ports/command-bus.ts'
import { following, type Scripted, scriptedWorker } from '../testing/scripted-worker.ts'
import { EMBEDDED_ADAPTERS } from '../testing/spec-adapters.ts'
import { openSpecLog, type SpecLog } from '../testing/spec-log.ts'
import { type CommandBusOptions, createCommandBus, type RunningCommandBus } from './command-bus.ts'

const BUCKET = 7
const PARTITION = 0
const performanceId = 'perf_x' as PerformanceId
const sectionId = 'stalls' as SectionId
const terms: CartTerms = {
  holdTtlMs: 600_000,
  extensionMs: 600_000,
  extensions: 1,
  holdMaxMs: 1_800_000,
  seatsPerHoldMax: 10,
  purchaseLimit: null,
  sectionLimit: null,
}
const wish: OpenCart = {
  ...{ type: 'OpenCart', performanceId, organisation: 'org', terms, chosen: [] },
  ...{ candidates: [{ sectionId, available: 9, distance: 0 }], standing: false, quantity: 1, categories: [], accessible: false },
}

function openCart(key: string, bodyHash = 'a'.repeat(32)): Command<{ readonly type: string }> {
  const commandId = commandIdOf('buyer:b', 'POST /v1/performances/perf_x/holds', key)
  const envelope: Envelope = {
    ...{ commandId, bodyHash, commandType: 'OpenCart', actor: { kind: 'buyer', id: 'b' }, organisation: '' },
    ...{ causationId: '', correlationId: commandId, traceparent: '' },
  }
  return { envelope, message: wish }
}

/** A cart opens at once. It settles when the spec records its part or its refusal. */
function decideCarts(command: { readonly type: string }, { envelope, now }: { envelope: Envelope; now: EpochMillis }): Scripted {
  const holdId = holdIdOf(now, { kind: 'cart', bucket: BUCKET }, commandIdOf(envelope.correlationId))
  const of = { holdId, performanceId, parts: [] }
  const accept = (event: CartEvent): Scripted => ({ events: [event] })
  if (command.type === 'OpenCart')
    return accept({ ...wish, type: 'CartOpened', holdId, openedBy: envelope.commandId, buyerKind: 'buyer', buyer: 'b' })
  if (command.type === 'RecordPart')
    return accept({ ...of, type: 'CartHeld', buyer: 'b', organisation: 'org', expiresAtMs: now, extensionsLeft: 1 })
  return {
    rejection: { code: 'NOT_ENOUGH_SEATS', asked: 1, have: 0 },
    events: [{ ...of, type: 'CartRefused' } satisfies CartEvent],
  }
}

describe('the command bus, of carts', () => {
  let spec: SpecLog
  let bus: RunningCommandBus
  let worker: ReturnType<typeof scriptedWorker>
  const buses: RunningCommandBus[] = []

  async function startBus(options: Partial<CommandBusOptions> = {}): Promise<RunningCommandBus> {
    const started = createCommandBus({
      ...spec,
      directory: createDirectory(),
      logger: createLogger({ service: 'spec', level: 'silent' }),
      metrics: createMetrics('spec'),
      decisionTimeoutMs: 10_000,
      ...options,
    })
    buses.push(started)
    await started.start()
    await started.whenCaughtUp()
    return started
  }

  /** Another gateway, or this one after a restart, which has not read what was decided so far. */
  async function startKnowingNothing(options: Partial<CommandBusOptions> = {}): Promise<RunningCommandBus> {
    const known = bus.positions()
    return startBus({ starts: async (topic, partition) => known.get(topic)?.get(partition) ?? ledgerStart(topic, partition), ...options })
  }

  const appendCommand = (command: Command<{ readonly type: string }>) =>
    spec.log.append('cart.commands', PARTITION, [spec.codec.encodeCommand('cart', command)])

  const grant = ({ envelope }: Command<unknown>) =>
    appendCommand(
      following(envelope, {
        ...{ type: 'RecordPart', cartId: 'hold_x', performanceId, attempt: 1, have: 1 },
        part: { holdId: 'hold_p', sectionId, seats: [1], step: 'adjacent', priceRevision: 1 },
      } as { readonly type: string }),
    )

  const refuse = ({ envelope }: Command<unknown>) =>
    appendCommand(
      following(envelope, {
        ...{ type: 'RecordRefusal', cartId: 'hold_x', attempt: 1, sectionId },
        rejection: recorded({ code: 'NOT_ENOUGH_SEATS', asked: 1, have: 0 }),
      } as { readonly type: string }),
    )

  /** Waits until so many decisions are in the log and `reader` has read them. */
  async function decisionsRead(count: number, reader = bus): Promise<void> {
    while ((await spec.log.endOffset('cart.events', PARTITION)) < count) await sleep(2)
    assert.equal(await reader.refresh('cart'), true)
  }

  const commandsInLog = (): Promise<number> => spec.log.endOffset('cart.commands', PARTITION)

  function assertHeld(answer: Answer, command: Command<unknown>): void {
    assert.ok(answer.outcome === 'decided')
    assert.deepEqual(
      answer.decision.events.map(({ type }) => type),
      ['CartHeld'],
    )
    assert.equal(answer.decision.envelope.commandType, 'RecordPart')
    assert.equal(answer.asked.envelope.commandId, command.envelope.commandId)
    assert.deepEqual(answer.asked.envelope.actor, command.envelope.actor)
    assert.ok(answer.asked.commandOffset < answer.decision.commandOffset)
  }

  beforeEach(async () => {
    spec = await openSpecLog(2, EMBEDDED_ADAPTERS)
    worker = scriptedWorker(spec, 'cart', 2, decideCarts)
    bus = await startBus()
  })

  afterEach(async () => {
    for (const started of buses.splice(0)) await started.stop()
    await worker.stop()
    await spec.close()
  })

  it('answers the command that opened a cart with the decision that settles it', async () => {
    const command = openCart('one')
    const answer = bus.send('cart', BUCKET, command)
    await decisionsRead(1)
    await grant(command)
    assertHeld(await answer, command)
    assert.deepEqual(bus.recall(command.envelope.commandId), await answer)
    const opening = await answer
    assert.ok(opening.outcome === 'decided')
    assert.equal((await bus.messageOf('cart', opening.partition, opening.asked.commandOffset))?.type, 'OpenCart')
  })

  it('answers with the refusal of a cart, which comes with its events', async () => {
    const command = openCart('one')
    const answer = bus.send('cart', BUCKET, command)
    await decisionsRead(1)
    await refuse(command)
    const { outcome, ...decided } = await answer
    assert.equal(outcome, 'decided')
    assert.equal('decision' in decided && decided.decision.rejection?.code, 'NOT_ENOUGH_SEATS')
  })

  it('settles each of several open carts by its own command', async () => {
    const [one, two] = [openCart('one'), openCart('two')]
    const answers = [bus.send('cart', BUCKET, one), bus.send('cart', BUCKET, two)]
    await decisionsRead(2)
    await grant(two)
    await refuse(one)
    const [first, second] = await Promise.all(answers)
    assert.equal(first?.outcome === 'decided' && first.decision.rejection?.code, 'NOT_ENOUGH_SEATS')
    assert.ok(second)
    assertHeld(second, two)
  })

  it('lets a repeat wait for the cart that is open already, without sending anything again', async () => {
    const command = openCart('one')
    const first = bus.send('cart', BUCKET, command)
    await decisionsRead(1)
    const repeat = bus.send('cart', BUCKET, command)
    await grant(command)
    assertHeld(await repeat, command)
    assert.deepEqual(await repeat, await first)
    assert.equal(await commandsInLog(), 2)
  })

  it('says undecided of a cart that is open still, keeps it pending for who asked, and goes on waiting at a repeat', async () => {
    bus = await startBus({ decisionTimeoutMs: 50 })
    const command = openCart('one')
    assert.deepEqual(await bus.send('cart', BUCKET, command), { outcome: 'undecided', commandId: command.envelope.commandId })
    await decisionsRead(1)
    assert.deepEqual(bus.recall(command.envelope.commandId), { outcome: 'pending', actorKind: 'buyer', actorId: 'b' })
    assert.equal((await bus.send('cart', BUCKET, command)).outcome, 'undecided')
    await grant(command)
    let answer = await bus.send('cart', BUCKET, command)
    while (answer.outcome === 'undecided') answer = await bus.send('cart', BUCKET, command)
    assertHeld(answer, command)
    assert.equal(await commandsInLog(), 2)
  })

  it('remembers the answer that came when nobody waited any more', async () => {
    bus = await startBus({ decisionTimeoutMs: 50 })
    const command = openCart('one')
    assert.equal((await bus.send('cart', BUCKET, command)).outcome, 'undecided')
    await decisionsRead(1)
    await grant(command)
    await decisionsRead(2)
    assertHeld(await bus.send('cart', BUCKET, command), command)
    assert.equal(await commandsInLog(), 2)
  })

  it('keeps a cart open when its id is used for another request, and refuses that one', async () => {
    const command = openCart('one')
    const first = bus.send('cart', BUCKET, command)
    await decisionsRead(1)
    const other = await bus.send('cart', BUCKET, openCart('one', 'b'.repeat(32)))
    assert.equal(other.outcome === 'decided' && other.decision.rejection?.code, 'IDEMPOTENCY_KEY_REUSED')
    assert.equal(bus.recall(command.envelope.commandId)?.outcome, 'pending')
    await grant(command)
    assertHeld(await first, command)
  })

  it('reads back the settling decision across the opening one, after a restart', async () => {
    const command = openCart('one')
    const first = bus.send('cart', BUCKET, command)
    await decisionsRead(1)
    const between = Array.from({ length: 20 }, (_, n) => openCart(`between ${n}`))
    const others = between.map((other) => bus.send('cart', BUCKET, other))
    await decisionsRead(21)
    await grant(command)
    for (const other of between) await refuse(other)
    await Promise.all(others)
    const restarted = await startKnowingNothing()
    assert.equal(restarted.recall(command.envelope.commandId), undefined, 'nothing is remembered from before the start')
    const again = await restarted.send('cart', BUCKET, command)
    assertHeld(again, command)
    assert.deepEqual(again, await first)
    assert.deepEqual(restarted.recall(command.envelope.commandId), again)
  })

  it('waits after a restart for what settles a cart that was opened before', async () => {
    const command = openCart('one')
    const first = bus.send('cart', BUCKET, command)
    await decisionsRead(1)
    const restarted = await startKnowingNothing()
    const again = restarted.send('cart', BUCKET, command)
    await decisionsRead(2, restarted)
    await grant(command)
    assertHeld(await again, command)
    assert.deepEqual(await again, await first)
  })

  it('says undecided after a restart when the cart is open still, and never more than it knows', async () => {
    const command = openCart('one')
    const first = bus.send('cart', BUCKET, command)
    await decisionsRead(1)
    const restarted = await startKnowingNothing({ decisionTimeoutMs: 200 })
    assert.equal((await restarted.send('cart', BUCKET, command)).outcome, 'undecided')
    assert.equal(restarted.recall(command.envelope.commandId)?.outcome, 'pending')
    await grant(command)
    await first
  })

  it('believes no settling decision that does not count', async () => {
    const command = openCart('one')
    const first = bus.send('cart', BUCKET, command)
    await decisionsRead(1)
    const forged = spec.codec.encodeDecision({
      link: emptyHead('somewhere.else', 0),
      ...following(command.envelope, { type: 'RecordPart' }),
      commandOffset: 1,
      atMs: 0 as EpochMillis,
      ruleVersion: 1,
      reactedTo: 0,
      outcome: 'accepted',
      duplicateOf: null,
      rejection: null,
      events: [
        spec.codec.encodeMessage('cart', {
          ...{ type: 'CartHeld', holdId: 'hold_forged', performanceId, parts: [] },
          ...{ buyer: 'b', organisation: 'org', expiresAtMs: 0, extensionsLeft: 1 },
        } as { readonly type: string }),
      ],
    })
    await spec.log.append('cart.events', PARTITION, [forged])
    await decisionsRead(2)
    const restarted = await startKnowingNothing()
    const again = restarted.send('cart', BUCKET, command)
    await decisionsRead(3, restarted)
    await refuse(command)
    for (const answer of [await first, await again])
      assert.equal(answer.outcome === 'decided' && answer.decision.rejection?.code, 'NOT_ENOUGH_SEATS')
  })

  it('answers by every gateway that was asked', async () => {
    const other = await startBus()
    const command = openCart('one')
    const first = bus.send('cart', BUCKET, command)
    await decisionsRead(1, other)
    assert.equal(other.recall(command.envelope.commandId)?.outcome, 'pending')
    const second = other.send('cart', BUCKET, command)
    await grant(command)
    assertHeld(await second, command)
    assert.deepEqual(await second, await first)
    assert.equal(await commandsInLog(), 2, 'the other gateway knew that the cart was open')
  })

  it('gives two gateways that are asked at once the same answer', async () => {
    const other = await startBus()
    const command = openCart('one')
    const both = [bus.send('cart', BUCKET, command), other.send('cart', BUCKET, command)]
    await decisionsRead(1)
    await grant(command)
    const [first, second] = await Promise.all(both)
    assert.ok(first)
    assertHeld(first, command)
    assert.deepEqual(second, first)
  })

  it('takes an opening that it read for proof that the log took the command', async () => {
    const acknowledge = new AbortController()
    const silent: EventLog = {
      ...wrapped(spec.log),
      async append(topic, partition, values) {
        const appended = await spec.log.append(topic, partition, values)
        if (!acknowledge.signal.aborted) await once(acknowledge.signal, 'abort')
        return appended
      },
    }
    bus = await startBus({ log: silent, decisionTimeoutMs: 50 })
    try {
      assert.equal((await bus.send('cart', BUCKET, openCart('one'))).outcome, 'undecided')
    } finally {
      acknowledge.abort()
    }
  })
})

const wrapped = (log: EventLog): Omit<EventLog, 'append'> => ({
  ensureTopics: (topics) => log.ensureTopics(topics),
  partitionCount: (topic) => log.partitionCount(topic),
  endOffset: (topic, partition) => log.endOffset(topic, partition),
  read: (topic, partition, from, options) => log.read(topic, partition, from, options),
  join: (group, topics, handler) => log.join(group, topics, handler),
  close: () => log.close(),
})
