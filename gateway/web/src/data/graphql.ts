import { createClient as createSocketClient } from 'graphql-ws'
import { Client, fetchExchange, subscriptionExchange } from 'urql'
import { onSessionChange } from './session.ts'

const PATH = '/graphql'
const RETRY_FIRST_MS = 500
const RETRY_MAX_MS = 10_000
/** Kept open for so long after the last watcher went, as pages change. */
const LINGER_MS = 5_000

export type ConnectionState = 'connecting' | 'open' | 'lost'

/** Reads and watches, over one WebSocket that comes back by itself. The browser's cookie says who asks. */
export function createGraphql(): { readonly client: Client; readonly onConnection: (listener: (state: ConnectionState) => void) => void } {
  const listeners = new Set<(state: ConnectionState) => void>()
  const tell = (state: ConnectionState): void => {
    for (const listener of listeners) listener(state)
  }
  const socket = createSocketClient({
    url: () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${PATH}`,
    lazy: true,
    lazyCloseTimeout: LINGER_MS,
    keepAlive: 10_000,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: (retries) =>
      new Promise((resolve) => setTimeout(resolve, Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** retries) * (0.5 + Math.random() / 2))),
    on: { connecting: () => tell('connecting'), connected: () => tell('open'), closed: () => tell('lost') },
  })
  // A connection stays whose it was when it was opened.
  onSessionChange(() => socket.terminate())
  const client = new Client({
    url: PATH,
    preferGetMethod: false,
    fetchOptions: { credentials: 'same-origin' },
    exchanges: [
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables, extensions }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe(
              { query, ...(variables && { variables: variables as Record<string, unknown> }), ...(extensions && { extensions }) },
              {
                next: ({ data = null, errors }) => sink.next({ data, ...(errors && { errors }) }),
                error: (error) => sink.error(error),
                complete: () => sink.complete(),
              },
            ),
          }),
        }),
      }),
      fetchExchange,
    ],
  })
  return { client, onConnection: (listener) => void listeners.add(listener) }
}
