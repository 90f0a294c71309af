import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { FAN_OUT_QUERY } from '../contenders/fan-out-query.ts'
import { cpuOf } from '../support/accounting.ts'
import type { BenchDeps, Result } from '../support/measure.ts'
import { COMPILED, type Program, startProgram } from '../support/programs.ts'
import { spreadOf } from '../support/statistics.ts'

const READERS = 1_000
const MANY_READERS = 5_000
const RUN_MS = 5_000
const SETTLE_MS = 1_500
const OPENING_AT_ONCE = 100

interface Contender {
  readonly name: string
  readonly kind: 'cavea' | 'graphql-ws' | 'ws'
  /** Of the one operation that each connection has. */
  readonly operationId: () => string
}

const CONTENDERS: readonly Contender[] = [
  { name: 'Cavea', kind: 'cavea', operationId: () => randomUUID() },
  { name: 'Cavea, the same operation id everywhere', kind: 'cavea', operationId: () => '1' },
  { name: 'graphql-ws as it comes', kind: 'graphql-ws', operationId: () => randomUUID() },
  { name: 'ws, one prepared string', kind: 'ws', operationId: () => '1' },
]

interface Run {
  readonly perCpuSecond: number
  readonly perSecond: number
  readonly residentMiB: number
}

/** What it costs to tell many readers of one busy performance what changes. */
export async function fanOut({ repeats, say }: BenchDeps): Promise<Result> {
  const runs = new Map(CONTENDERS.map(({ name }) => [name, [] as Run[]]))
  const many = new Map(CONTENDERS.map(({ name }) => [name, [] as Run[]]))
  for (let repeat = 0; repeat < repeats; repeat++)
    for (const contender of CONTENDERS) {
      runs.get(contender.name)?.push(await run(contender, READERS))
      many.get(contender.name)?.push(await run(contender, MANY_READERS))
      say(`  ${contender.name}: ${Math.round(runs.get(contender.name)?.at(-1)?.perCpuSecond ?? 0)} messages per CPU-second`)
    }
  return {
    title: 'Telling watchers',
    how: `One section of which 4 seats change every 50 ms, told every 100 ms to ${READERS.toLocaleString('en-GB')} and to ${MANY_READERS.toLocaleString('en-GB')} WebSockets with the selection of a seat map, each contender in a process of its own that folds the same log; messages counted where they are read, ${RUN_MS / 1_000} s of the server's processor time; ${repeats} interleaved repeats.`,
    plot: 'messages/CPU-s',
    rows: CONTENDERS.map(({ name }) => {
      const [few, most] = [runs.get(name) ?? [], many.get(name) ?? []]
      return {
        of: name,
        figures: {
          'messages/CPU-s': spreadOf(few.map(({ perCpuSecond }) => perCpuSecond)),
          [`messages/CPU-s to ${MANY_READERS}`]: spreadOf(most.map(({ perCpuSecond }) => perCpuSecond)),
          [`messages/s to ${MANY_READERS}`]: spreadOf(most.map(({ perSecond }) => perSecond)),
          [`RSS MiB with ${MANY_READERS}`]: spreadOf(most.map(({ residentMiB }) => residentMiB)),
        },
      }
    }),
  }
}

async function run(contender: Contender, readers: number): Promise<Run> {
  const main = join(COMPILED, 'bench/contenders/fan-out.js')
  const program = await startProgram({ name: `fan-out ${contender.kind}`, main, portVariable: 'PORT', env: { BENCH_KIND: contender.kind } })
  const counter = { messages: 0 }
  const sockets: WebSocket[] = []
  try {
    const { performanceId } = (await (await fetch(program.url)).json()) as { readonly performanceId: string }
    const url = socketsOf(program, contender)
    while (sockets.length < readers) {
      const count = Math.min(OPENING_AT_ONCE, readers - sockets.length)
      sockets.push(...(await Promise.all(Array.from({ length: count }, () => openReader(url, contender, performanceId, counter)))))
    }
    await sleep(SETTLE_MS)
    const [messages, cpuUs, startedMs] = [counter.messages, cpuOf([program.pid]), performance.now()]
    await sleep(RUN_MS)
    const told = counter.messages - messages
    return {
      perCpuSecond: told / ((cpuOf([program.pid]) - cpuUs) / 1_000_000),
      perSecond: told / ((performance.now() - startedMs) / 1_000),
      residentMiB: residentBytes(program.pid) / 2 ** 20,
    }
  } finally {
    for (const socket of sockets) socket.terminate()
    await program.stop()
  }
}

function socketsOf({ url }: Program, { kind }: Contender): string {
  const address = new URL('/graphql', url.replace('http', 'ws'))
  if (kind !== 'cavea') address.port = String(Number(address.port) + 1)
  return address.href
}

/** Resolves when the first message has come. */
function openReader(
  url: string,
  { kind, operationId }: Contender,
  performanceId: string,
  counter: { messages: number },
): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, kind === 'ws' ? [] : ['graphql-transport-ws'], { perMessageDeflate: false })
    socket.once('error', reject)
    socket.once('close', (code) => reject(new Error(`A connection was closed with ${code}.`)))
    const begin = (): void => {
      socket.once('message', () => {
        socket.on('message', () => counter.messages++)
        resolve(socket)
      })
    }
    if (kind === 'ws') {
      begin()
      return
    }
    socket.once('open', () => socket.send('{"type":"connection_init"}'))
    socket.once('message', () => {
      begin()
      const payload = { query: FAN_OUT_QUERY, variables: { performanceId } }
      socket.send(JSON.stringify({ id: operationId(), type: 'subscribe', payload }))
    })
  })
}

function residentBytes(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? []
  return Number(kib) * 1_024
}
