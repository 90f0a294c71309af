import type { CartEvent } from '@cavea/contracts/cart/messages'
import type { CatalogEvent } from '@cavea/contracts/catalog/messages'
import { type Codec, UndecodableError } from '@cavea/contracts/codec'
import type { Decision, EncodedMessage, Outcome } from '@cavea/contracts/envelope'
import type { HoldId } from '@cavea/contracts/ids'
import { emptyHead, type Head, headAfter } from '@cavea/contracts/ledger'
import type { SeatingEvent } from '@cavea/contracts/seating/messages'
import { type Context, topicsOf } from '@cavea/contracts/topics'
import { decodeLearning } from '@cavea/event-log/ledger-reader'
import { type EventLog, type LogRecord, readRange } from '@cavea/event-log/port'
import { type SchemaRegistry, SchemaUnknownError } from '@cavea/event-log/registry/port'
import type { Cart, CartState } from './cart.ts'
import { CartRules } from './cart-rules.ts'
import { CatalogRules, type PromisedPerformance } from './catalog-rules.ts'
import { ChainAudit } from './chain-audit.ts'
import { CommandIds } from './command-ids.ts'
import { type Break, type Finding, finding, timeText } from './findings.ts'
import { compareParts, type PlacedFinding } from './parts-compared.ts'
import { SeatingRules } from './seating-rules.ts'
import { type IdleDecision, SectionParts } from './section-parts.ts'

export interface AuditDeps {
  readonly log: EventLog
  readonly codec: Codec
  readonly registry: SchemaRegistry
  readonly topicPrefix: string
}

export interface AuditOptions {
  /** Heads that were written down elsewhere: each must be one that the chain went through. */
  readonly anchors?: readonly Head[]
  readonly progress?: (recordsDone: number, recordsTotal: number) => void
}

export interface PartitionAudit {
  readonly context: Context
  readonly topic: string
  readonly partition: number
  readonly records: number
  readonly counted: number
  readonly voided: number
  readonly outcomes: Readonly<Record<Outcome, number>>
  /** The last decided command; -1 when there is none. */
  readonly commandOffset: number
  /** To be written down outside: nobody can change what came before without changing it. */
  readonly head: Head
  readonly sections: number
  readonly seats: { readonly free: number; readonly held: number; readonly sold: number; readonly blocked: number } | null
  /** Sections of performances that the catalog does not list. */
  readonly unlisted: number
  /** Every cart that was ever opened, by what has become of it; null where there are none to count. */
  readonly carts: Readonly<Record<CartState, number>> | null
  /** The first record that breaks an invariant; later ones may only follow from it. */
  readonly broken: Break | null
}

export interface AnchorAudit {
  readonly head: Head
  readonly foundAt: { readonly topic: string; readonly partition: number; readonly offset: number } | null
}

export interface AuditReport {
  readonly partitions: readonly PartitionAudit[]
  readonly breaks: readonly Break[]
  readonly anchors: readonly AnchorAudit[]
  /** Parts of carts whose sale or release is decided by the cart and not yet by the section; null: not compared, since something is broken. */
  readonly underWay: number | null
  readonly intact: boolean
}

interface Extent {
  readonly context: Context
  readonly topic: string
  readonly partition: number
  readonly partitions: number
  readonly end: number
}

/** The rules of one context, fed with its events in their order. */
interface Rules {
  check(event: { readonly type: string }, decision: Decision, offset: number): Finding | undefined
  decided?(decision: Decision, offset: number): void
  recount?(): Finding | undefined
}

