import { setTimeout as sleep } from 'node:timers/promises'
import type { CartEvent } from '@cavea/contracts/cart/messages'
import { createDirectory, type Directory, type Performance } from '@cavea/contracts/catalog/directory'
import type { CatalogEvent } from '@cavea/contracts/catalog/messages'
import type { EncodedMessage } from '@cavea/contracts/envelope'
import type { EpochMillis } from '@cavea/contracts/ids'
import { bucketOf, partitionOf, sectionKey } from '@cavea/contracts/partitioning'
import type { SeatingEvent } from '@cavea/contracts/seating/messages'
import { CONTEXTS, type Context, topicsOf } from '@cavea/contracts/topics'
import { decodeLearning, type LedgerBatch, ledgerStart } from '@cavea/event-log/ledger-reader'
import type { Snapshots } from '@cavea/event-log/snapshots'
import type { Readiness } from '@cavea/service-kit/health'
import type { Metrics } from '@cavea/service-kit/metrics'
import type { CartColumns } from './cart-columns.ts'
import { type CartState, type CartView, createCartState } from './cart-state.ts'
import { type PartitionSnapshots, partitionSnapshots } from './partition-snapshots.ts'
import { createPartitionTail, type PartitionTail, type TailDeps, type Waited } from './partition-tail.ts'
import type { SeatColumns } from './seat-columns.ts'
import { createSeatState, type HoldView, type SeatState, type SectionView } from './seat-state.ts'

export interface ReadModelDeps extends TailDeps {
  readonly topicPrefix: string
  /** Without them every start reads the whole log. */
  readonly snapshots?: Snapshots
  readonly snapshotIntervalMs: number
  readonly metrics: Metrics
  /** Told what was folded, as it was folded: it must be quick. */
  readonly changes?: ReadModelChanges
}

export interface ReadModelChanges {
  sectionChanged(section: SectionView): void
  /** Something happened to a hold or a cart; perhaps nothing that shows. */
  holdChanged(holdId: string): void
  /** From now on the currency of some keys is `failed`. */
  partitionFailed(): void
}

/** Whether answers from some partitions may be given: not before a first catch-up, never again after a failure. */
export type Currency = 'current' | 'behind' | 'failed'

export interface ReadModel {
  readonly directory: Directory
  /** In the order of their ids, which is that of their making. The array stays the same until the catalog changes. */
  performances(): readonly Performance[]
  /** `streamId` names a section with seats, or one shard of a standing area. */
  section(performanceId: string, streamId: string): SectionView | undefined
  /** A hold in one section, parts of carts among them. `bucket` is the one that the hold's id carries. */
  hold(holdId: string, bucket: number): HoldView | undefined
  /** A hold over several streams, likewise. */
  cart(holdId: string, bucket: number): CartView | undefined
  /** Of the partitions that these keys belong to; without keys, of all partitions of the context. */
  currency(context: Context, keys?: Iterable<string>): Currency
  currencyOfBucket(context: Context, bucket: number): Currency
  /** Waits until the decision on a command was folded; `unknown` when the context has no such partition. */
  waitFor(context: Context, partition: number, commandOffset: number, timeoutMs: number): Promise<Waited | 'unknown'>
  ready(): Readiness
  /** Resolves when every partition is current or failed. */
  untilSettled(): Promise<void>
  /** Resolves when the partitions are known and being read. Trouble with the log is waited out. */
  start(): Promise<void>
  /** Stops reading and writes a last snapshot. */
  stop(): Promise<void>
}

/** One partition: its tail, and how its fold is written down. */
interface Reader {
  readonly tail: PartitionTail
  readonly save: () => Promise<void>
}

interface ReaderPlace {
  readonly context: Context
  readonly topic: string
  readonly partition: number
  readonly schema: string
}

/** What the decisions of one partition add up to, apart from all others. */
interface PartitionState<Event, Columns> {
  apply(events: readonly Event[], atMs: EpochMillis): void
  toColumns(): Columns
}

/** The catalog as a snapshot has it: the events themselves, as the log has them. Few, small, and independent of our code. */
type CatalogBody = readonly EncodedMessage[]

const SCHEMAS: Readonly<Record<Context, string>> = { catalog: 'query-catalog/1', seating: 'query-seating/2', cart: 'query-cart/1' }
const RETRY_MS = 500

