import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from 'kafkajs'
import type { Membership, OwnershipHandler } from '../port.ts'
import type { TopicPartition } from '../sticky-assignment.ts'
import { assign, decodeAssignment, encodeMember, PROTOCOL_NAME, topicsOf } from './assigner.ts'
import type { Connection, LogWriter } from './connection.ts'
import { failureOf, type GroupBroker, groupCoordinator } from './inner.ts'

export interface MembershipSettings {
  readonly group: string
  readonly topics: readonly string[]
  readonly handler: OwnershipHandler
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly partitionCount: (topic: string) => Promise<number>
  readonly logger: LogWriter | undefined
}

const RETRY_INTERVAL_MS = 200
const LEAVE_WITHIN_MS = 800

/**
 * A member of a Kafka consumer group that reads nothing: it joins, shares out when it leads, and sends heartbeats, for as long as it
 * is not told to leave. When the group has not answered for the session timeout, others may own its partitions, so it gives them up.
 */
export class GroupMembership implements Membership {
  readonly #settings: MembershipSettings
  /** The first carries joins, which the broker answers late; the second lets the farewell pass by. */
  readonly #connections: { readonly group: Connection; readonly farewell: Connection }
  readonly #stop = new AbortController()
  #owned: ReadonlyMap<string, TopicPartition> = new Map()
  #memberId = ''
  #heardAtMs = Date.now()
  #hasGivenUp = false
  readonly #running: Promise<void>
  #left: Promise<void> | undefined

  constructor(settings: MembershipSettings, connections: { readonly group: Connection; readonly farewell: Connection }) {
    this.#settings = settings
    this.#connections = connections
    this.#running = this.#run()
  }

  owns(topic: string, partition: number): boolean {
    return this.#owned.has(keyOf({ topic, partition }))
  }

  leave(): Promise<void> {
    this.#left ??= this.#leave()
    return this.#left
  }

  async #leave(): Promise<void> {
    this.#stop.abort()
    this.#owned = new Map()
    // A join under way is waited for: only its answer tells the id to say farewell with.
    await Promise.race([this.#sayFarewell().then(() => this.#running), sleep(LEAVE_WITHIN_MS)])
    await this.#connections.group.close()
  }

  /** Failing is fine: the group forgets the member after its session timeout. */
  async #sayFarewell(): Promise<void> {
    if (this.#memberId === '') return
    try {
      const coordinator = await groupCoordinator(await this.#connections.farewell.get(), this.#settings.group)
      await coordinator.leaveGroup({ groupId: this.#settings.group, memberId: this.#memberId })
    } catch (error) {
      this.#settings.logger?.('debug', `Leaving the group ${this.#settings.group} was not heard: ${failureOf(error).message}`)
    }
  }

  async #run(): Promise<void> {
    const watchdog = setInterval(() => this.#giveUpWhenUnheard(), this.#settings.heartbeatIntervalMs)
    while (!this.#stop.signal.aborted) {
      let cluster: Cluster | undefined
      try {
        cluster = await this.#connections.group.get()
        const coordinator = await groupCoordinator(cluster, this.#settings.group)
        const generationId = await this.#joinAndSync(coordinator)
        await this.#beatUntilTrouble(coordinator, generationId)
      } catch (error) {
        await this.#recover(cluster, error)
      }
    }
    clearInterval(watchdog)
  }

  async #joinAndSync(coordinator: GroupBroker): Promise<number> {
    const { group, topics, sessionTimeoutMs } = this.#settings
    const joined = await coordinator.joinGroup({
      groupId: group,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: sessionTimeoutMs,
      memberId: this.#memberId,
      groupProtocols: [{ name: PROTOCOL_NAME, metadata: encodeMember(topics, [...this.#owned.values()]) }],
    })
    this.#memberId = joined.memberId
    this.#heardAtMs = Date.now()
    if (this.#stop.signal.aborted) {
      await this.#sayFarewell()
      return joined.generationId
    }
    const groupAssignment =
      joined.leaderId === joined.memberId ? assign(joined.members, await this.#countPartitions(topicsOf(joined.members))) : []
    const synced = await coordinator.syncGroup({
      groupId: group,
      generationId: joined.generationId,
      memberId: joined.memberId,
      groupAssignment,
    })
    this.#heardAtMs = Date.now()
    this.#hasGivenUp = false
    this.#take(decodeAssignment(synced.memberAssignment))
    return joined.generationId
  }

  async #countPartitions(topics: ReadonlySet<string>): Promise<Map<string, number>> {
    const counts = new Map<string, number>()
    for (const topic of topics) counts.set(topic, await this.#settings.partitionCount(topic))
    return counts
  }

  async #beatUntilTrouble(coordinator: GroupBroker, generationId: number): Promise<void> {
    // Given up while an answer was on its way: only another join tells what is owned now.
    while (!this.#stop.signal.aborted && !this.#hasGivenUp) {
      await sleep(this.#settings.heartbeatIntervalMs, undefined, { signal: this.#stop.signal }).catch(() => undefined)
      if (this.#stop.signal.aborted) return
      await coordinator.heartbeat({ groupId: this.#settings.group, groupGenerationId: generationId, memberId: this.#memberId })
      this.#heardAtMs = Date.now()
    }
  }

  async #recover(cluster: Cluster | undefined, error: unknown): Promise<void> {
    if (this.#stop.signal.aborted) return
    const { type, message } = failureOf(error)
    // Somebody joined or left: join again at once, keeping what is owned until the new shares are known.
    if (type === 'REBALANCE_IN_PROGRESS') {
      this.#heardAtMs = Date.now()
      return
    }
    if (type === 'UNKNOWN_MEMBER_ID' || type === 'ILLEGAL_GENERATION') {
      this.#memberId = ''
      this.#take([])
      return
    }
    this.#settings.logger?.('warn', `Membership in the group ${this.#settings.group} is interrupted: ${message}`)
    if (cluster !== undefined) this.#connections.group.recycle(cluster)
    await sleep(RETRY_INTERVAL_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined)
  }

  #giveUpWhenUnheard(): void {
    if (this.#owned.size === 0 || Date.now() - this.#heardAtMs < this.#settings.sessionTimeoutMs) return
    this.#settings.logger?.(
      'warn',
      `The group ${this.#settings.group} has not answered for ${this.#settings.sessionTimeoutMs} ms: its partitions are given up.`,
    )
    this.#hasGivenUp = true
    this.#take([])
  }

  #take(partitions: readonly TopicPartition[]): void {
    if (this.#stop.signal.aborted) return
    const before = this.#owned
    const after = new Map(partitions.map((one) => [keyOf(one), one]))
    this.#owned = after
    for (const [key, { topic, partition }] of before) {
      if (!after.has(key)) this.#settings.handler.revoked(topic, partition)
    }
    for (const [key, { topic, partition }] of after) {
      if (!before.has(key)) this.#settings.handler.assigned(topic, partition)
    }
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}