/** Reads every events partition from its beginning and checks the invariants. Throws what the log and the registry throw. */
export async function verifyLog(deps: AuditDeps, options: AuditOptions = {}): Promise<AuditReport> {
  // The log goes on while it is read, so what has a cause must be read up to an earlier moment than its causes: sections
  // before carts, which ask them for parts, and both before the catalog, which opens sections. But sections cause
  // something in carts as well, what they grant. So the ends of carts are taken twice: what a cart was granted before the
  // earlier end is in its section, and what a section did for a cart was asked for before the later one.
  const settled = await extentsOf(deps, 'cart')
  const seating = await extentsOf(deps, 'seating')
  const carts = await extentsOf(deps, 'cart')
  const catalog = await extentsOf(deps, 'catalog')
  const total = [...catalog, ...seating, ...carts].reduce((sum, { end }) => sum + end, 0)
  let done = 0
  const step = (records: number): void => {
    done += records
    options.progress?.(done, total)
  }
  const anchors = new Map((options.anchors ?? []).map((head): [Head, AnchorAudit['foundAt']] => [head, null]))
  const promised = new Map<string, PromisedPerformance>()
  const parts = new SectionParts()
  const cartsWithParts = new Map<HoldId, Cart>()

  const partitions: PartitionAudit[] = []
  for (const extent of catalog) {
    const rules = new CatalogRules(promised)
    const plain: Rules = { check: (event) => rules.check(event as CatalogEvent) }
    partitions.push({ ...(await auditPartition(deps, extent, plain, anchors, step)), ...NOTHING_COUNTED })
  }
  for (const extent of seating) {
    const rules = new SeatingRules(extent.partition, extent.partitions, promised, parts)
    const plain: Rules = {
      check: (event, decision, offset) => rules.check(event as SeatingEvent, decision, offset),
      decided: (decision, offset) => rules.decided(decision, offset),
      recount: () => rules.recount(),
    }
    const audited = await auditPartition(deps, extent, plain, anchors, step)
    rules.handOver()
    const { sections, seats, unlisted } = rules
    partitions.push({ ...audited, ...NOTHING_COUNTED, sections, seats, unlisted })
  }
  for (const extent of carts) {
    const rules = new CartRules(extent.partition, extent.partitions, promised, parts)
    const plain: Rules = { check: (event, decision, offset) => rules.check(event as CartEvent, decision, offset) }
    const audited = await auditPartition(deps, extent, plain, anchors, step)
    for (const cart of rules.carts) cartsWithParts.set(cart.holdId, cart)
    partitions.push({ ...audited, ...NOTHING_COUNTED, carts: { ...rules.counts } })
  }

  let underWay: number | null = null
  // The tables of a broken partition are wrong, and so would be what they are compared with.
  if (partitions.every(({ context, broken }) => context === 'catalog' || broken === null)) {
    const settledBefore = (partition: number): number => settled[partition]?.end ?? 0
    const compared = await compareParts({ carts: cartsWithParts, parts, settledBefore, namedBy: (decision) => holdNamedBy(deps, decision) })
    underWay = compared.underWay
    for (const [at, audited] of partitions.entries()) partitions[at] = withFirst(audited, compared.findings)
  }

  const breaks = partitions.flatMap(({ broken }) => (broken === null ? [] : [broken]))
  const found = [...anchors].map(([head, foundAt]): AnchorAudit => ({ head, foundAt }))
  return { partitions, breaks, anchors: found, underWay, intact: breaks.length === 0 && found.every(({ foundAt }) => foundAt !== null) }
}

/** The partition with the first of the findings that are about it as its break. */
function withFirst(audited: PartitionAudit, findings: readonly PlacedFinding[]): PartitionAudit {
  const { context, topic, partition, broken } = audited
  if (broken !== null) return audited
  let first: PlacedFinding | undefined
  for (const found of findings)
    if (found.context === context && found.partition === partition && found.offset < (first?.offset ?? Number.POSITIVE_INFINITY))
      first = found
  return first === undefined ? audited : { ...audited, broken: { ...first.finding, context, topic, partition, offset: first.offset } }
}

/** The hold that the command of a decision is about, by the commands topic; undefined when it tells nothing. */
async function holdNamedBy(deps: AuditDeps, { partition, commandOffset }: IdleDecision): Promise<string | undefined> {
  const topic = topicsOf('seating', deps.topicPrefix).commands
  if (commandOffset >= (await deps.log.endOffset(topic, partition))) return undefined
  for await (const { records } of readRange(deps.log, topic, partition, commandOffset, commandOffset + 1)) {
    const record = records.find(({ offset }) => offset === commandOffset)
    if (record === undefined) return undefined
    try {
      return await decodeLearning(deps, () => {
        const { payload } = deps.codec.decodeCommand(record.value)
        return deps.codec.decodeMessage<{ readonly type: string; readonly holdId?: string }>('seating', payload).holdId
      })
    } catch (error) {
      whyUnreadable(error)
      return undefined
    }
  }
  return undefined
}

const NOTHING_COUNTED = { sections: 0, seats: null, unlisted: 0, carts: null } as const

async function extentsOf({ log, topicPrefix }: AuditDeps, context: Context): Promise<Extent[]> {
  const topic = topicsOf(context, topicPrefix).events
  const partitions = await log.partitionCount(topic)
  const extents: Extent[] = []
  for (let partition = 0; partition < partitions; partition++)
    extents.push({ context, topic, partition, partitions, end: await log.endOffset(topic, partition) })
  return extents
}

