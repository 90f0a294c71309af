import assert from 'node:assert/strict'
import type { Decision } from '@cavea/contracts/envelope'
import { type CommandId, commandIdOf, epochMillis } from '@cavea/contracts/ids'
import { emptyHead } from '@cavea/contracts/ledger'
import { eventually, readAll } from '@cavea/event-log/contract-tools'
import { LogUnavailableError } from '@cavea/event-log/errors'
import { NO_SNAPSHOTS } from '@cavea/event-log/snapshots'
import type { Reaction } from './policies.ts'
import { Reactions } from './reactions.ts'
import { CATALOG, codec, optionsFor, type Place, place, SEATING, start, take } from './worker-harness.spec.ts'

const NEVER = new AbortController().signal

describe('What follows from events', function () {
  this.timeout(40_000)
  let at: Place
  beforeEach(async () => {
    at = await place()
  })
  afterEach(() => at.remove())

  const reaction = (sectionId: string): Reaction => ({
    policy: 'tell-catalog',
    context: 'catalog',
    key: sectionId,
    message: { type: 'RecordSectionOpened', performanceId: 'perf_1', sectionId } as Reaction['message'],
  })
  const cause = (commandId: CommandId): Decision => ({
    link: emptyHead(SEATING.events, 0),
    envelope: {
      commandId,
      commandType: 'OpenSection',
      actor: { kind: 'organiser', id: 'acct_olga' },
      organisation: 'org_opera',
      bodyHash: '',
      causationId: '',
      correlationId: commandIdOf('the first cause'),
      traceparent: '00-0-0-01',
    },
    commandOffset: 0,
    atMs: epochMillis(1),
    ruleVersion: 1,
    reactedTo: 0,
    outcome: 'accepted',
    duplicateOf: null,
    rejection: null,
    events: [],
  })
  const sent = async () => (await readAll(at.log, CATALOG.commands, 0)).map(({ value }) => codec.decodeCommand(value))

  it('is sent in order, in the name of the policy, with its causes', async () => {
    const reactions = new Reactions(optionsFor(at).options, 0, NEVER)
    const by = cause(commandIdOf('a'))
    reactions.add([reaction('1'), reaction('2')], by, 0)
    reactions.add([reaction('3')], cause(commandIdOf('b')), 0)
    await reactions.sent(NEVER)
    assert.equal(reactions.waiting, 0)
    const commands = await sent()
    const sections = commands.map(({ payload }) => codec.decodeMessage<{ type: string; sectionId: string }>('catalog', payload).sectionId)
    assert.deepEqual(sections, ['1', '2', '3'])
    const { envelope } = commands[0] ?? assert.fail()
    assert.deepEqual(envelope.actor, { kind: 'system', id: 'tell-catalog' })
    assert.equal(envelope.causationId, by.envelope.commandId)
    assert.equal(envelope.correlationId, by.envelope.correlationId)
    assert.equal(envelope.organisation, 'org_opera')
    assert.equal(envelope.traceparent, by.envelope.traceparent)
  })

  it('has the same command ids whenever it is sent, and others for other streams and causes', async () => {
    for (let round = 0; round < 2; round++) {
      const reactions = new Reactions(optionsFor(at).options, 0, NEVER)
      reactions.add([reaction('1'), reaction('2')], cause(commandIdOf('a')), 0)
      reactions.add([reaction('1')], cause(commandIdOf('b')), 0)
      await reactions.sent(NEVER)
    }
    const ids = (await sent()).map(({ envelope }) => envelope.commandId)
    assert.deepEqual(ids.slice(3), ids.slice(0, 3))
    assert.equal(new Set(ids).size, 3)
  })

  it('has command ids of its own for each thing that it is about, and again the same', async () => {
    for (let round = 0; round < 2; round++) {
      const reactions = new Reactions(optionsFor(at).options, 0, NEVER)
      const [by, one] = [cause(commandIdOf('a')), reaction('1')]
      reactions.add([{ ...one, about: 'hold_1' }, { ...one, about: 'hold_2' }, one], by, 0)
      await reactions.sent(NEVER)
    }
    const ids = (await sent()).map(({ envelope }) => envelope.commandId)
    assert.deepEqual(ids.slice(3), ids.slice(0, 3))
    assert.equal(new Set(ids).size, 3)
  })

  it('carries the first cause that it names, where its decision was due to nobody', async () => {
    const reactions = new Reactions(optionsFor(at).options, 0, NEVER)
    const [by, opening] = [cause(commandIdOf('a tick')), commandIdOf('the opening')]
    reactions.add([{ ...reaction('1'), correlationId: opening }], by, 0)
    await reactions.sent(NEVER)
    const [{ envelope }] = (await sent()) as [Awaited<ReturnType<typeof sent>>[number]]
    assert.equal(envelope.correlationId, opening)
    assert.equal(envelope.causationId, by.envelope.commandId)
  })

  it('goes in one append to each partition, and what an append did not take goes again, in order and alone', async () => {
    const appended: string[] = []
    let isAway = true
    const { options } = optionsFor(at)
    const log = {
      partitionCount: at.log.partitionCount.bind(at.log),
      async append(...[topic, partition, values]: Parameters<typeof at.log.append>) {
        appended.push(`${topic} ${values.length}`)
        if (topic === CATALOG.commands && isAway) {
          isAway = false
          throw new LogUnavailableError('Away.')
        }
        return await at.log.append(topic, partition, values)
      },
    } as unknown as typeof at.log
    const reactions = new Reactions({ ...options, log }, 0, NEVER)
    const toSection = { ...reaction('1'), context: 'seating', message: { type: 'ReleaseHold', holdId: 'hold_1' } } as Reaction
    reactions.add([reaction('1'), toSection, reaction('2')], cause(commandIdOf('a')), 0)
    await reactions.sent(NEVER)
    assert.deepEqual(appended, [`${CATALOG.commands} 2`, `${SEATING.commands} 1`, `${CATALOG.commands} 2`])
    assert.equal((await readAll(at.log, SEATING.commands, 0)).length, 1)
    const sections = (await sent()).map(
      ({ payload }) => codec.decodeMessage<{ type: string; sectionId: string }>('catalog', payload).sectionId,
    )
    assert.deepEqual(sections, ['1', '2'])
  })

  it('is sent also when it is added in the very moment in which the last one was', async () => {
    for (let turns = 0; turns < 24; turns++) {
      let isSent: () => void = () => {}
      const log = {
        ...optionsFor(at).options.log,
        partitionCount: async () => 1,
        append: () => new Promise<{ baseOffset: number }>((resolve) => (isSent = () => resolve({ baseOffset: 0 }))),
      } as unknown as typeof at.log
      const reactions = new Reactions({ ...optionsFor(at).options, log }, 0, NEVER)
      reactions.add([reaction('1')], cause(commandIdOf('a')), 0)
      for (let turn = 0; turn < 50; turn++) await Promise.resolve()
      isSent()
      isSent = () => {}
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      reactions.add([reaction('2')], cause(commandIdOf('b')), 0)
      for (let turn = 0; turn < 50; turn++) await Promise.resolve()
      isSent()
      for (let turn = 0; turn < 50; turn++) await Promise.resolve()
      assert.equal(reactions.waiting, 0, `added ${turns} microtasks later, it waits for ever`)
    }
  })

  it('is not sent again by an owner without snapshots, but for the last of it, of which nothing later says that it was', async () => {
    const options = { policy: () => [reaction('1')], snapshots: NO_SNAPSHOTS }
    const [a, b, c, d] = [take('a'), take('b'), take('c'), take('d')]
    const first = start(at, options)
    for (const [before, command] of [a, b, c].entries()) {
      await at.log.append(SEATING.commands, 0, [command])
      await eventually('it is sent', async () => (await sent()).length > before)
    }
    await first.stop()
    const second = start(at, options)
    await eventually('it decides', () => second.worker.status === 'deciding')
    await at.log.append(SEATING.commands, 0, [d])
    await eventually('it goes on', async () => (await sent()).length >= 5)
    await second.stop()
    const causes = (await sent()).map(({ envelope }) => envelope.causationId)
    assert.deepEqual(
      causes,
      [a, b, c, c, d].map((command) => codec.decodeCommand(command).envelope.commandId),
    )
  })

  describe('while it cannot be sent', () => {
    const away = () => ({
      partitionCount: () => Promise.reject(new LogUnavailableError('Away.')),
      append: at.log.append.bind(at.log),
      endOffset: at.log.endOffset.bind(at.log),
      read: at.log.read.bind(at.log),
    })
    const runAway = (limits: { reactionsMax?: number; snapshotEvery?: number }) =>
      start(
        { ...at, log: away() as unknown as typeof at.log },
        { policy: () => [reaction('1')], limits: { batchDecisionsMax: 1, ...limits } },
      )

    for (const limits of [{}, { reactionsMax: 0 }, { snapshotEvery: 1 }]) {
      it(`does not keep the worker from stopping (${JSON.stringify(limits)}), and no snapshot says that it was sent`, async () => {
        const { stop, options, told } = runAway(limits)
        await at.log.append(SEATING.commands, 0, [take('a'), take('b')])
        await eventually('it tries', () => told.trouble.length > 0)
        await stop()
        for await (const _ of options.snapshots.load(SEATING.events, 0)) assert.fail('there is a snapshot')
      })
    }

    it('is sent by the next owner, which finds it in the log', async () => {
      const { stop, told } = runAway({})
      await at.log.append(SEATING.commands, 0, [take('a')])
      await eventually('it tries', () => told.trouble.length > 0)
      await stop()
      const next = start(at, { policy: () => [reaction('1')] })
      await eventually('it is sent', async () => (await sent()).length === 1)
      await next.stop()
      const third = start(at, { policy: () => [reaction('1')] })
      await eventually('it decides', () => third.worker.status === 'deciding')
      await third.stop()
      assert.equal((await sent()).length, 1, 'what a snapshot covers is not sent again')
    })
  })
})