export function createReadModel(deps: ReadModelDeps): ReadModel {
  const { changes } = deps
  const directory = createDirectory()
  const readers: Record<Context, Reader[]> = { catalog: [], seating: [], cart: [] }
  const seats: SeatState[] = []
  const carts: CartState[] = []
  const stopping = new AbortController()
  const running: Promise<void>[] = []
  let sorted: readonly Performance[] | undefined
  let known: () => void = () => undefined
  const partitionsKnown = new Promise<void>((resolve) => {
    known = resolve
  })

  const decisions = deps.metrics.counter({ name: 'cavea_query_decisions_total', help: 'Decisions folded.', labels: ['context'] })
  const voids = deps.metrics.counter({ name: 'cavea_query_void_records_total', help: 'Void records skipped.', labels: ['context'] })
  const snapshotsWritten = deps.metrics.counter({ name: 'cavea_query_snapshots_total', help: 'Snapshots written.' })
  deps.metrics.gauge({
    name: 'cavea_query_partitions',
    help: 'Partitions by status.',
    labels: ['context', 'status'],
    collect(gauge) {
      gauge.reset()
      for (const context of CONTEXTS) for (const { tail } of readers[context]) gauge.inc({ context, status: tail.status() })
    },
  })

  async function decodeAll<Event extends { readonly type: string }>(
    context: Context,
    messages: readonly EncodedMessage[],
  ): Promise<Event[]> {
    const events: Event[] = []
    for (const message of messages) {
      const decoded = decodeLearning(deps, () => deps.codec.decodeMessage<Event>(context, message))
      events.push(decoded instanceof Promise ? await decoded : decoded)
    }
    return events
  }

  function openReader<Body>(
    place: ReaderPlace,
    fold: {
      readonly restore: (body: Body) => void | Promise<void>
      readonly prepare: (batch: LedgerBatch) => Promise<() => void>
      readonly body: () => Body
    },
  ): Reader {
    const { context, topic, partition, schema } = place
    const snapshots: PartitionSnapshots<Body> | undefined =
      deps.snapshots &&
      partitionSnapshots<Body>({ log: deps.log, snapshots: deps.snapshots, logger: deps.logger }, topic, partition, schema)
    let savedOffset = 0
    const tail = createPartitionTail(deps, topic, partition, {
      async start() {
        const restored = await snapshots?.restore(fold.restore)
        savedOffset = restored?.offset ?? 0
        return restored ?? ledgerStart(topic, partition)
      },
      prepare: fold.prepare,
      folded(batch) {
        decisions.inc({ context }, batch.decisions.length)
        if (batch.voided > 0) voids.inc({ context }, batch.voided)
      },
      failed: () => changes?.partitionFailed(),
    })
    return {
      tail,
      async save() {
        const position = tail.position()
        if (snapshots === undefined || position === undefined || position.offset === savedOffset || tail.status() === 'failed') return
        await snapshots.save(position, fold.body()) // The body is made before the first wait, so it is the fold up to the position.
        savedOffset = position.offset
        snapshotsWritten.inc()
      },
    }
  }

  function applyCatalog(events: readonly CatalogEvent[]): void {
    for (const event of events) directory.apply(event)
    sorted = undefined
  }

  function openCatalog(place: ReaderPlace): Reader {
    let kept: EncodedMessage[] = []
    return openReader<CatalogBody>(place, {
      async restore(body) {
        const messages = body.map(({ type, schemaId, bytes }) => ({ type, schemaId, bytes: Buffer.from(bytes) }))
        applyCatalog(await decodeAll<CatalogEvent>('catalog', messages))
        kept = messages
      },
      async prepare(batch) {
        const messages = batch.decisions.flatMap(({ decision }) => decision.events)
        const events = await decodeAll<CatalogEvent>('catalog', messages)
        return () => {
          applyCatalog(events)
          for (const message of messages)
            if (message.type !== ('SectionOpeningRecorded' satisfies CatalogEvent['type']))
              kept.push({ ...message, bytes: Buffer.from(message.bytes) })
        }
      },
      body: () => kept,
    })
  }

  /** Opens a partition whose state is `states[partition]`: a new one, or what `create` makes of a snapshot. */
  function openState<Event extends { readonly type: string }, Columns, State extends PartitionState<Event, Columns>>(
    place: ReaderPlace,
    states: State[],
    create: (from?: Columns) => State,
  ): Reader {
    const { context, partition } = place
    let state = create()
    states[partition] = state
    return openReader<Columns>(place, {
      restore(columns) {
        state = create(columns)
        states[partition] = state
      },
      async prepare(batch) {
        const folds: { readonly events: readonly Event[]; readonly atMs: EpochMillis }[] = []
        for (const { decision } of batch.decisions) {
          if (decision.events.length > 0) folds.push({ events: await decodeAll<Event>(context, decision.events), atMs: decision.atMs })
        }
        return () => {
          for (const { events, atMs } of folds) {
            state.apply(events, atMs)
            if (changes === undefined) continue
            for (const event of events) if (namesHold(event)) changes.holdChanged(event.holdId)
          }
        }
      },
      body: () => state.toColumns(),
    })
  }

  const openers: Readonly<Record<Context, (place: ReaderPlace) => Reader>> = {
    catalog: openCatalog,
    seating: (place) =>
      openState<SeatingEvent, SeatColumns, SeatState>(place, seats, (from) =>
        createSeatState({
          ...(from !== undefined && { from }),
          ...(changes !== undefined && { onChange: (section) => changes.sectionChanged(section) }),
        }),
      ),
    cart: (place) =>
      openState<CartEvent, CartColumns, CartState>(place, carts, (from) => createCartState(from === undefined ? {} : { from })),
  }

  async function partitionsOf(topic: string): Promise<number> {
    for (;;) {
      try {
        return await deps.log.partitionCount(topic)
      } catch (err) {
        if (stopping.signal.aborted) return 0
        deps.logger.warn({ err, topic }, 'The topic cannot be asked for yet; trying again.')
        await sleep(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }

  async function saveAll(): Promise<void> {
    for (const context of CONTEXTS) {
      for (const { save, tail } of readers[context]) {
        await save().catch((err: unknown) =>
          deps.logger.error({ err, topic: tail.topic, partition: tail.partition }, 'A snapshot was not written.'),
        )
      }
    }
  }

  async function saveNowAndThen(): Promise<void> {
    while (!stopping.signal.aborted) {
      await sleep(deps.snapshotIntervalMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (!stopping.signal.aborted) await saveAll()
    }
  }

  const readerOf = (context: Context, bucket: number): Reader | undefined => readers[context][partitionOf(bucket, readers[context].length)]
  const seatsOf = (bucket: number): SeatState | undefined => seats[partitionOf(bucket, seats.length)]
  const allReaders = (): readonly Reader[] => CONTEXTS.flatMap((context) => readers[context])

  return {
    directory,
    performances() {
      sorted ??= [...directory.performances()].sort((a, b) => (a.performanceId < b.performanceId ? -1 : 1))
      return sorted
    },
    section: (performanceId, streamId) => seatsOf(bucketOf(sectionKey(performanceId, streamId)))?.section(performanceId, streamId),
    hold: (holdId, bucket) => seatsOf(bucket)?.hold(holdId),
    cart: (holdId, bucket) => carts[partitionOf(bucket, carts.length)]?.cart(holdId),
    currency(context, keys) {
      if (readers[context].length === 0) return 'behind'
      return worst(keys === undefined ? readers[context] : Array.from(keys, (key) => readerOf(context, bucketOf(key))))
    },
    currencyOfBucket: (context, bucket) => worst([readerOf(context, bucket)]),
    waitFor(context, partition, commandOffset, timeoutMs) {
      if (readers[context].length === 0) return Promise.resolve('behind')
      return readers[context][partition]?.tail.waitFor(commandOffset, timeoutMs) ?? Promise.resolve('unknown')
    },
    ready() {
      const reasons = allReaders().flatMap(({ tail }) =>
        tail.status() === 'current' ? [] : [`${tail.topic}/${tail.partition} is ${tail.status()}`],
      )
      if (readers.seating.length === 0) reasons.push('the topics are not known yet')
      return { ready: reasons.length === 0, reasons }
    },
    async untilSettled() {
      await partitionsKnown
      await Promise.all(allReaders().map(({ tail }) => tail.settled))
    },
    async start() {
      const counts: Record<Context, number> = { catalog: 0, seating: 0, cart: 0 }
      for (const context of CONTEXTS) counts[context] = await partitionsOf(topicsOf(context, deps.topicPrefix).events)
      if (stopping.signal.aborted) return
      for (const context of CONTEXTS) {
        const [topic, schema] = [topicsOf(context, deps.topicPrefix).events, `${SCHEMAS[context]}/${counts[context]}`]
        for (let partition = 0; partition < counts[context]; partition++)
          readers[context].push(openers[context]({ context, topic, partition, schema }))
      }
      for (const { tail } of allReaders()) running.push(tail.run(stopping.signal))
      if (deps.snapshots !== undefined) running.push(saveNowAndThen())
      known()
    },
    async stop() {
      if (stopping.signal.aborted) return
      stopping.abort()
      await Promise.all(running)
      await saveAll()
    },
  }
}

const namesHold = (event: object): event is { readonly holdId: string } => 'holdId' in event

function worst(readers: readonly (Reader | undefined)[]): Currency {
  let answer: Currency = 'current'
  for (const reader of readers) {
    const status = reader?.tail.status()
    if (status === 'failed') return 'failed'
    if (status !== 'current') answer = 'behind'
  }
  return answer
}