async function auditPartition(
  deps: AuditDeps,
  { context, topic, partition, end }: Extent,
  rules: Rules,
  anchors: Map<Head, AnchorAudit['foundAt']>,
  step: (records: number) => void,
): Promise<Omit<PartitionAudit, keyof typeof NOTHING_COUNTED>> {
  const chain = new ChainAudit(topic, partition)
  const ids = new CommandIds()
  const outcomes: Record<Outcome, number> = { accepted: 0, rejected: 0, duplicate: 0, started: 0 }
  let commandOffset = -1
  let lastMs = Number.NEGATIVE_INFINITY
  let lastOffset = 0
  let records = 0
  let first: { readonly offset: number; readonly finding: Finding } | undefined

  const check = async (record: LogRecord): Promise<Finding | undefined> => {
    const read = await decodeDecision(deps, record.value)
    if (typeof read === 'string') return finding('I3', `it counts, but it is no decision: ${read}`)
    outcomes[read.outcome]++
    const fault = faultInOrder(read, commandOffset, lastMs)
    if (fault !== undefined) return fault
    if (read.outcome === 'started') return undefined
    commandOffset = read.commandOffset
    lastMs = read.atMs
    const repeated = ids.check(read, record.offset, chain.head)
    if (repeated !== undefined) return repeated
    for (const encoded of read.events) {
      const event = await decodeEvent(deps, context, encoded)
      if (typeof event === 'string') return finding('I3', `it counts, but its event ${encoded.type} cannot be read: ${event}`)
      const broken = rules.check(event, read, record.offset)
      if (broken !== undefined) return broken
    }
    rules.decided?.(read, record.offset)
    return undefined
  }

  for await (const batch of readRange(deps.log, topic, partition, 0, end)) {
    for (const record of batch.records) {
      records++
      const counts = await chain.accept(record, commandOffset, async () => {
        const read = await decodeDecision(deps, record.value)
        return typeof read === 'string' ? undefined : read
      })
      if (!counts) continue
      lastOffset = record.offset
      if (anchors.get(chain.head) === null) anchors.set(chain.head, { topic, partition, offset: record.offset })
      if (first !== undefined) continue // The tables are wrong from here on; the chain alone is still followed.
      const found = await check(record)
      if (found !== undefined) first = { offset: record.offset, finding: found }
    }
    step(batch.records.length)
  }

  if (chain.mustSearch) await searchEarlier(deps.log, topic, partition, end, chain)
  const altered = chain.broken()
  if (altered !== undefined && (first === undefined || altered.offset <= first.offset)) first = altered
  if (first === undefined) {
    const miscounted = rules.recount?.()
    if (miscounted !== undefined) first = { offset: lastOffset, finding: miscounted }
  }
  const broken = first === undefined ? null : { ...first.finding, context, topic, partition, offset: first.offset }
  const { counted, voided, head } = chain
  return { context, topic, partition, records, counted, voided, outcomes, commandOffset, head, broken }
}

function faultInOrder({ outcome, commandOffset, atMs, events }: Decision, lastOffset: number, lastMs: number): Finding | undefined {
  if (outcome === 'started')
    return events.length > 0 ? finding('I3', 'it says that an owner started, and decides something itself') : undefined
  if (commandOffset <= lastOffset) return finding('I3', `it decides command ${commandOffset} after command ${lastOffset}`)
  if (atMs < lastMs) return finding('I3', `it is decided by the time ${timeText(atMs)}, after a decision by ${timeText(lastMs)}`)
  return undefined
}

/** Voids are rare, so it is cheaper to read a partition again where there are some than to keep every head. */
async function searchEarlier(log: EventLog, topic: string, partition: number, end: number, chain: ChainAudit): Promise<void> {
  chain.seen(-1, emptyHead(topic, partition))
  for await (const { records } of readRange(log, topic, partition, 0, end)) {
    for (const record of records) chain.seen(record.offset, headAfter(record.value))
    if (!chain.mustSearch) return
  }
}

/** The decision, or why the bytes are none. */
async function decodeDecision(deps: AuditDeps, value: Buffer): Promise<Decision | string> {
  try {
    return await decodeLearning(deps, () => deps.codec.decodeDecision(value))
  } catch (error) {
    return whyUnreadable(error)
  }
}

async function decodeEvent(deps: AuditDeps, context: Context, encoded: EncodedMessage): Promise<{ readonly type: string } | string> {
  try {
    return await decodeLearning(deps, () => deps.codec.decodeMessage(context, encoded))
  } catch (error) {
    return whyUnreadable(error)
  }
}

/** Bytes that are wrong are a finding; a registry that does not answer is not. */
function whyUnreadable(error: unknown): string {
  if (error instanceof UndecodableError || error instanceof SchemaUnknownError) return error.message
  throw error
}
