import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { OpenCart } from '@cavea/contracts/cart/messages'
import { eventually } from '@cavea/event-log/contract-tools'
import { fileSnapshots } from '@cavea/event-log/snapshots'
import { FREE, SOLD } from '../domain/seating/state.ts'
import {
  AGREEING,
  ANNA,
  type Answer,
  assertAgreed,
  bestOf,
  type Client,
  chosen,
  clientOf,
  type Hall,
  openCart,
  openHall,
  outcomeOf,
  quiet,
  startAgreeing,
  type Truth,
  truth,
} from './cart-harness.spec.ts'
import { type Death, mortalProcess } from './mortal-process.spec.ts'
import { hastyClock, type Place, place, type Running } from './worker-harness.spec.ts'

/** Runs share a log, a few at a time: most of a run is waiting for the disk. */
const APPENDS_AT_ONCE = 2
const SECTIONS = ['stalls', 'balcony', 'gallery'] as const
const SHARDS = ['floor~0', 'floor~1', 'floor~2'] as const
const HALL: Hall = { sections: SECTIONS.map((sectionId) => ({ sectionId, seatCount: 6, blocked: [0] })) }
const ALL = chosen(['stalls', [1, 2]], ['balcony', [5]], ['gallery', [3, 4]])
/** Two places are left in each shard. */
const FLOOR: Hall = { sections: SHARDS.map((sectionId) => ({ sectionId, seatCount: 4, blocked: [0, 2], isStanding: true })) }

type Way = Omit<Death, 'append'> & { readonly snapshotEvery: number }
const NEVER = Number.POSITIVE_INFINITY
/** Time enough for a snapshot to say too much, if it does not wait for what is still to be sent. */
const LINGER_MS = 10

/** To die with the last append written or not, and to come back with a snapshot of every step or with none. */
const WAYS: readonly Way[] = [
  { isWritten: true, lingersMs: 0, snapshotEvery: 1 },
  { isWritten: true, lingersMs: 0, snapshotEvery: NEVER },
  { isWritten: false, lingersMs: LINGER_MS, snapshotEvery: 1 },
  { isWritten: false, lingersMs: 0, snapshotEvery: NEVER },
]
/** Where most steps are those of the first scenario, in which every way is gone. */
const TWO_WAYS = WAYS.slice(1, 3)
const nameOf = ({ isWritten, snapshotEvery }: Way): string =>
  `${isWritten ? 'the last append written' : 'the last append not written'}, ${snapshotEvery === NEVER ? 'without' : 'with'} snapshots`

type Ending = 'sold' | 'released' | 'expired' | 'refused'

interface Scenario {
  readonly title: string
  readonly ways: readonly Way[]
  /** How many sections or shards are asked, one after the other. */
  readonly tries: number
  readonly hall: Hall
  readonly cart: OpenCart
  /** What the buyer does with a cart that is held. */
  readonly afterwards?: (client: Client, holdId: Answer['holdId']) => Promise<void>
  readonly ends: Ending
  readonly code?: string
}

const sells = async (client: Client, holdId: Answer['holdId']) => assert.equal(await client.ask('SellCart', holdId), null)
const SCENARIOS: readonly Scenario[] = [
  {
    title: 'is held over three sections, extended and sold',
    ways: WAYS,
    tries: 3,
    hall: HALL,
    cart: openCart(ALL),
    async afterwards(client, holdId) {
      assert.equal(await client.ask('ExtendCart', holdId), null)
      await sells(client, holdId)
    },
    ends: 'sold',
  },
  {
    title: 'is held over three sections and released',
    ways: TWO_WAYS,
    tries: 3,
    hall: HALL,
    cart: openCart(ALL),
    afterwards: async (client, holdId) => assert.equal(await client.ask('ReleaseCart', holdId), null),
    ends: 'released',
  },
  {
    title: 'is held over three sections and expires',
    ways: TWO_WAYS,
    tries: 3,
    hall: HALL,
    cart: openCart(ALL, { holdTtlMs: 20 }),
    ends: 'expired',
  },
  {
    title: 'is refused by the second section',
    ways: TWO_WAYS,
    tries: 2,
    hall: HALL,
    cart: openCart(chosen(['stalls', [1, 2]], ['balcony', [0]], ['gallery', [3]])),
    ends: 'refused',
    code: 'SEAT_UNAVAILABLE',
  },
  {
    title: 'is refused by the third section',
    ways: TWO_WAYS,
    tries: 3,
    hall: HALL,
    cart: openCart(chosen(['stalls', [1, 2]], ['balcony', [5]], ['gallery', [0, 1]])),
    ends: 'refused',
    code: 'SEAT_UNAVAILABLE',
  },
  {
    title: 'is put together of what three shards have left, and sold',
    ways: TWO_WAYS,
    tries: 6,
    hall: FLOOR,
    cart: openCart(bestOf(SHARDS, 5, true)),
    afterwards: sells,
    ends: 'sold',
  },
  {
    title: 'does not find enough in what two of three sections have left together',
    ways: TWO_WAYS,
    tries: 3,
    hall: {
      sections: SECTIONS.map((sectionId, at) => ({ sectionId, seatCount: 6, blocked: at === 1 ? [0, 1, 2, 3, 4, 5] : [0, 1, 2, 3] })),
    },
    cart: openCart(bestOf(SECTIONS, 5)),
    ends: 'refused',
    code: 'NOT_ENOUGH_SEATS',
  },
]

