import type { HallState, PickerHall } from '../types.ts'
import { hallOf } from './answers.ts'
import { type Connection, openConnection } from './connection.ts'
import { loadHall } from './load.ts'
import { createSeatTable } from './seat-table.ts'

export interface LiveHallOptions {
  /** The address of the gateway, as `https://tickets.example`. Empty: where the page came from. */
  readonly endpoint: string
  readonly performanceId: string
  readonly fetch: typeof fetch
  /** The constructor. */
  readonly webSocket: unknown
  /** Of a buyer or an organiser; without one the browser's own session speaks, if there is one. */
  readonly token?: string
}

export interface LiveHall {
  /** Rejects with a `HallLoadError`. */
  readonly hall: Promise<PickerHall>
  readonly state: HallState
  close(): void
}

type Listener = (changed: readonly string[] | 'all') => void

/**
 * A performance's hall and, from then on, its seats as they change. `state` is stale from the moment at which the connection
 * is lost until all that happened meanwhile is known. Changes name seats by their id and standing areas by their section's.
 */
export function createLiveHall(options: LiveHallOptions): LiveHall {
  const { performanceId, token } = options
  const endpoint = options.endpoint.replace(/\/+$/, '')
  const table = createSeatTable()
  const listeners = new Set<Listener>()
  const ending = new AbortController()
  let isStale = false
  let wantedVersion = Number.POSITIVE_INFINITY
  let since: string | undefined
  let connection: Connection | undefined

  function tell(changed: readonly string[] | 'all'): void {
    for (const listener of listeners) listener(changed)
  }

  /** `changed` is told with it, so that nobody sees old seats as fresh for a moment. */
  function refresh(changed: readonly string[]): void {
    const isFresh = table.version >= wantedVersion
    if (isFresh && isStale) {
      isStale = false
      tell('all')
    } else if (changed.length > 0) tell(changed)
  }

  function lose(): void {
    wantedVersion = Number.POSITIVE_INFINITY
    if (isStale) return
    isStale = true
    tell('all')
  }

  function connect(): void {
    connection = openConnection({
      url: socketUrl(endpoint),
      performanceId,
      webSocket: options.webSocket,
      token,
      random: Math.random,
      since: () => since,
      onMessage(message) {
        // All seats at once are all that there is to know, also after a server came back that has forgotten its versions.
        if (since === undefined) wantedVersion = Math.min(wantedVersion, message.version)
        since = message.since
        refresh(table.apply(message))
      },
      onVersion(version) {
        wantedVersion = version
        refresh([])
      },
      onForget() {
        since = undefined
      },
      onLost: lose,
    })
    watchNetwork(ending.signal, connection)
  }

  const hall = loadHall({ endpoint, performanceId, fetch: options.fetch, token }, ending.signal).then((loaded) => {
    table.fill(loaded.performance, loaded.seats)
    since = loaded.since
    if (!ending.signal.aborted) connect()
    tell('all')
    return hallOf(loaded.performance, loaded.seats)
  })

  return {
    hall,
    state: {
      status: (seatId) => table.status(seatId),
      counts: (sectionId) => table.counts(sectionId),
      get stale() {
        return isStale
      },
      subscribe(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
    close() {
      ending.abort()
      connection?.close()
      listeners.clear()
    },
  }
}

function socketUrl(endpoint: string): string {
  return `${(endpoint === '' ? location.origin : endpoint).replace(/^http/, 'ws')}/graphql`
}

/** The browser often knows of a lost network long before the connection does. */
function watchNetwork(signal: AbortSignal, connection: Connection): void {
  if (typeof addEventListener !== 'function') return
  addEventListener('offline', () => connection.drop(), { signal })
  addEventListener('online', () => connection.retryNow(), { signal })
}
