import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { OpenCart } from '@cavea/contracts/cart/messages'
import { eventually } from '@cavea/event-log/contract-tools'
import { fileSnapshots } from '@cavea/event-log/snapshots'
import { FREE, SOLD } from '../domain/seating/state.ts'
import {
  AGREEING,
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

type Ending = 'sold' | 'released' | 'expired' | 'refused'

interface Scenario {
  readonly title: string
  readonly hall: Hall
  readonly cart: OpenCart
  /** What the buyer does with a cart that is held. */
  readonly then?: (client: Client, holdId: Answer['holdId']) => Promise<void>
  readonly ends: Ending
  readonly code?: string
}

const sells = async (client: Client, holdId: Answer['holdId']) => assert.equal(await client.ask('SellCart', holdId), null)
const SCENARIOS: readonly Scenario[] = [
  {
    title: 'is held over three sections, extended and sold',
    hall: HALL,
    cart: openCart(ALL),
    async then(client, holdId) {
      assert.equal(await client.ask('ExtendCart', holdId), null)
      await sells(client, holdId)
    },
    ends: 'sold',
  },
  {
    title: 'is held over three sections and released',
    hall: HALL,
    cart: openCart(ALL),
    then: async (client, holdId) => assert.equal(await client.ask('ReleaseCart', holdId), null),
    ends: 'released',
  },
  { title: 'is held over three sections and expires', hall: HALL, cart: openCart(ALL, { holdTtlMs: 20 }), ends: 'expired' },
  {
    title: 'is refused by the second section',
    hall: HALL,
    cart: openCart(chosen(['stalls', [1, 2]], ['balcony', [0]], ['gallery', [3]])),
    ends: 'refused',
    code: 'SEAT_UNAVAILABLE',
  },
  {
    title: 'is refused by the third section',
    hall: HALL,
    cart: openCart(chosen(['stalls', [1, 2]], ['balcony', [5]], ['gallery', [0, 1]])),
    ends: 'refused',
    code: 'SEAT_UNAVAILABLE',
  },
  {
    title: 'is put together of what three shards have left, and sold',
    hall: FLOOR,
    cart: openCart(bestOf(SHARDS, 5, true)),
    then: sells,
    ends: 'sold',
  },
  {
    title: 'does not find enough although it takes what two of three sections have left',
    hall: { sections: SECTIONS.map((sectionId, at) => ({ sectionId, seatCount: 6, blocked: at === 1 ? [0, 1, 2, 3, 4, 5] : [0, 1, 2, 3] })) },
    cart: openCart(bestOf(SECTIONS, 5)),
    ends: 'refused',
    code: 'NOT_ENOUGH_SEATS',
  },
]

/** Every way to die in an append, and to come back with a snapshot and without. */
const WAYS = [true, false].flatMap((isWritten) => [1, undefined].map((snapshotEvery) => ({ isWritten, snapshotEvery })))

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
  async function live({ hall, cart, then, ends, code }: Scenario, deaths: readonly Death[], snapshotEvery?: number): Promise<Lived> {
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
      const change = { ...process, topicPrefix, owner, ...(snapshotEvery !== undefined && { snapshotEvery }) }
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
    const { holdId, rejection } = await client.open(cart, 'cart')
    assert.equal(rejection?.code, code)
    if (rejection === null) await then?.(client, holdId)
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
    it(`${scenario.title}, and the same when the process dies at any step`, async () => {
      const { outcome } = await live(scenario, [])
      assertEnded(scenario, outcome)
      let deaths = 0
      for (let append = 1, areAlive = false; !areAlive; append += APPENDS_AT_ONCE) {
        const appends = Array.from({ length: APPENDS_AT_ONCE }, (_, later) => append + later)
        const lived = await Promise.all(
          appends.flatMap((append) =>
            WAYS.map(async ({ isWritten, snapshotEvery }) => {
              const way = `with append ${append}, ${isWritten ? 'written' : 'not written'}, snapshots every ${snapshotEvery}`
              const one = await live(scenario, [{ append, isWritten }], snapshotEvery)
              assert.deepEqual(one.outcome, outcome, `it ended otherwise when the process died ${way}`)
              return one
            }),
          ),
        )
        deaths += lived.reduce((sum, one) => sum + one.deaths, 0)
        areAlive = lived.every((one) => one.deaths === 0)
      }
      console.log(deaths)
      assert.ok(deaths > 40, `only ${deaths} processes died`)
    })
  }

  for (const { isWritten, snapshotEvery } of WAYS) {
    const how = `${isWritten ? 'with a last word in the log' : 'without a last word'}, snapshots ${snapshotEvery === undefined ? 'or not' : 'kept'}`
    it(`gets there when process after process dies a little later than the one before (${how})`, async () => {
      const [scenario] = SCENARIOS as [Scenario]
      const ever = Array.from({ length: 200 }, (_, at) => ({ append: at + 1, isWritten }))
      const { outcome, deaths } = await live(scenario, ever, snapshotEvery)
      assertEnded(scenario, outcome)
      console.log(deaths)
      assert.ok(deaths > 5, `only ${deaths} processes died`)
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
