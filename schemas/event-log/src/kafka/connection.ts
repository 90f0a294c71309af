import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Cluster, Kafka, logLevel } from 'kafkajs'
import { LogUnavailableError } from '../errors.ts'
import { createCluster, failureOf } from './inner.ts'
import { quietRequestQueues } from './quiet-request-queue.ts'

export type LogWriter = (level: 'debug' | 'info' | 'warn' | 'error', message: string, extra?: object) => void

export interface ConnectionSettings {
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly requestTimeoutMs: number
  readonly logger: LogWriter | undefined
}

const CONNECT_TIMEOUT_MS = 2_000
const KEEP_ALIVE_DELAY_MS = 10_000
const CLOSE_GRACE_MS = 500
const RETRY_INTERVAL_MS = 100

/**
 * Connections to the brokers, for one purpose. After any trouble the user of it calls `recycle`: the next `get` connects anew and
 * so sees moved leaders and restarted brokers, whatever state the old connections were in.
 */
export class Connection {
  readonly #settings: ConnectionSettings
  readonly #sockets = new Set<Socket>()
  readonly #retired = new Set<Promise<void>>()
  #current: { readonly cluster: Cluster; readonly ready: Promise<Cluster>; readonly topics: Set<string> } | undefined
  #closed = false

  constructor(settings: ConnectionSettings) {
    quietRequestQueues()
    this.#settings = settings
  }

  /** A connected cluster, the same until it is recycled. */
  async get(): Promise<Cluster> {
    if (this.#closed) throw new LogUnavailableError('The log is closed.')
    if (this.#current === undefined) {
      const cluster = createCluster(this.kafka())
      this.#current = { cluster, ready: cluster.connect().then(() => cluster), topics: new Set() }
    }
    const { cluster, ready } = this.#current
    try {
      return await ready
    } catch (error) {
      this.recycle(cluster)
      throw error
    }
  }

  /** Makes the cluster know who leads the topic's partitions. */
  async loadTopic(cluster: Cluster, topic: string): Promise<void> {
    const known = this.#current?.cluster === cluster ? this.#current.topics : undefined
    if (known?.has(topic) === true) return
    await cluster.addTargetTopic(topic)
    known?.add(topic)
  }

  /** Retires the cluster, unless that has happened already. Answers under way still arrive. */
  recycle(cluster: Cluster): void {
    if (this.#current?.cluster !== cluster) return
    const { ready } = this.#current
    this.#current = undefined
    const retired: Promise<void> = ready
      .then(() => cluster.disconnect())
      .catch(() => cluster.disconnect().catch(() => undefined))
      .finally(() => this.#retired.delete(retired))
    this.#retired.add(retired)
  }

  /** Runs `action` until it succeeds, each time on fresh connections, or throws `LogUnavailableError` after `withinMs`. */
  async attempt<T>(withinMs: number, action: (cluster: Cluster) => Promise<T>, isFinal: (error: unknown) => boolean): Promise<T> {
    const deadline = Date.now() + withinMs
    while (true) {
      let cluster: Cluster | undefined
      try {
        cluster = await this.get()
        return await action(cluster)
      } catch (error) {
        if (cluster !== undefined) this.recycle(cluster)
        if (isFinal(error)) throw error
        if (this.#closed || Date.now() + RETRY_INTERVAL_MS > deadline) throw unavailable(this.#settings.brokers, error)
        await sleep(RETRY_INTERVAL_MS)
      }
    }
  }

  /** A client with these settings, for what needs kafkajs' own classes. */
  kafka(): Kafka {
    const { brokers, clientId, requestTimeoutMs, logger } = this.#settings
    return new Kafka({
      brokers: [...brokers],
      clientId,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: requestTimeoutMs,
      // Connecting only: one round over the brokers. What failed is tried again on fresh connections, by those who may retry.
      retry: { retries: brokers.length, initialRetryTime: 50, maxRetryTime: 200 },
      logLevel: logger === undefined ? logLevel.NOTHING : logLevel.INFO,
      // What kafkajs calls an error is healed here, and what matters is said by this adapter.
      logCreator: () => (entry) => this.#closed || logger?.('debug', entry.log.message, entry.log),
      socketFactory: ({ host, port, onConnect }) => this.#openSocket(host, port, onConnect),
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#current !== undefined) this.recycle(this.#current.cluster)
    const retired = Promise.allSettled([...this.#retired])
    await Promise.race([retired, sleep(CLOSE_GRACE_MS, undefined, { ref: false })])
    for (const socket of this.#sockets) socket.destroy(new Error('The log is closed.'))
  }

  #openSocket(host: string, port: number, onConnect: () => void): Socket {
    const socket = connect({ host, port }, onConnect)
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS)
    // Requests are written whole; waiting to fill a packet would only delay the second of two.
    socket.setNoDelay(true)
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
  }
}

function unavailable(brokers: readonly string[], error: unknown): LogUnavailableError {
  return new LogUnavailableError(`Kafka at ${brokers.join(', ')} cannot be reached: ${failureOf(error).message}`, error)
}
