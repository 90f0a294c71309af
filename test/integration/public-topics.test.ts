import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { publicTopicOf } from '@cavea/contracts/public/schemas'
import { CONTEXTS, topicsOf } from '@cavea/contracts/topics'
import { Connection } from '@cavea/event-log/kafka/connection'
import { ledgerStart } from '@cavea/event-log/ledger-reader'
import { produceInTransaction, transactionCoordinator } from '@cavea/projector/adapters/kafka-transactions'
import { OtherLogError } from '@cavea/projector/public-topics/partition-publisher'
import { PublicationTakenError } from '@cavea/projector/public-topics/publisher'
import { whyNoCluster } from '../support/engines.ts'
import { eventually } from '../support/hall.ts'
import { SYSTEM } from '../support/planted-decisions.ts'
import { forgetGroup, only, plain, typeOf } from '../support/public-reader.ts'
import { isDone, PARTITIONS, type PublishingEngines, PublishingRig, publishingEngines, WITHIN_MS } from '../support/publishing-rig.ts'
import { randomOf } from '../support/random.ts'

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00'

const why = whyNoCluster()
if (why !== undefined) describe('The public topics', () => void it(`are skipped: ${why}`))
else
  describe('The public topics', function () {
    this.timeout(120_000)
    let shared: PublishingEngines
    let rig: PublishingRig

    before(async function startEngines() {
      this.timeout(180_000)
      shared = await publishingEngines()
    })
    after(() => shared?.log.close())

    beforeEach(async () => {
      rig = new PublishingRig(shared)
      await rig.planted.makeTopics()
    })

    it('are read and decoded by an ordinary client, and say what happened in the words that people know', async () => {
      const { hall, planted, topicPrefix } = rig
      const { performanceId } = hall
      rig.plantHall()
      const command = { type: 'HoldSeats', performanceId, sectionId: 'stalls', seats: [1, 2], cart: null }
      planted.decide('seating', 0, { command, events: [hall.held('a', 'stalls', [1, 2], 'buyer_1')], traceparent: TRACE })
      planted.zombie('seating', 0, [hall.held('zombie', 'stalls', [3], 'buyer_2')])
      const conflict = { seat: 2, reason: 'held', sinceMs: 5, mayFreeAtMs: 9 } as never
      planted.decide('seating', 0, { command, events: [], rejection: { code: 'SEAT_UNAVAILABLE', conflicts: [conflict] } })
      planted.decide('seating', 0, { command: { type: 'Tick' }, events: [], actor: SYSTEM })
      planted.decide('seating', 0, {
        command: { type: 'SellHold', holdId: hall.holdId('a', 'stalls') },
        events: [hall.sold('a', 'stalls', [1, 2])],
      })
      const block = { type: 'SeatsBlocked', performanceId, sectionId: 'balcony', blockId: 'block_1', seats: [0], note: 'for my aunt' }
      planted.decide('seating', 1, { command: { ...block, type: 'BlockSeats' }, events: [block] })
      const parts = [hall.part('p', 'floor~1', [0, 7])]
      planted.decide('cart', 1, { command: { type: 'Tick' }, events: [hall.cartHeld('c', parts, 'buyer_1')] })
      await planted.flush()
      await rig.publishAll()

      const records = await rig.read()
      const types = (context: string): string[] =>
        records
          .filter(({ topic }) => topic.includes(`.public.${context}.`))
          .map(typeOf)
          .sort()
      assert.deepEqual(types('catalog'), ['PerformanceOpened', 'PerformanceScheduled', 'SeatMapPublished', 'VenueCreated'])
      assert.deepEqual(
        types('seating').filter((type) => type !== 'SectionOpened'),
        ['CommandRejected', 'SeatsBlocked', 'SeatsHeld', 'SeatsSold'],
      )
      assert.deepEqual(types('cart'), ['CartHeld'])

      const held = only(records, 'SeatsHeld')
      const gold = { row: 'A', category: 'Gold', amount: 125_000 }
      const seats = [
        { ...gold, seatId: 'stalls-A-2', number: '2' },
        { ...gold, seatId: 'stalls-A-3', number: '3' },
      ]
      const { event } = held
      assert.deepEqual(plain(event['seats']), seats)
      assert.deepEqual(
        [event['section'], event['currency'], event['quantity'], event['organisation'], event['buyer']],
        ['STALLS', 'VND', 2, 'org_public', 'buyer_1'],
      )
      assert.equal(held.key, `${performanceId}/stalls`)
      const { ce_head, ce_time, ...headers } = held.headers
      assert.match(ce_head ?? '', /^[0-9a-f]{64}$/)
      assert.equal(Date.parse(ce_time ?? ''), event['occurredAt'])
      assert.deepEqual(headers, {
        ce_specversion: '1.0',
        ce_id: event['eventId'],
        ce_source: `/cavea/${topicPrefix}seating`,
        ce_type: 'public.seating.SeatsHeld',
        ce_subject: held.key,
        ce_traceparent: TRACE,
        'content-type': 'application/avro',
      })

      const refused = only(records, 'CommandRejected').event
      assert.equal(refused['code'], 'SEAT_UNAVAILABLE')
      assert.deepEqual(
        plain(refused['seats']),
        seats.map(({ amount: _, ...seat }) => seat),
      )
      assert.deepEqual(plain(refused['conflicts']), [
        { seatId: 'stalls-A-3', row: 'A', number: '3', category: 'Gold', reason: 'held', since: 5, mayFreeAt: 9 },
      ])
      const [part] = plain(only(records, 'CartHeld').event['parts']) as {
        readonly stream: string
        readonly section: string
        readonly seats: unknown
      }[]
      const place = { seatId: '', row: '', number: '', category: 'Silver', amount: 80_000 }
      assert.deepEqual([part?.stream, part?.section, part?.seats], ['floor~1', 'FLOOR', [place, place]])
      assert.ok(!JSON.stringify(records).includes('aunt'), 'what somebody typed was told')
    })

    it('have each event once and in order, however often their writer dies in the middle', async () => {
      const ids = await rig.plantHolds()
      const random = randomOf(1)
      await rig.withCatalog(async (catalog) => {
        for (let lives = 0; lives < 12; lives++) {
          const running = rig.publish(catalog)
          const before = Math.floor(random() * 3)
          const isAtWork = (): boolean => running.committed() >= before || isDone(running)
          await eventually('it is at work', WITHIN_MS, async () => isAtWork() || undefined)
          await sleep(random() * 40) // Anywhere in the transactions that follow.
          await running.publisher.close()
          await running.end()
        }
        await rig.publishToTheEnd(catalog)
      })
      assert.deepEqual(await rig.readIds(), ids)
    })

    it('have each event once and in order while two writers both believe that all partitions are theirs', async () => {
      const ids = await rig.plantHolds()
      await rig.withCatalog(async (catalog) => {
        const rivals = [rig.publish(catalog), rig.publish(catalog)]
        const taken = () => rivals.map(({ troubles }) => troubles.filter((error) => error instanceof PublicationTakenError).length)
        await eventually(
          'each takes over from the other',
          WITHIN_MS,
          async () => taken().every((count) => count > 1) || rivals.some(isDone) || undefined,
        )
        await Promise.all(rivals.map((rival) => rival.end()))
        await rig.publishToTheEnd(catalog)
      })
      assert.deepEqual(await rig.readIds(), ids)
    })

    it('are shared out among processes, and go on where a process ended that leaves', async () => {
      const ids = await rig.plantHolds()
      const first = await rig.startService()
      await eventually('it is at work', WITHIN_MS, async () => first.service.partitions().length > 0 || undefined)
      const second = await rig.startService()
      const half = (CONTEXTS.length * PARTITIONS) / 2
      const isShared = (): boolean => [first, second].every(({ service }) => service.partitions().length === half)
      await eventually('each has its share', WITHIN_MS, async () => isShared() || undefined)
      await rig.untilPublished(first, second)
      const { planted, hall } = rig
      for (const [partition, sectionId] of ['stalls', 'balcony'].entries()) {
        const released = { command: { type: 'Tick' }, events: [hall.released('later', sectionId, [1])], actor: SYSTEM }
        for (let at = 0; at < 50; at++) ids[partition]?.push(`seating/${partition}/${planted.decide('seating', partition, released)}/0`)
      }
      await planted.flush()
      await first.stop()
      await rig.untilPublished(second)
      await second.stop()
      await rig.publishAll() // What came last: who is current says so once.
      assert.deepEqual(await rig.readIds(), ids)
    })

    it('go on where they ended when the brokers have forgotten where that was', async () => {
      const ids = await rig.plantHolds()
      await rig.publishAll()
      await forgetGroup(rig.brokers, rig.positionsGroup)
      await rig.publishAll()
      const { planted, hall } = rig
      const offset = planted.decide('seating', 0, {
        command: { type: 'Tick' },
        events: [hall.released('later', 'stalls', [1])],
        actor: SYSTEM,
      })
      await planted.flush()
      await rig.publishAll()
      ids[0]?.push(`seating/0/${offset}/0`)
      assert.deepEqual(await rig.readIds(), ids)
    })

    it('do not show what a writer left behind that died before its commit', async () => {
      const ids = await rig.plantHolds()
      const [source, target] = [topicsOf('seating', rig.topicPrefix).events, publicTopicOf('seating', rig.topicPrefix)]
      await rig.withCatalog(async (catalog) => {
        const connection = new Connection({
          brokers: [rig.brokers],
          clientId: 'dead',
          requestTimeoutMs: 10_000,
          logger: undefined,
        })
        const cluster = await connection.get()
        await connection.loadTopic(cluster, target)
        const transactionalId = `${rig.topicPrefix}cavea-public.${source}.0`
        const coordinator = await transactionCoordinator(cluster, transactionalId)
        const producer = { transactionalId, ...(await coordinator.initProducerId({ transactionalId, transactionTimeout: 60_000 })) }
        await coordinator.addPartitionsToTxn({ ...producer, topics: [{ topic: target, partitions: [0] }] })
        const message = { key: 'dead', value: Buffer.from('half a transaction'), headers: {} }
        await produceInTransaction(cluster, producer, { topic: target, partition: 0, firstSequence: 0, timeoutMs: 5_000 }, [message])
        await connection.close()

        await rig.publishToTheEnd(catalog)
      })
      assert.deepEqual(await rig.readIds(), ids)
    })

    it('are taken over with all that the writer before has committed, however late', async () => {
      await rig.withCatalog(async () => undefined) // It makes the topics.
      const source = { topic: topicsOf('cart', rig.topicPrefix).events, partition: 0 }
      const target = publicTopicOf('cart', rig.topicPrefix)
      const [one, other] = [rig.openPublisher(), rig.openPublisher()]
      let writer = await one.open(source, target)
      for (let round = 0; round < 15; round++) {
        let acknowledged = writer.position?.offset ?? 0
        const writing = (async () => {
          for (;;) {
            await writer.commit([], { ...ledgerStart(source.topic, 0), offset: acknowledged + 1 })
            acknowledged++
          }
        })()
        const next = (round % 2 === 0 ? other : one).open(source, target)
        await assert.rejects(writing, PublicationTakenError)
        writer = await next
        const offset = writer.position?.offset ?? 0
        assert.ok(offset === acknowledged || offset === acknowledged + 1, `${acknowledged} were acknowledged, ${offset} are known`)
      }
      await Promise.all([one.close(), other.close()])
    })

    it('take nothing from a writer that was superseded', async () => {
      rig.plantHall()
      await rig.planted.flush()
      await rig.publishAll()
      const source = { topic: topicsOf('cart', rig.topicPrefix).events, partition: 0 }
      const target = publicTopicOf('cart', rig.topicPrefix)
      const [slow, quick] = [rig.openPublisher(), rig.openPublisher()]
      const zombie = await slow.open(source, target)
      const owner = await quick.open(source, target)
      const position = { ...ledgerStart(source.topic, 0), offset: 7 }
      const message = { key: 'k', value: Buffer.from('zombie'), headers: {} }
      await assert.rejects(zombie.commit([message], position), PublicationTakenError)
      await owner.commit([], { ...position, offset: 3 })
      assert.deepEqual((await slow.open(source, target)).position, { ...position, offset: 3 })
      assert.deepEqual(
        (await rig.read()).filter(({ topic }) => topic === target),
        [],
      )
      await Promise.all([slow.close(), quick.close()])
    })

    it('stop where the log is not the one that they were made from', async () => {
      rig.plantHall()
      await rig.planted.flush()
      await rig.publishAll()
      const source = { topic: topicsOf('seating', rig.topicPrefix).events, partition: 0 }
      const publisher = rig.openPublisher()
      const publication = await publisher.open(source, publicTopicOf('seating', rig.topicPrefix))
      const { position } = publication
      assert.ok(position !== undefined)
      await publication.commit([], { ...position, head: 'f'.repeat(64) as typeof position.head })
      await rig.withCatalog(async (catalog) => {
        const running = rig.publish(catalog)
        await eventually('the partition has failed', WITHIN_MS, async () => running.partitions[0]?.status() === 'failed' || undefined)
        await running.end()
        assert.ok(running.troubles.some((error) => error instanceof OtherLogError))
      })
      await publisher.close()
    })
  })
