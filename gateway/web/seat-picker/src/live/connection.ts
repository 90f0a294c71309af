import { type Client, createClient } from 'graphql-ws'
import type { SeatsMessage } from './answers.ts'

export interface ConnectionOptions {
  readonly url: string
  readonly performanceId: string
  readonly webSocket: unknown
  readonly token: string | undefined
  /** The last one known, asked before each attempt; undefined: begin with all seats. */
  readonly since: () => string | undefined
  readonly onMessage: (message: SeatsMessage) => void
  /** What was answered after subscribing: whoever has seen this version is up to date. */
  readonly onVersion: (version: number) => void
  /** `since` was refused: the next attempt is to begin with all seats. */
  readonly onForget: () => void
  readonly onLost: () => void
  readonly random: () => number
}

export interface Connection {
  /** Tries again now, whatever was being waited for. */
  retryNow(): void
  /** Gives up the connection at once, without asking whether it is still good. */
  drop(): void
  close(): void
}

const SEATS_CHANGED = `subscription Watch($id: ID!, $since: String) {
  seatsChanged(performanceId: $id, since: $since) {
    version since sections { sectionId whole capacity available seats { seatId status } }
  }
}`
const VERSION = 'query Version($id: ID!) { seats(performanceId: $id) { version } }'

const WAIT_FIRST_MS = 500
const WAIT_MAX_MS = 8_000
const PING_MS = 10_000
const PONG_WAIT_MS = 5_000
const PONG_TIMEOUT = 4408
/** Faults of the request itself: the same again would be answered the same. */
const FINAL_CODES = new Set(['PERFORMANCE_NOT_FOUND', 'SECTION_NOT_FOUND'])

/** Half of it fixed and half by chance, so that all who lost a server do not come back at once. */
export function waitBefore(attempt: number, random: number): number {
  const wait = Math.min(WAIT_MAX_MS, WAIT_FIRST_MS * 2 ** Math.min(attempt, 10))
  return wait / 2 + (wait / 2) * random
}

/** Watches the seats of a performance and comes back after each loss, going on from where it was. */
export function openConnection(options: ConnectionOptions): Connection {
  const { performanceId } = options
  let attempt = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let isClosed = false
  const client = clientOf(options)

  function watch(): void {
    timer = undefined
    let isOver = false
    const since = options.since()
    const over = (error: unknown): void => {
      if (isOver || isClosed) return
      isOver = true
      stop()
      stopVersion()
      options.onLost()
      const codes = codesOf(error)
      if (codes.includes('SINCE_INVALID')) options.onForget()
      if (codes.some((code) => FINAL_CODES.has(code))) return
      timer = setTimeout(watch, waitBefore(attempt++, options.random()))
    }
    const stop = client.subscribe<{ readonly seatsChanged: SeatsMessage }>(
      { query: SEATS_CHANGED, variables: { id: performanceId, since: since ?? null } },
      {
        next({ data }) {
          if (isOver || !data) return
          attempt = 0
          options.onMessage(data.seatsChanged)
        },
        error: over,
        complete: () => over(undefined),
      },
    )
    // Who goes on from a version at which nothing has happened is sent nothing, and would not know that it is up to date.
    const stopVersion = client.subscribe<{ readonly seats: { readonly version: number } | null }>(
      { query: VERSION, variables: { id: performanceId } },
      {
        next({ data }) {
          if (isOver || !data?.seats) return
          attempt = 0
          options.onVersion(data.seats.version)
        },
        error: over,
        complete: () => undefined,
      },
    )
  }
  watch()

  return {
    retryNow() {
      if (timer === undefined || isClosed) return
      clearTimeout(timer)
      attempt = 0
      watch()
    },
    drop: () => client.terminate(),
    close() {
      isClosed = true
      clearTimeout(timer)
      // It only fails when the connection that is being made fails, and then there is nothing to end.
      Promise.resolve(client.dispose()).catch(() => undefined)
    },
  }
}

function clientOf({ url, webSocket, token }: ConnectionOptions): Client {
  let pongTimer: ReturnType<typeof setTimeout> | undefined
  let socket: WebSocket | undefined
  return createClient({
    url,
    webSocketImpl: webSocket,
    retryAttempts: 0,
    keepAlive: PING_MS,
    onNonLazyError: () => undefined,
    ...(token !== undefined && { connectionParams: { authorization: `Bearer ${token}` } }),
    on: {
      opened(opened) {
        socket = opened as WebSocket
      },
      ping(isReceived) {
        if (isReceived) return
        // A connection that the network lost without a word is found only by asking.
        pongTimer = setTimeout(() => socket?.close(PONG_TIMEOUT, 'Request Timeout'), PONG_WAIT_MS)
      },
      pong(isReceived) {
        if (isReceived) clearTimeout(pongTimer)
      },
      closed: () => clearTimeout(pongTimer),
    },
  })
}

function codesOf(error: unknown): readonly string[] {
  if (!Array.isArray(error)) return []
  return error.map((each: { readonly extensions?: { readonly code?: unknown } }) => String(each.extensions?.code ?? ''))
}
