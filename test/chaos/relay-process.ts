import { connect, createServer, type Socket } from 'node:net'
import { randomOf } from '../support/random.ts'
import { CALM, type Order, type Weather } from './weather.ts'

/**
 * A program of `relay.ts`: carries bytes between whoever connects to the first port and the second port, both on this
 * machine. What is held back stays in order and comes late, or never, when the connection is cut: as with a network that loses
 * packets one way, where TCP sends them again until somebody gives up.
 */
const [listenPort = 0, targetPort = 0, seed = 0] = process.argv.slice(2).map(Number)
const QUEUE_BYTES_MAX = 4 << 20
const random = randomOf(seed)
const pairs = new Set<() => void>()
let weather: Weather = CALM
let pumps: (() => void)[] = []

/** Carries what comes from one socket to the other, each piece no earlier than the weather of its arrival allows. */
function carry(from: Socket, to: Socket, direction: 'toBroker' | 'toWorker', cut: () => void): void {
  const queue: { readonly atMs: number; readonly bytes: Buffer }[] = []
  let queued = 0
  let lastMs = 0
  let hasEnded = false
  let timer: NodeJS.Timeout | undefined

  function pump(): void {
    clearTimeout(timer)
    if (weather.held === direction || weather.held === 'both') return
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      const waitMs = first.atMs - performance.now()
      if (waitMs > 0) {
        timer = setTimeout(pump, waitMs)
        return
      }
      queue.shift()
      queued -= first.bytes.length
      to.write(first.bytes)
    }
    if (from.isPaused() && queued < QUEUE_BYTES_MAX) from.resume()
    if (hasEnded) to.end()
  }

  from.on('data', (bytes) => {
    const delayMs = weather.delayMs + random() * weather.jitterMs
    lastMs = Math.max(lastMs, performance.now() + delayMs)
    queue.push({ atMs: lastMs, bytes })
    queued += bytes.length
    if (queued > QUEUE_BYTES_MAX) from.pause()
    pump()
  })
  from.once('end', () => {
    hasEnded = true
    pump()
  })
  from.once('error', cut)
  pumps.push(pump)
  from.once('close', () => {
    // Nobody is there to answer any more; what was said before may still arrive.
    hasEnded = true
    pump()
  })
  to.once('close', () => {
    clearTimeout(timer)
    pumps = pumps.filter((other) => other !== pump)
  })
}

const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const broker = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  const cut = (): void => {
    client.resetAndDestroy()
    broker.resetAndDestroy()
  }
  pairs.add(cut)
  client.once('close', () => pairs.delete(cut))
  carry(client, broker, 'toBroker', cut)
  carry(broker, client, 'toWorker', cut)
})

process.on('message', (order: Order) => {
  if (order.type === 'cut') for (const cut of pairs) cut()
  else weather = order.weather
  for (const pump of [...pumps]) pump()
  process.send?.('done')
})
process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => undefined) // A terminal's Ctrl-C reaches us too; whoever started us ends us when it is time.
server.listen(listenPort, '127.0.0.1', () => process.send?.('listens'))
