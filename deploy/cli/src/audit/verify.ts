import type { CatalogEvent } from '@cavea/contracts/catalog/messages'
import { type Codec, UndecodableError } from '@cavea/contracts/codec'
import type { Decision, EncodedMessage, Outcome } from '@cavea/contracts/envelope'
import { emptyHead, type Head, headAfter } from '@cavea/contracts/ledger'
import type { SeatingEvent } from '@cavea/contracts/seating/messages'
import { type Context, topicsOf } from '@cavea/contracts/topics'
import { decodeLearning } from '@cavea/event-log/ledger-reader'
import { type EventLog, type LogRecord, readRange } from '@cavea/event-log/port'
import { type SchemaRegistry, SchemaUnknownError } from '@cavea/event-log/registry/port'
import { CatalogRules, type PromisedSection } from './catalog-rules.ts'
import { ChainAudit } from './chain-audit.ts'
import { CommandIds } from './command-ids.ts'
import { type Break, type Finding, finding, timeText } from './findings.ts'
import { SeatingRules } from './seating-rules.ts'

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
  /** Sections that the catalog does not list. */
  readonly unlisted: number
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
  check(event: { readonly type: string }, decision: Decision): Finding | undefined
  recount(): Finding | undefined
}

/** Reads every events partition from its beginning and checks the invariants. Throws what the log and the registry throw. */
export async function verifyLog(deps: AuditDeps, options: AuditOptions = {}): Promise<AuditReport> {
  // Ends are taken of the sections first: whatever the catalog caused there is then before the catalog's own end.
  const seating = await extentsOf(deps, 'seating')
  const catalog = await extentsOf(deps, 'catalog')
  const total = [...seating, ...catalog].reduce((sum, { end }) => sum + end, 0)
  let done = 0
  const step = (records: number): void => {
    done += records
    options.progress?.(done, total)
  }
  const anchors = new Map((options.anchors ?? []).map((head): [Head, AnchorAudit['foundAt']] => [head, null]))
  const promised = new Map<string, PromisedSection>()

  const partitions: PartitionAudit[] = []
  for (const extent of catalog) {
    const rules = new CatalogRules(promised)
    const plain = { check: (event: { readonly type: string }) => rules.check(event as CatalogEvent), recount: () => undefined }
    partitions.push({ ...(await auditPartition(deps, extent, plain, anchors, step)), sections: 0, seats: null, unlisted: 0 })
  }
  for (const extent of seating) {
    const rules = new SeatingRules(extent.partition, extent.partitions, promised)
    const plain: Rules = { check: (event, decision) => rules.check(event as SeatingEvent, decision), recount: () => rules.recount() }
    const audited = await auditPartition(deps, extent, plain, anchors, step)
    partitions.push({ ...audited, sections: rules.sections, seats: { ...rules.seats }, unlisted: rules.unlisted })
  }

  const breaks = partitions.flatMap(({ broken }) => (broken === null ? [] : [broken]))
  const found = [...anchors].map(([head, foundAt]): AnchorAudit => ({ head, foundAt }))
  return { partitions, breaks, anchors: found, intact: breaks.length === 0 && found.every(({ foundAt }) => foundAt !== null) }
}

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
): Promise<Omit<PartitionAudit, 'sections' | 'seats' | 'unlisted'>> {
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
      const broken = rules.check(event, read)
      if (broken !== undefined) return broken
    }
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
    const miscounted = rules.recount()
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
