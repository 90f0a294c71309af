import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DECIDERS } from '@cavea/command-service/application/command-service'
import { OwnedState } from '@cavea/command-service/application/owned-state'
import { startOfChain } from '@cavea/contracts/ledger'
import { CONTEXTS, topicsOf } from '@cavea/contracts/topics'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { followLedger } from '@cavea/event-log/ledger-reader'
import { fileSnapshots } from '@cavea/event-log/snapshots'
import { CIRCLE, PlantedCart } from './audit/planted-carts.fixture.ts'
import { ORGANISER, PlantedLog, reading } from './audit/planted-log.fixture.ts'
import { runCli } from './program.ts'

interface Ran {
  readonly exitCode: number
  readonly out: string
  readonly err: string
}

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const out: string[] = []
  const err: string[] = []
  const exitCode = await runCli(args, '1.2.3', {
    env,
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    errIsTerminal: false,
    signal: new AbortController().signal,
  })
  return { exitCode, out: out.join(''), err: err.join('') }
}

async function inFolder(use: (data: string) => Promise<void>): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'cavea-cli-'))
  try {
    await use(data)
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

async function write(data: string, planted: PlantedLog): Promise<void> {
  const log = await openEmbeddedLog({ dir: join(data, 'log') })
  for (const context of CONTEXTS) {
    await log.ensureTopics(Object.values(topicsOf(context)).map((topic) => ({ topic, partitions: 1 })))
    if (planted.records[context].length > 0) await log.append(topicsOf(context).events, 0, planted.records[context])
  }
  await log.close()
}

function plantedLog(): PlantedLog {
  const planted = new PlantedLog()
  planted.open()
  planted.hold([0, 1])
  planted.hold([4])
  return planted
}

/** What a gateway would answer, in turn; the requests are kept. */
async function answering(
  answers: readonly ((response: ServerResponse) => void)[],
  use: (
    url: string,
    requests: readonly { readonly line: string; readonly headers: IncomingMessage['headers']; readonly body: string }[],
  ) => Promise<void>,
): Promise<void> {
  const requests: { line: string; headers: IncomingMessage['headers']; body: string }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      requests.push({ line: `${request.method} ${request.url}`, headers: request.headers, body: Buffer.concat(chunks).toString() })
      answers[requests.length - 1]?.(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

const answer =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json', ...headers })
    response.end(JSON.stringify(body))
  }

describe('The command line', () => {
  it('tells its version, suggests what a misspelt command may have meant, and documents the exit codes', async () => {
    assert.deepEqual(await run(['--version']), { exitCode: 0, out: '1.2.3\n', err: '' })
    const misspelt = await run(['adit'])
    assert.equal(misspelt.exitCode, 2)
    assert.match(misspelt.err, /Did you mean audit\?/)
    const help = await run(['--help'])
    assert.equal(help.exitCode, 0)
    assert.match(help.out, /Exit codes:\n {2}0 [\s\S]*\n {2}3 .*cannot be reached or opened/)
  })

  it('says in a sentence that there is no log, and shows where that came from only when asked', async () => {
    await inFolder(async (data) => {
      const plain = await run(['audit', 'verify', '--data', data])
      assert.equal(plain.exitCode, 3)
      assert.match(plain.err, /^There is no log in .* yet\. .*\n$/)
      const debugging = await run(['audit', 'verify', '--data', data, '--json'], { CAVEA_DEBUG: '1' })
      assert.match(debugging.err, /\n {4}at /)
      assert.equal((JSON.parse(debugging.out) as { error: { exitCode: number } }).error.exitCode, 3)
    })
  })

  it('wants to know the schema registry where the log is Kafka', async () => {
    const ran = await run(['replay'], { KAFKA_BROKERS: '127.0.0.1:1' })
    assert.equal(ran.exitCode, 2)
    assert.match(ran.err, /--registry/)
  })

  it('audits a log that is intact with 0 and one that is not with 1, naming the record', async () => {
    await inFolder(async (data) => {
      await write(data, plantedLog())
      const intact = await run(['audit', 'verify'], { CAVEA_DATA_DIR: data })
      assert.equal(intact.exitCode, 0, intact.out + intact.err)
      assert.match(intact.out, /The log is intact: 9 records count/)
    })
    await inFolder(async (data) => {
      const planted = plantedLog()
      planted.hold([4])
      await write(data, planted)
      const broken = await run(['--json', 'audit', 'verify', '--data', data])
      assert.equal(broken.exitCode, 1)
      const { intact, breaks } = JSON.parse(broken.out) as { intact: boolean; breaks: { invariant: string; offset: number }[] }
      assert.deepEqual([intact, breaks[0]?.invariant, breaks[0]?.offset], [false, 'I1', 3])
    })
  })

  it('counts the carts, and says which parts their sections have yet to sell or release', async () => {
    await inFolder(async (data) => {
      const planted = plantedLog()
      planted.open(CIRCLE)
      const cart = new PlantedCart(planted, { chosen: [{ sectionId: CIRCLE, seats: [5, 6] }] })
      cart.open(cart.requested(1, CIRCLE, [5, 6]))
      cart.parts.push(cart.hold(1, CIRCLE, [5, 6]).part)
      cart.record([...cart.parts.map((part) => cart.granted(1, part)), cart.held()])
      cart.record([cart.whole('CartSold')], { actor: ORGANISER })
      new PlantedCart(planted, { commandId: 'another' }).open()
      await write(data, planted)
      const told = await run(['audit', 'verify', '--data', data])
      assert.equal(told.exitCode, 0, told.out + told.err)
      assert.match(
        told.out,
        /\nCarts: 1 opening, 0 held, 1 sold, 0 released, 0 expired, 0 refused\. The sections have yet to .* 1 of their parts\.\n/,
      )
      const { partitions, underWay } = JSON.parse((await run(['audit', 'verify', '--json', '--data', data])).out) as {
        partitions: { context: string; carts: unknown }[]
        underWay: number
      }
      assert.deepEqual(
        partitions.map(({ context, carts }) => [context, carts]),
        [
          ['catalog', null],
          ['seating', null],
          ['cart', { opening: 1, held: 0, sold: 1, released: 0, expired: 0, refused: 0 }],
        ],
      )
      assert.equal(underWay, 1)
      const replayed = await run(['replay', '--json', '--context', 'cart', '--data', data])
      const [only] = (JSON.parse(replayed.out) as { partitions: { records: number; stateHash: string }[] }).partitions
      assert.deepEqual([replayed.exitCode, only?.records], [0, 4])
      assert.match(only?.stateHash ?? '', /^[0-9a-f]{64}$/)
    })
  })

  it('replays to the same state hash from a snapshot as from the beginning', async () => {
    await inFolder(async (data) => {
      const planted = plantedLog()
      await write(data, planted)
      await reading(join(data, 'log'), async (deps) => {
        const topic = topicsOf('seating').events
        const state = OwnedState.empty({ ...deps, decider: DECIDERS.seating.decider }, topic, 0)
        const stop = new AbortController()
        const start = { ...startOfChain(topic, 0), commandOffset: -1 }
        for await (const { decisions } of followLedger(deps, topic, 0, start, { signal: stop.signal })) {
          for (const decision of decisions.slice(0, 2)) await state.fold(decision, () => {})
          break
        }
        await fileSnapshots(join(data, 'snapshots')).save(topic, 0, state.snapshot())
      })
      type Replay = { partitions: { from: number; records: number; stateHash: string }[] }
      const args = ['replay', '--json', '--context', 'seating', '--partition', '0', '--data', data]
      const [whole] = (JSON.parse((await run([...args, '--no-snapshots'])).out) as Replay).partitions
      const [tail] = (JSON.parse((await run([...args, '--from-snapshot'])).out) as Replay).partitions
      assert.deepEqual([whole?.from, whole?.records, tail?.from, tail?.records], [0, 3, 2, 1])
      assert.equal(tail?.stateHash, whole?.stateHash)
    })
  })

  it('finds a healthy folder healthy, and a missing one not', async () => {
    await inFolder(async (data) => {
      await write(data, plantedLog())
      await writeFile(join(data, 'admin-token'), 'secret\n', { mode: 0o644 })
      const ran = await run(['doctor', '--json', '--data', data])
      const { checks } = JSON.parse(ran.out) as { checks: { name: string; status: string; advice: string }[] }
      assert.deepEqual([ran.exitCode, checks.filter(({ status }) => status === 'fail')], [0, []])
      const token = checks.find(({ name }) => name === 'token file')
      assert.deepEqual([token?.status, token?.advice], ['warn', `chmod 600 ${join(data, 'admin-token')}`])
      assert.equal((await run(['doctor', '--data', join(data, 'nowhere')])).exitCode, 1)
    })
  })
})

describe('cavea import', () => {
  const created = {
    seatMapId: 'seatmap_1',
    version: 1,
    capacity: 2,
    sections: [{ sectionId: 's', name: 'Stalls', capacity: 2 }],
    warnings: [],
  }

  it('makes the venue, sends the file under keys that follow from the content, and waits for a late decision', async () => {
    await inFolder(async (data) => {
      const file = join(data, 'hall.csv')
      await writeFile(file, 'section,row,number\nStalls,A,1\nStalls,A,2\n')
      await writeFile(join(data, 'admin-token'), 'secret\n')
      const pending = answer(202, { status: 'pending' }, { Location: '/v1/commands/cmd_1', 'Retry-After': '0.01' })
      await answering([answer(201, { venueId: 'venue_1' }), pending, answer(200, created)], async (url, requests) => {
        const ran = await run([
          'import',
          file,
          '--create-venue',
          'Hall',
          '--time-zone',
          'UTC',
          '--url',
          url,
          '--data',
          data,
          '--name',
          'Great hall',
        ])
        assert.equal(ran.exitCode, 0, ran.err)
        assert.match(ran.out, /Seat map seatmap_1, version 1 of venue venue_1: 2 seats in 1 sections/)
        assert.deepEqual(
          requests.map(({ line }) => line),
          ['POST /v1/venues', 'POST /v1/venues/venue_1/seat-maps?name=Great%20hall', 'GET /v1/commands/cmd_1'],
        )
        assert.equal(requests[1]?.headers['content-type'], 'text/csv')
        assert.equal(requests[1]?.headers.authorization, 'Bearer secret')
        assert.match(String(requests[1]?.headers['idempotency-key']), /^cavea-import-[0-9a-f]{40}$/)
      })
    })
  })

  it('tells every fault of the file, where it is and what it is', async () => {
    await inFolder(async (data) => {
      const file = join(data, 'hall.json')
      await writeFile(file, '{"zones": []}')
      const errors = [{ pointer: '/zones', code: 'EMPTY', detail: 'There are no zones.' }]
      const refusal = { status: 400, code: 'SEAT_MAP_INVALID', detail: 'The seat map has faults.', errors }
      await answering([answer(400, refusal)], async (url) => {
        const ran = await run(['import', file, '--venue', 'venue_1', '--url', url, '--token', 't', '--format', 'pretix'])
        assert.equal(ran.exitCode, 1)
        assert.match(ran.err, /The seat map has faults\. \(SEAT_MAP_INVALID\)\n\nwhere +what\n\/zones +There are no zones\./)
      })
    })
  })

  it('refuses to guess the venue', async () => {
    assert.equal((await run(['import', 'hall.json'])).exitCode, 2)
    assert.equal((await run(['import', 'hall.json', '--venue', 'v', '--create-venue', 'w'])).exitCode, 2)
  })
})
