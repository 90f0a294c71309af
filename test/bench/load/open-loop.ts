/**
 * Sends holds at a fixed pace whatever comes back, and counts each answer's time from when its request was due: a server that
 * stalls cannot make the load wait and so hide how long others would have waited. A program of its own; the last line that it
 * writes is its account as JSON.
 */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import type { OpenLoopAccount, OpenLoopOptions } from '../support/open-loop.ts'
import { capacityOf } from '../support/organiser.ts'
import { quantile } from '../support/statistics.ts'

const STRIDE = 7_919 * 7 // As in holds.lua.
const STATUS_FROM = 9
const HEAD_END = '\r\n\r\n'

const options = JSON.parse(process.argv[2] ?? '') as OpenLoopOptions
const tokens = readFileSync(options.tokensFile, 'utf8').trim().split('\n')
const { sections, seatsPerRow } = options.shape
const total = capacityOf(options.shape)
const { hostname, port } = new URL(options.url)

interface Connection {
  readonly socket: Socket
  dueMs: number
  received: string
}

const idle: Connection[] = []
const queue: { readonly text: string; readonly dueMs: number }[] = []
const tookMs: number[] = []
let endsMs = Number.POSITIVE_INFINITY
const account = { acknowledged: 0, inTime: 0, refused: 0, shed: 0, broken: 0, unsent: 0 }

function requestOf(count: number): string {
  const seat = (count * STRIDE) % total
  const place = Math.floor(seat / sections)
  const body = `{"seats":["S${seat % sections}-${Math.floor(place / seatsPerRow) + 1}-${(place % seatsPerRow) + 1}"]}`
  return `POST ${options.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer ${
    tokens[count % tokens.length]
  }\r\nIdempotency-Key: ${options.keyPrefix}${count}\r\nContent-Length: ${body.length}${HEAD_END}${body}`
}

function answered(connection: Connection): void {
  const status = Number(connection.received.slice(STATUS_FROM, STATUS_FROM + 3))
  const took = performance.now() - connection.dueMs
  if (status === 201) {
    account.acknowledged++
    if (performance.now() < endsMs) account.inTime++
    tookMs.push(took)
  } else if (status === 503 || status === 429) account.shed++
  else account.refused++
  connection.received = ''
  connection.dueMs = 0
  const next = queue.shift()
  if (next === undefined) idle.push(connection)
  else send(connection, next.text, next.dueMs)
}

function isWhole(text: string): boolean {
  const end = text.indexOf(HEAD_END)
  if (end < 0) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end + 2))?.[1]
  return length !== undefined && Buffer.byteLength(text) >= end + HEAD_END.length + Number(length)
}

function send(connection: Connection, text: string, dueMs: number): void {
  connection.dueMs = dueMs
  connection.socket.write(text)
}

async function open(): Promise<void> {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  const connection: Connection = { socket, dueMs: 0, received: '' }
  socket.setEncoding('utf8')
  socket.on('data', (part: string) => {
    connection.received += part
    if (isWhole(connection.received)) answered(connection)
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    if (connection.dueMs > 0) account.broken++
    const at = idle.indexOf(connection)
    if (at >= 0) idle.splice(at, 1)
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  idle.push(connection)
}

for (let count = 0; count < options.connections; count++) await open()
const startedMs = performance.now()
endsMs = startedMs + options.seconds * 1_000
const planned = Math.floor(options.rate * options.seconds)
let sent = 0
await new Promise<void>((resolve) => {
  const pace = setInterval(() => {
    const due = Math.min(planned, Math.floor(((performance.now() - startedMs) / 1_000) * options.rate) + 1) // The first at once.
    for (; sent < due; sent++) {
      const dueMs = startedMs + (sent / options.rate) * 1_000
      const connection = idle.pop()
      if (connection === undefined) queue.push({ text: requestOf(sent), dueMs })
      else send(connection, requestOf(sent), dueMs)
    }
    if (sent < planned) return
    clearInterval(pace)
    resolve()
  }, 1)
})
const drainedByMs = performance.now() + options.drainMs
await new Promise<void>((resolve) => {
  const wait = setInterval(() => {
    if (performance.now() < drainedByMs && (queue.length > 0 || idle.length < options.connections)) return
    clearInterval(wait)
    resolve()
  }, 10)
})
account.unsent = queue.length
const sorted = Float64Array.from(tookMs).sort()
const result: OpenLoopAccount = { ...account, planned, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) }
process.stdout.write(`${JSON.stringify(result)}\n`)
process.exit(0)
