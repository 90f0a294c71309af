import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import type { Seats } from './client.ts'

/** What `seatsChanged` tells. */
export interface SeatsMessage {
  readonly version: number
  readonly since: string
  readonly snapshot: boolean
  readonly sections: readonly {
    readonly sectionId: string
    readonly version: number
    readonly whole: boolean
    readonly available: number
    readonly held: number
    readonly sold: number
    readonly blocked: number
    readonly seats: readonly { readonly seatId: string; readonly status: string }[]
  }[]
}

const SEATS_CHANGED = `subscription Watch($performanceId: ID!, $sectionIds: [ID!], $since: String) {
  seatsChanged(performanceId: $performanceId, sectionIds: $sectionIds, since: $since) {
    version since snapshot
    sections { sectionId version whole available held sold blocked seats { seatId status } }
  }
}`

/** Somebody who watches the seats of a performance as a web page does: what it shows is put together from messages. */
export interface Watcher {
  readonly client: Client
  readonly messages: readonly SeatsMessage[]
  /** Seats that are not available, by id. Areas are here with their counts. */
  shown(): Readonly<Record<string, string>>
  /** What it saw that must not be. */
  readonly faults: readonly string[]
  /** Ends the connection without a word, if there is one; the client opens another and goes on with the last `since`. */
  cut(): void
  close(): Promise<void>
}

export const liveUrl = (url: string): string => `${url.replace(/^http/, 'ws')}/graphql`

/** A client that comes again after any failure, soon. */
export function liveClient(url: string, token?: string): Client {
  return createClient({
    url: liveUrl(url),
    webSocketImpl: WebSocket,
    retryAttempts: 1_000,
    retryWait: async () => await sleep(100),
    shouldRetry: () => true,
    lazyCloseTimeout: 0,
    ...(token !== undefined && { connectionParams: { authorization: `Bearer ${token}` } }),
  })
}

export function watchSeats(url: string, performanceId: string, sectionIds: readonly string[] | null = null): Watcher {
  const client = liveClient(url)
  let socket: WebSocket | undefined
  client.on('connected', (connected) => {
    socket = connected as WebSocket
  })
  client.on('closed', () => {
    socket = undefined
  })
  const messages: SeatsMessage[] = []
  const faults: string[] = []
  const seats = new Map<string, Map<string, string>>()
  const counts = new Map<string, SeatsMessage['sections'][number]>()
  // The client sends this object again after each failure, so that it goes on from where it was.
  const variables: { performanceId: string; sectionIds: readonly string[] | null; since: string | null } = {
    performanceId,
    sectionIds,
    since: null,
  }

  function take(message: SeatsMessage): void {
    const last = messages.at(-1)
    messages.push(message)
    variables.since = message.since
    if (last !== undefined && message.version < last.version) faults.push(`version ${message.version} after ${last.version}`)
    if (last === undefined && !message.snapshot) faults.push('the first message was no snapshot')
    for (const section of message.sections) {
      const before = counts.get(section.sectionId)
      if (before !== undefined && section.version <= before.version && !section.whole)
        faults.push(`${section.sectionId}: version ${section.version} after ${before.version}`)
      counts.set(section.sectionId, section)
      const known = section.whole ? new Map<string, string>() : (seats.get(section.sectionId) ?? new Map<string, string>())
      for (const { seatId, status } of section.seats) known.set(seatId, status)
      seats.set(section.sectionId, known)
    }
  }

  client.subscribe<{ readonly seatsChanged: SeatsMessage }>(
    { query: SEATS_CHANGED, variables: variables as unknown as Record<string, unknown> },
    {
      next({ data, errors }) {
        if (data) take(data.seatsChanged)
        if (errors) faults.push(JSON.stringify(errors))
      },
      error: (error) => void faults.push(error instanceof Error ? error.message : JSON.stringify(error)),
      complete: () => undefined,
    },
  )

  return {
    client,
    messages,
    faults,
    shown: () => Object.fromEntries([...seats.values()].flatMap((section) => [...section].filter(([, status]) => status !== 'available'))),
    cut: () => socket?.terminate(),
    close: async () => await client.dispose(),
  }
}

/** What a watcher should show by now. */
export const takenIn = ({ sections }: Seats): Readonly<Record<string, string>> =>
  Object.fromEntries(
    sections.flatMap(({ seats }) => seats.flatMap(({ seatId, status }) => (status === 'available' ? [] : [[seatId, status]]))),
  )

/** The errors with which an operation ended over WebSocket, or what it told first. */
export function outcomeOf(
  client: Client,
  query: string,
  variables: Record<string, unknown> = {},
  extensions?: Record<string, unknown>,
): Promise<unknown> {
  return new Promise((resolve) => {
    const stop = client.subscribe(
      { query, variables, ...(extensions && { extensions }) },
      {
        next(result) {
          resolve(result)
          stop()
        },
        error: resolve,
        complete: () => resolve('complete'),
      },
    )
  })
}