interface Lived {
  readonly outcome: ReturnType<typeof outcomeOf>
  readonly deaths: number
}

describe('A cart and its sections', function () {
  this.timeout(120_000)
  let at: Place
  let runs: number
  let ready: Promise<void>
  const started: Running[] = []

  beforeEach(async () => {
    at = await place()
    runs = 0
    ready = Promise.resolve()
  })
  afterEach(async () => {
    for (const { worker } of started.splice(0)) worker.stop()
    await at.remove()
  })

  /** Lives a scenario through, one process after another, until one outlives it. Asserts what is true whatever happened. */
  async function live({ hall, cart, afterwards, ends, code }: Scenario, deaths: readonly Death[], snapshotEvery: number): Promise<Lived> {
    const topicPrefix = `run-${++runs}.`
    const snapshots = fileSnapshots(join(at.dir, 'snapshots', topicPrefix))
    ready = ready.then(() => openHall(at, topicPrefix, hall)) // One after the other: they add to one list of topics.
    await ready
    let isOver = false
    let finish: () => void = () => {}
    const finished = new Promise<void>((resolve) => (finish = resolve))
    const counted: Truth['heads'][] = []

    async function succeed([death = null, ...later]: readonly (Death | null)[]): Promise<void> {
      const process = mortalProcess({ log: at.log, snapshots, clock: hastyClock(runs) }, death)
      const owner = `process ${counted.length}`
      const change = { ...process, topicPrefix, owner, limits: { snapshotEvery } }
      const workers = startAgreeing({ ...at, log: process.log }, change)
      started.push(...workers)
      const stopped = finished.then(() => Promise.all(workers.map(({ stop }) => stop())))
      await Promise.race([process.died, stopped])
      if (isOver) return
      counted.push((await truth(at.log, topicPrefix)).heads)
      await succeed(later)
    }
    const lives = succeed(deaths)

    const client = clientOf(at.log, topicPrefix)
    const { holdId, rejection } = await client.settled(await client.send(cart, 'cart', ANNA))
    assert.equal(rejection?.code, code)
    if (rejection === null) await afterwards?.(client, holdId)
    if (ends === 'expired') await eventually('it expires', async () => (await truth(at.log, topicPrefix)).carts.ended.size === 1)
    const settled = await quiet(at.log, topicPrefix)
    assertAgreed(settled)
    isOver = true
    finish()
    await lives

    const end = await truth(at.log, topicPrefix)
    assertAgreed(end)
    assert.deepEqual(outcomeOf(end), outcomeOf(settled), 'it was not over')
    for (const heads of counted)
      for (const context of AGREEING)
        assert.deepEqual(end.heads[context].slice(0, heads[context].length), heads[context], 'what counted does not count any more')
    return { outcome: outcomeOf(end), deaths: counted.length }
  }

  for (const scenario of SCENARIOS) {
    it(`${scenario.title}, wherever the process dies on the way`, async () => {
      const { outcome } = await live(scenario, [], 1)
      assertEnded(scenario, outcome)
      let deaths = 0
      for (let append = 1, haveDied = true; haveDied; append += APPENDS_AT_ONCE) {
        const appends = Array.from({ length: APPENDS_AT_ONCE }, (_, later) => append + later)
        const dying = appends.flatMap((append) => scenario.ways.map((way) => ({ append, ...way })))
        const lived = await Promise.all(
          dying.map(async (death) => {
            const one = await live(scenario, [death], death.snapshotEvery)
            assert.deepEqual(one.outcome, outcome, `it ended otherwise with a death at append ${death.append}, ${nameOf(death)}`)
            return one.deaths
          }),
        )
        haveDied = lived.some((deaths) => deaths > 0)
        deaths += lived.reduce((sum, deaths) => sum + deaths, 0)
      }
      // Each of these tries is asked, decided, told and recorded in appends of its own.
      assert.ok(deaths >= 4 * scenario.tries * scenario.ways.length, `only ${deaths} processes died`)
    })
  }

  for (const way of WAYS) {
    it(`gets there when process after process dies, each a step later than the one before (${nameOf(way)})`, async () => {
      const [scenario] = SCENARIOS as [Scenario]
      const ever = Array.from({ length: 200 }, (_, at) => ({ append: at + 1, ...way }))
      const { outcome, deaths } = await live(scenario, ever, way.snapshotEvery)
      assertEnded(scenario, outcome)
      assert.ok(deaths > 3, `only ${deaths} processes died`)
    })
  }
})

function assertEnded({ cart, hall, ends }: Scenario, { carts, ended, seats }: Lived['outcome']): void {
  const isSold = ends === 'sold'
  assert.deepEqual(
    carts.map(({ status }) => status),
    isSold ? ['sold'] : [],
  )
  assert.deepEqual(
    ended.map(({ status }) => status),
    isSold ? [] : [ends === 'expired' ? 'expired' : 'released'],
  )
  const all = seats.flatMap(({ status }) => status)
  const blocked = hall.sections.flatMap(({ blocked = [] }) => blocked)
  assert.equal(all.filter((status) => status === SOLD).length, isSold ? cart.quantity : 0)
  assert.equal(all.filter((status) => status === FREE).length, all.length - blocked.length - (isSold ? cart.quantity : 0))
}
