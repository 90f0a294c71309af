import type { IncomingMessage, Server, ServerResponse } from 'node:http'

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

/** Enough that those behind share batches on their way, few enough that newcomers are noticed within some ten milliseconds. */
const PER_TURN = 128
/** More than the one that a newcomer brings, so that work gets done however many come. */
const PER_TURN_WITH_NEWCOMERS = 3

/**
 * Begins only some of the requests that are there in each turn of the event loop, in the order of their coming.
 *
 * Node accepts one connection a turn (libuv since 1.45), and a turn lasts as long as everything that is ready then. A server
 * that begins all of it needs longer for each turn the more connections it has, and those that wait to be accepted, which
 * no timeout of ours sees, wait for seconds behind others that are served again and again. So while connections come in, a
 * turn is kept short.
 */
export function inTurns(server: Server, handler: Handler): Handler {
  const waiting: { readonly request: IncomingMessage; readonly response: ServerResponse }[] = []
  let hasNewcomers = false
  let isScheduled = false
  server.on('connection', () => {
    hasNewcomers = true
  })

  function schedule(): void {
    isScheduled = true
    setImmediate(takeTurn)
  }

  function takeTurn(): void {
    isScheduled = false
    const begun = waiting.splice(0, hasNewcomers ? PER_TURN_WITH_NEWCOMERS : PER_TURN)
    hasNewcomers = false
    if (waiting.length > 0) schedule()
    for (const { request, response } of begun) if (!response.closed) handler(request, response)
  }

  return (request, response) => {
    waiting.push({ request, response })
    if (!isScheduled) schedule()
  }
}
