import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type CartWish, type OpenCart, settles } from '@cavea/contracts/cart/messages'
import type { Actor } from '@cavea/contracts/envelope'
import type { HoldId } from '@cavea/contracts/ids'
import { topicsOf } from '@cavea/contracts/topics'
import { fileSnapshots } from '@cavea/event-log/snapshots'
import {
  AGREEING,
  assertAgreed,
  bestOf,
  type Client,
  chosen,
  clientOf,
  type Hall,
  ORGANISER,
  openCart,
  openHall,
  quiet,
  startAgreeing,
  truth,
} from './cart-harness.spec.ts'
import { type FaultyLog, faultyLog } from './faulty-log.spec.ts'
import { hastyClock, type Place, place, type Running, randomOf } from './worker-harness.spec.ts'

const CARTS = 24
const SECTIONS = ['stalls', 'balcony', 'gallery'] as const
const SHARDS = ['floor~0', 'floor~1', 'floor~2'] as const
const SEATS = 10
const HALL: Hall = {
  sections: [
    ...SECTIONS.map((sectionId) => ({ sectionId, seatCount: SEATS, blocked: [4] })),
    ...SHARDS.map((sectionId) => ({ sectionId, seatCount: 5, isStanding: true })),
  ],
}
const TOPICS = AGREEING.flatMap((context) => Object.values(topicsOf(context)) as string[])

describe('Two processes that both work for all carts and sections', function () {
  this.timeout(60_000)
  let at: Place
  const running: Running[] = []

  beforeEach(async () => {
    at = await place()
    await openHall(at, '', HALL)
  })
  afterEach(async () => {
    await stopAll()
    await at.remove()
  })
  const stopAll = () => Promise.all(running.splice(0).map(({ stop }) => stop()))

  /** Appends to every topic fail in every way. */
  function faulty(seed: number): { readonly log: Place['log']; readonly layers: readonly FaultyLog[] } {
    const layers: FaultyLog[] = []
    let { log } = at
    for (const [number, topic] of TOPICS.entries()) {
      const layer = faultyLog(log, topic, seed + number, 0.25)
      layers.push(layer)
      log = layer.log
    }
    return { log, layers }
  }

  for (const seed of [1, 2, 3]) {
    it(`agree on every cart, all or nothing, while appends go wrong in every way (seed ${seed})`, async () => {
      const random = randomOf(seed)
      const processes = ['a', 'b'].map((owner, number) => ({ owner, ...faulty(seed * 100 + number * 10) }))
      for (const { owner, log } of processes) {
        const snapshots = fileSnapshots(join(at.dir, `snapshots-${owner}`))
        const limits = { batchDecisionsMax: 3, snapshotEvery: 12 }
        running.push(...startAgreeing({ ...at, log }, { owner, snapshots, limits, clock: hastyClock(seed), topicPrefix: '' }))
      }
      const client = clientOf(at.log, '')
      await openAll(client, 'first', random)
      const first = await quiet(at.log, '')
      assertAgreed(first)

      const held = [...first.carts.carts.values()].map(({ holdId }) => holdId)
      assert.ok(held.length > 2, 'nobody got anything')
      await Promise.all([...held.flatMap((holdId) => goOn(client, holdId, random)), openAll(client, 'second', random)])
      await quiet(at.log, '')
      await stopAll()
      for (const { layers } of processes) for (const { settled } of layers) await settled()

      const end = await truth(at.log, '')
      assertAgreed(end)
      const answered = end.decisions.filter(({ events }) => settles(events))
      assert.equal(answered.length, 2 * CARTS, 'not every cart was answered once')
      assert.ok(
        answered.some(({ rejection }) => rejection !== null),
        'everybody got everything',
      )
      const faults = processes.flatMap(({ layers }) => layers.flatMap(({ faults }) => Object.values(faults)))
      const times = faults.reduce((sum, count) => sum + count, 0)
      assert.ok(times > 20, `only ${times} faults came`)
    })
  }
})

async function openAll(client: Client, name: string, random: () => number): Promise<void> {
  for (let number = 0; number < CARTS; number++) {
    const buyer: Actor = { kind: 'buyer', id: `buyer_${number % 5}` }
    await client.send(anyCart(random), `${name} ${number}`, buyer)
  }
}

/** A few carts let go, are sold or extended, or are left as they are; some are asked for two things at once. */
function goOn(client: Client, holdId: HoldId, random: () => number): Promise<unknown>[] {
  const types = (['ExtendCart', 'ReleaseCart', 'SellCart'] as const).filter(() => random() < 0.4)
  return types.map((type) => client.send({ type, holdId }, `${type} ${holdId}`, ORGANISER))
}

function anyCart(random: () => number): OpenCart {
  const below = (limit: number) => Math.floor(random() * limit)
  const seats = () => Array.from(new Set([below(SEATS), below(SEATS)]))
  const wishes: readonly (() => CartWish)[] = [
    () => chosen(...SECTIONS.filter(() => random() < 0.7).map((sectionId) => [sectionId, seats()] as const), ['floor~0', [below(5)]]),
    () => bestOf(SECTIONS, 1 + below(6)),
    () => bestOf(SHARDS, 1 + below(6), true),
  ]
  const limits = random() < 0.3 ? { purchaseLimit: 6, sectionLimit: 4 } : {}
  return openCart((wishes[below(wishes.length)] ?? assert.fail())(), limits)
}
