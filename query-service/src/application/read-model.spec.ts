import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HoldId, placeOf } from '@cavea/contracts/ids'
import { bucketOf, partitionOf, sectionKey } from '@cavea/contracts/partitioning'
import { type Context, topicsOf } from '@cavea/contracts/topics'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import type { EventLog } from '@cavea/event-log/port'
import { fileSnapshots } from '@cavea/event-log/snapshots'
import {
  ADMIN_TOKEN,
  ensureTopics,
  openRig,
  PARTITIONS,
  partsOf,
  type QueryRig,
  type RigParts,
  TOPIC_PREFIX,
} from '../testing/query-rig.ts'
import { ORGANISATION, type ScriptedHall, scriptHall } from '../testing/scripted-hall.ts'
import { type ScriptedLedger, scriptLedger } from '../testing/scripted-ledger.ts'
import type { QueryServiceDeps } from './app.ts'

describe('The read model', () => {
  let dir: string
  let snapshotDir: string
  let parts: RigParts
  let log: EventLog
  let ledger: ScriptedLedger
  let hall: ScriptedHall
  const rigs = new Set<QueryRig>()

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cavea-read-model-'))
    snapshotDir = join(dir, 'snapshots')
    log = await openEmbeddedLog({ dir: join(dir, 'log') })
    parts = await partsOf(log)
    await ensureTopics(log)
    ledger = scriptLedger({ log, codec: parts.codec, topicPrefix: TOPIC_PREFIX, partitions: PARTITIONS })
    hall = scriptHall('Hall', 10)
    await ledger.catalog(hall.catalogEvents)
    for (const sectionId of ['stalls', 'balcony']) await ledger.seating(hall.performanceId, sectionId, [hall.open(sectionId)])
    await ledger.catalog([hall.opened])
  })

  afterEach(async () => {
    for (const rig of rigs) await rig.stop()
    rigs.clear()
    await log.close()
    await rm(dir, { recursive: true, force: true })
  })

  async function open(options: Partial<QueryServiceDeps> = { snapshotDir }): Promise<QueryRig> {
    const rig = await openRig({ ...parts, log }, { minVersionTimeoutMs: 10_000, ...options })
    rigs.add(rig)
    return rig
  }

  async function started(options?: Partial<QueryServiceDeps>): Promise<QueryRig> {
    const rig = await open(options)
    await rig.service.start()
    await rig.service.untilSettled()
    return rig
  }

  async function stop(rig: QueryRig): Promise<void> {
    rigs.delete(rig)
    await rig.stop()
  }

  let holds = 0
  const holdOne = async (sectionId: string, seat: number): Promise<void> => {
    await ledger.seating(hall.performanceId, sectionId, [hall.held(`hold ${holds++}`, sectionId, [seat], 'buyer_1')])
  }

  /** How many decisions a service folded since it started. */
  const folded = async (rig: QueryRig, context: Context): Promise<number> =>
    Number((await rig.metric(new RegExp(`cavea_query_decisions_total\\{context="${context}"[^}]*\\} (\\d+)`))) ?? 0)

  const seatsPath = (): string => `/v1/performances/${hall.performanceId}/seats`
  const stallsPartition = (): number => partitionOf(bucketOf(sectionKey(hall.performanceId, 'stalls')), PARTITIONS)
  const stallsFolder = (): string => join(snapshotDir, 'query', `${TOPIC_PREFIX}seating.events`, String(stallsPartition()))

  /** What a service without snapshots answers, which read the whole log. */
  async function replayed(): Promise<string> {
    const rig = await started({})
    const { text } = await rig.get(seatsPath())
    await stop(rig)
    return text
  }

  it('goes on from its snapshots after a restart, and answers as a full replay would', async () => {
    await holdOne('stalls', 0)
    await stop(await started())
    await holdOne('stalls', 1)
    const rig = await started()
    assert.equal(await folded(rig, 'catalog'), 0)
    assert.equal(await folded(rig, 'seating'), 1)
    assert.equal((await rig.get(seatsPath())).text, await replayed())
  })

  it('follows the log from a snapshot on', async () => {
    await stop(await started())
    const rig = await started()
    const { token } = await ledger.seating(hall.performanceId, 'balcony', [hall.held('late', 'balcony', [4], 'buyer_1')])
    const { body } = await rig.get(`/v1/performances/${hall.performanceId}/availability`, { 'Cavea-Min-Version': token })
    assert.equal(body['version'], 3)
  })

  describe('of carts', () => {
    const cartTopic = topicsOf('cart', TOPIC_PREFIX).events
    const readCart = async (rig: QueryRig, cartId: HoldId, headers = {}): Promise<Record<string, unknown>> =>
      (await rig.get(`/v1/holds/${cartId}`, { Authorization: `Bearer ${ADMIN_TOKEN}`, ...headers })).body

    /** A cart of two parts. */
    async function holdCart(name: string, seat: number): Promise<string> {
      const parts = ['stalls', 'balcony'].map((sectionId) => hall.part(name, sectionId, [seat]))
      for (const part of parts) await ledger.seating(hall.performanceId, part.sectionId, [hall.partHeld(name, part, 'buyer_1')])
      return (await ledger.cart(hall.cartId(name), [hall.cartHeld(name, parts, 'buyer_1')])).token
    }

    it('goes on from its snapshots, and still answers 404 to their parts', async () => {
      await holdCart('early', 0)
      const before = await started()
      const answer = await readCart(before, hall.cartId('early'))
      assert.equal(answer['status'], 'held')
      await stop(before)
      const rig = await started()
      assert.equal(await folded(rig, 'cart'), 0)
      assert.deepEqual(await readCart(rig, hall.cartId('early')), answer)
      assert.equal((await readCart(rig, hall.holdId('early', 'stalls')))['code'], 'HOLD_NOT_FOUND')
      const token = await holdCart('late', 1)
      assert.equal((await readCart(rig, hall.cartId('late'), { 'Cavea-Min-Version': token }))['quantity'], 2)
    })

    it('uses no snapshot of seats from before holds could be parts', async () => {
      await holdOne('stalls', 0)
      await stop(await started())
      const snapshots = fileSnapshots(join(snapshotDir, 'query'), assert.fail)
      const topic = topicsOf('seating', TOPIC_PREFIX).events
      for await (const snapshot of snapshots.load(topic, stallsPartition())) {
        assert.equal(snapshot.schema, `query-seating/2/${PARTITIONS}`)
        await snapshots.save(topic, stallsPartition(), { ...snapshot, schema: `query-seating/1/${PARTITIONS}` })
        break
      }
      const rig = await started()
      assert.ok((await folded(rig, 'seating')) >= 2)
      assert.equal((await rig.get(seatsPath())).text, await replayed())
    })

    it('stops reading holds of a broken partition alone', async () => {
      await holdCart('mine', 0)
      const rig = await started({})
      const partition = partitionOf(placeOf(hall.cartId('mine'))?.bucket ?? 0, PARTITIONS)
      const waiting = rig.get(seatsPath(), { 'Cavea-Min-Version': `cart/${partition}/999` })
      await ledger.raw('cart', partition, ledger.outOfOrder('cart', partition))
      assert.equal((await waiting).body['code'], 'READ_MODEL_FAILED')
      assert.equal((await readCart(rig, hall.cartId('mine')))['code'], 'READ_MODEL_FAILED')
      assert.equal((await rig.get(seatsPath())).status, 200)
      assert.deepEqual((await rig.get('/readyz')).body['reasons'], [`${cartTopic}/${partition} is failed`])
    })
  })

  it('writes snapshots now and then while it runs, and keeps the two newest', async () => {
    const rig = await started({ snapshotDir, snapshotIntervalMs: 5 })
    for (let seat = 0; seat < 5; seat++) {
      await holdOne('stalls', seat)
      const written = (await rig.metric(/cavea_query_snapshots_total\{[^}]*\} (\d+)/)) ?? '0'
      while ((await rig.metric(/cavea_query_snapshots_total\{[^}]*\} (\d+)/)) === written)
        await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await stop(rig)
    assert.equal((await readdir(stallsFolder())).length, 2)
  })

  it('writes none when nothing changed', async () => {
    await stop(await started())
    const before = await readdir(stallsFolder())
    const rig = await started()
    await stop(rig)
    assert.equal(await rig.metric(/cavea_query_snapshots_total\{[^}]*\} (\d+)/), '0')
    assert.deepEqual(await readdir(stallsFolder()), before)
  })

  /** Two snapshots of the stalls, the older without the second hold. */
  async function twoSnapshots(): Promise<{ readonly newer: string; readonly older: string }> {
    for (const seat of [0, 1]) {
      await holdOne('stalls', seat)
      await stop(await started())
    }
    const [older = '', newer = ''] = (await readdir(stallsFolder())).sort()
    return { newer: join(stallsFolder(), newer), older: join(stallsFolder(), older) }
  }

  it('falls back to the older snapshot when the newer one is torn', async () => {
    const { newer } = await twoSnapshots()
    await truncate(newer, Math.floor((await readFile(newer)).length / 2))
    const rig = await started()
    assert.equal(await folded(rig, 'seating'), 1)
    assert.equal((await rig.get(seatsPath())).text, await replayed())
    assert.ok(rig.lines.some((line) => line.includes(newer)))
  })

  it('falls back to a full replay when both are damaged', async () => {
    const { newer, older } = await twoSnapshots()
    await truncate(newer, 0)
    const bytes = await readFile(older)
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1
    await writeFile(older, bytes)
    const rig = await started()
    assert.ok((await folded(rig, 'seating')) >= 3)
    assert.equal((await rig.get(seatsPath())).text, await replayed())
  })

  it('ignores snapshots of a log that was set up anew', async () => {
    await holdOne('stalls', 0)
    await holdOne('stalls', 1)
    await stop(await started())
    await log.close()
    log = await openEmbeddedLog({ dir: join(dir, 'another-log') })
    await ensureTopics(log)
    const fresh = scriptLedger({ log, codec: parts.codec, topicPrefix: TOPIC_PREFIX, partitions: PARTITIONS })
    await fresh.catalog(hall.catalogEvents)
    for (const sectionId of ['stalls', 'balcony']) await fresh.seating(hall.performanceId, sectionId, [hall.open(sectionId)])
    for (let seat = 5; seat < 9; seat++)
      await fresh.seating(hall.performanceId, 'stalls', [hall.held(`anew ${seat}`, 'stalls', [seat], 'buyer_1')])
    const rig = await started()
    assert.deepEqual(rig.service.ready(), { ready: true, reasons: [] })
    assert.equal((await rig.get(seatsPath())).text, await replayed())
  })

  it('ignores snapshots of a topic that had another number of partitions', async () => {
    await stop(await started())
    await log.close()
    log = await openEmbeddedLog({ dir: join(dir, 'wider-log') })
    await ensureTopics(log, PARTITIONS + 1)
    const wider = scriptLedger({ log, codec: parts.codec, topicPrefix: TOPIC_PREFIX, partitions: PARTITIONS + 1 })
    await wider.catalog(hall.catalogEvents)
    const rig = await started()
    assert.equal((await rig.get(`/v1/performances/${hall.performanceId}`)).body['status'], 'opening')
  })

  it('is not ready and calls nothing unknown before it knows the log', async () => {
    const rig = await open({})
    const ready = await rig.get('/readyz')
    assert.equal(ready.status, 503)
    for (const path of ['performances', 'performances/perf_unknown', `performances/${hall.performanceId}/seats`]) {
      const { status, body, headers } = await rig.get(`/v1/${path}`)
      assert.deepEqual([status, body['code'], headers.get('retry-after')], [503, 'READ_MODEL_BEHIND', '1'], path)
    }
    await rig.service.start()
    await rig.service.untilSettled()
    assert.equal((await rig.get('/readyz')).status, 200)
    assert.equal((await rig.get('/v1/performances/perf_unknown')).status, 404)
  })

  it('waits for topics that do not exist yet', async () => {
    const rig = await open({ topicPrefix: 'later.' })
    const starting = rig.service.start()
    await ensureTopics(log, PARTITIONS, 'later.')
    await starting
    await rig.service.untilSettled()
    assert.equal((await rig.get('/readyz')).status, 200)
  })

  it('stops at a broken ledger: not ready, no answers from that partition, the others go on', async () => {
    const rig = await started({})
    const broken = stallsPartition()
    const waiting = rig.get(seatsPath(), { 'Cavea-Min-Version': `seating/${broken}/999` })
    await ledger.raw('seating', broken, ledger.outOfOrder('seating', broken))
    const waited = await waiting
    assert.deepEqual([waited.status, waited.body['code'], waited.body['retryable']], [503, 'READ_MODEL_FAILED', false])
    const ready = await rig.get('/readyz')
    assert.equal(ready.status, 503)
    assert.deepEqual(ready.body['reasons'], [`${TOPIC_PREFIX}seating.events/${broken} is failed`])
    assert.equal((await rig.get(seatsPath())).body['code'], 'READ_MODEL_FAILED')
    assert.equal((await rig.get(`/v1/performances/${hall.performanceId}`)).status, 200)
    const { token } = await ledger.catalog(scriptHall('After').catalogEvents, ORGANISATION)
    assert.equal((await rig.get('/v1/performances', { 'Cavea-Min-Version': token })).status, 200)
  })
})
