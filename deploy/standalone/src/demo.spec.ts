import { deepEqual, equal, match } from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readGatewaySettings } from '@cavea/gateway/application/settings'
import { readConfig } from '@cavea/service-kit/config'
import { createLogger } from '@cavea/service-kit/logger'
import { createTokens } from '@cavea/service-kit/tokens'
import { openDataFolder } from './data-folder.ts'
import { type Demo, seedDemo } from './demo.ts'
import { HALLS } from './halls/halls.ts'
import { startStandalone } from './standalone.ts'

const NOW_MS = Date.UTC(2030, 0, 15, 10)
const DAY_MS = 24 * 60 * 60 * 1000
const TIMEOUT_MS = 60_000

/** Starts everything on the folder, does the work, and stops everything. */
async function whileRunning<Result>(dir: string, work: (url: string, adminToken: string) => Promise<Result>): Promise<Result> {
  const folder = await openDataFolder(dir, { adminToken: undefined, tokenSecret: undefined })
  const { server, closers } = await startStandalone({
    folder,
    tokens: createTokens({ secret: folder.tokenSecret, adminToken: folder.adminToken, organisation: 'org_house' }),
    settings: readConfig({}, readGatewaySettings),
    logger: createLogger({ service: 'cavea', level: 'silent' }),
    host: '127.0.0.1',
    port: 0,
    anyPort: true,
    partitions: 2,
  })
  try {
    return await work(server.url, folder.adminToken)
  } finally {
    for (const { close } of closers) await close()
  }
}

async function read(url: string, path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}${path}`)
  equal(response.status, 200, path)
  return (await response.json()) as Record<string, unknown>
}

describe('The demo', function () {
  this.timeout(TIMEOUT_MS)
  let dir = ''
  let demo: Demo

  before('two starts at once make it', async () => {
    dir = await mkdtemp(join(tmpdir(), 'cavea-demo-'))
    const [one, other] = await whileRunning(dir, (url, token) => Promise.all([seedDemo(url, token, NOW_MS), seedDemo(url, token, NOW_MS)]))
    deepEqual(one, other)
    demo = one
  })
  after(() => rm(dir, { recursive: true, force: true }))

  it('is a performance in each hall, the one in the theatre first', () => {
    deepEqual(
      demo.performances.map(({ name, hall }) => [name, hall]),
      [
        ['Opening night', 'Lantern Theatre'],
        ['Harbour Lights tour', 'Harbour Arena'],
        ['Late set', 'Cellar Club'],
      ],
    )
    equal(demo.performanceId, demo.performances[0]?.performanceId)
  })

  it('names its halls as their plans do', () => {
    deepEqual(
      demo.performances.map(({ hall }) => hall),
      Object.values(HALLS).map((hall) => hall().name),
    )
  })

  it('is found by a later start, which makes nothing more', async () => {
    await whileRunning(dir, async (url, token) => {
      deepEqual(await seedDemo(url, token, NOW_MS + 3 * DAY_MS), demo)
      const { data } = await read(url, '/v1/performances')
      deepEqual(
        (data as { performanceId: string }[]).map(({ performanceId }) => performanceId).sort(),
        demo.performances.map(({ performanceId }) => performanceId).sort(),
      )
    })
  })

  it('has every place of its halls, and the terms that show the rules', async () => {
    await whileRunning(dir, async (url) => {
      const performances = await Promise.all(demo.performances.map(({ performanceId }) => read(url, `/v1/performances/${performanceId}`)))
      deepEqual(
        performances.map(({ capacity, orphanRule, purchaseLimit }) => ({ capacity, orphanRule, purchaseLimit })),
        [
          { capacity: 799, orphanRule: 'lenient', purchaseLimit: null },
          { capacity: 20_022, orphanRule: 'off', purchaseLimit: null },
          { capacity: 520, orphanRule: 'off', purchaseLimit: 6 },
        ],
      )
    })
  })

  it('says in the words of the gateway why it cannot be made', async () => {
    const failure = await whileRunning(dir, (url) => seedDemo(url, 'not-the-organiser', NOW_MS).then(() => '', String))
    match(failure, /The demo could not be made: GET \/v1\/performances\S* answered 401 /)
  })
})
