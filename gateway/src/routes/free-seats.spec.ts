import assert from 'node:assert/strict'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createQueryProxy } from '../adapters/query-proxy.ts'
import type { ReadService } from '../ports/read-service.ts'
import { freeSeats } from './free-seats.ts'

const PATIENT_MS = 10_000

describe('what the read models know of free seats', () => {
  let server: Server
  let reads: ReadService
  let asked: string[]
  let respond: (response: ServerResponse) => void

  before(async () => {
    server = createServer(({ url }, response) => {
      asked.push(url ?? '')
      respond(response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    reads = createQueryProxy({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  })

  beforeEach(() => {
    asked = []
    respond = (response) => response.end(JSON.stringify({ sections: [{ sectionId: 'stalls', available: 12 }] }))
  })

  after(async () => {
    reads.close()
    await new Promise((resolve) => server.close(resolve))
  })

  it('is asked for once by all who want to know it at the same time', async () => {
    const free = freeSeats({ reads }, PATIENT_MS)
    const answers = await Promise.all([free('perf_1'), free('perf_1'), free('perf_2'), free('perf_1')])
    for (const answer of answers) assert.deepEqual([...answer], [['stalls', 12]])
    assert.deepEqual(asked.sort(), ['/v1/performances/perf_1/availability', '/v1/performances/perf_2/availability'])
  })

  it('is asked for anew after a while', async () => {
    const free = freeSeats({ reads }, PATIENT_MS)
    while (asked.length < 2) {
      await free('perf_1')
      await sleep(10)
    }
  })

  it('is nothing while they do not answer, refuse or say what cannot be', async () => {
    const troubles: readonly ((response: ServerResponse) => void)[] = [
      (response) => response.writeHead(503).end('{"sections":[{"sectionId":"stalls","available":12}]}'),
      (response) => response.end('nonsense'),
      (response) => response.end('null'),
      (response) => response.end('{"sections":7}'),
      (response) => response.end('{"sections":[null]}'),
      (response) => response.end('{"sections":[{"sectionId":"stalls"},{"available":1},{"sectionId":"stalls","available":"all"}]}'),
      (response) => response.destroy(),
    ]
    for (const trouble of troubles) {
      respond = trouble
      assert.deepEqual([...(await freeSeats({ reads }, PATIENT_MS)('perf_1'))], [])
    }
    respond = () => undefined
    assert.deepEqual([...(await freeSeats({ reads }, 20)('perf_1'))], [])
  })

  it('is nothing when the answer stops half-way', async () => {
    respond = (response) => {
      response.write('{"sections":[')
    }
    assert.deepEqual([...(await freeSeats({ reads }, 50)('perf_1'))], [])
  })
})
