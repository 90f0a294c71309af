import { setTimeout as sleep } from 'node:timers/promises'
import type { PublicCodec } from '@cavea/contracts/public/codec'
import { publicRecordsOf } from '@cavea/contracts/public/translate'
import type { Context } from '@cavea/contracts/topics'
import { followLedger, isInLog, type LedgerStart, ledgerStart } from '@cavea/event-log/ledger-reader'
import { type CatalogReader, isFinal } from './catalog-reader.ts'
import { type FactDeps, factsOf } from './facts.ts'
import { type Gathered, type GatherLimits, gathered } from './gathered.ts'
import { messageOf, offsetOfEvent } from './messages.ts'
import { type Publication, PublicationTakenError, type PublicMessage, type Publisher } from './publisher.ts'

export type PublishingStatus = 'starting' | 'catching-up' | 'current' | 'failed'

export interface PublishingEvents {
  published(messages: number): void
  trouble(error: unknown): void
  /** For good: the log says something that must not be told on. */
  failed(error: unknown): void
}

export interface PublishingDeps extends FactDeps {
  readonly catalog: CatalogReader
  readonly codecOfEvents: PublicCodec
  readonly publisher: Publisher
  readonly limits: GatherLimits
  /** How long it stays away after another process took over: if the group has not moved the partition by then, it was in error. */
  readonly takenPauseMs?: number
}

export interface PublishedPlace {
  readonly context: Context
  readonly topic: string
  readonly partition: number
  readonly target: string
}

export interface PartitionPublisher {
  readonly status: () => PublishingStatus
  /** The offset through which everything is published; 0 while that is not known. */
  readonly publishedTo: () => number
  /** Publishes until `signal` aborts or the partition fails. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

const BACKOFF_MIN_MS = 100
const BACKOFF_MAX_MS = 5_000

/** The public topic goes on from a place that this log does not have: it was set up anew, or lost its tail. */
export class OtherLogError extends Error {
  readonly code = 'OTHER_LOG'
  constructor({ topic, partition, target }: PublishedPlace) {
    super(`${target}/${partition} was made from another log than ${topic}/${partition} is now: give the deployment other topics.`)
    this.name = 'OtherLogError'
  }
}

/** Publishes what one partition of a context decides. Whatever fails, it begins again from what readers see. */
export function createPartitionPublisher(deps: PublishingDeps, place: PublishedPlace, told: PublishingEvents): PartitionPublisher {
  const { context, topic, partition, target } = place
  let status: PublishingStatus = 'starting'
  let publishedTo = 0

  async function run(signal: AbortSignal): Promise<void> {
    let backoffMs = BACKOFF_MIN_MS
    while (!signal.aborted) {
      try {
        await publish(signal, () => {
          backoffMs = BACKOFF_MIN_MS
        })
      } catch (error) {
        if (signal.aborted) return
        if (isFinal(error) || error instanceof OtherLogError) {
          status = 'failed'
          told.failed(error)
          return
        }
        status = 'catching-up'
        told.trouble(error)
        // Who was superseded must not fence its successor at once: the group is about to take the partition away.
        if (error instanceof PublicationTakenError) backoffMs = deps.takenPauseMs ?? BACKOFF_MAX_MS
      }
      await sleep(backoffMs, undefined, { signal }).catch(() => undefined)
      backoffMs = Math.min(2 * backoffMs, BACKOFF_MAX_MS)
    }
  }

  async function publish(signal: AbortSignal, committed: () => void): Promise<void> {
    const publication = await deps.publisher.open({ topic, partition }, target)
    const start = publication.position ?? ledgerStart(topic, partition)
    if (!(await isInLog(deps.log, topic, partition, start))) throw new OtherLogError(place)
    const doneOffset = publishedOffset(publication)
    const endAtStart = await deps.log.endOffset(topic, partition)
    const reached = (position: LedgerStart): void => {
      publishedTo = position.offset
      status = status === 'current' || position.offset >= endAtStart ? 'current' : 'catching-up'
    }
    reached(start)

    const reading = new AbortController()
    const batches = followLedger(deps, topic, partition, start, { signal: AbortSignal.any([signal, reading.signal]) })
    let committing: Promise<void> = Promise.resolve()
    let uncommitted = 0
    let isRemembered = publication.position !== undefined || doneOffset < 0
    try {
      for await (const batch of gathered(batches, deps.limits)) {
        const messages = await messagesOf(batch, doneOffset, signal)
        await committing // One transaction at a time, while the next is being read.
        if (signal.aborted) return
        uncommitted += batch.decisions.length
        // A position that is behind what is published must not be remembered. And where nothing is told it need not be each time:
        // reading that again is cheap.
        const isBehind = batch.position.offset <= doneOffset
        if (isBehind || (isRemembered && messages.length === 0 && uncommitted < deps.limits.decisionsMax)) {
          reached(batch.position)
          continue
        }
        uncommitted = 0
        isRemembered = true
        committing = commit(publication, messages, batch.position)
        committing.catch(() => undefined) // Seen when it is waited for; until then it must not count as unhandled.
      }
      await committing
    } finally {
      reading.abort()
      await committing.catch(() => undefined)
    }

    async function commit(to: Publication, messages: readonly PublicMessage[], position: LedgerStart): Promise<void> {
      try {
        await to.commit(messages, position)
        told.published(messages.length)
        reached(position)
        committed()
      } catch (error) {
        reading.abort() // At the end of the log nobody would look at what failed until the next decision.
        throw error
      }
    }
  }

  async function messagesOf({ decisions }: Gathered, doneOffset: number, signal: AbortSignal): Promise<PublicMessage[]> {
    const left = doneOffset < 0 ? decisions : decisions.filter(({ offset }) => offset > doneOffset)
    const facts = await factsOf(deps, context, partition, left, signal)
    const messages: PublicMessage[] = []
    let hasReadOn = false
    for (const fact of facts) {
      let translated = publicRecordsOf(fact, deps.catalog.directory)
      if (translated.isIncomplete && !hasReadOn) {
        await deps.catalog.readOn()
        hasReadOn = true
        translated = publicRecordsOf(fact, deps.catalog.directory)
      }
      for (const record of translated.records) messages.push(messageOf(deps.codecOfEvents, deps.topicPrefix, fact, record))
    }
    return messages
  }

  return { status: () => status, publishedTo: () => publishedTo, run }
}

/** Through which decision everything is published; -1: the position says it. */
const publishedOffset = ({ position, lastEventId }: Publication): number =>
  position === undefined && lastEventId !== undefined ? offsetOfEvent(lastEventId) : -1
