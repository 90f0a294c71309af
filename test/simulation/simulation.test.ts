import assert from 'node:assert/strict'
import { GATEWAY_BUGS } from './gateway-bugs.ts'
import { playMany } from './many.ts'
import { FAULTS, optionsOf } from './options.ts'
import { describeResult } from './report.ts'
import { NEXT_VERSION, simulate } from './run.ts'
import { shrink } from './shrink.ts'
import { Tally } from './tally.ts'
import { DEATH_AMID_CARTS } from './world.ts'

const SEEDS = 2_000
const FIRST = 1
/** So often each fault happens, and each decision comes about, at least, else the seeds prove little. */
const HAPPENS_MIN = 20

const DECIDED = [
  ...['SectionOpened', 'SectionRevised', 'SeatsHeld', 'PartRefused', 'HoldExtended', 'HoldReleased', 'HoldExpired', 'SeatsSold'],
  ...['SeatsBlocked', 'SeatsUnblocked', 'CartOpened', 'PartRequested', 'PartGranted', 'PartDenied', 'CartOverdue', 'PartReturned'],
  ...['CartHeld', 'CartRefused', 'CartExtended', 'CartReleased', 'CartExpired', 'CartSold', 'duplicate', 'IDEMPOTENCY_KEY_REUSED'],
  ...[
    'SEAT_UNAVAILABLE',
    'NOT_ENOUGH_SEATS',
    'SEATS_NOT_TOGETHER',
    'TABLE_SOLD_WHOLE',
    'PURCHASE_LIMIT',
    'SECTION_LIMIT',
    'SALE_NOT_OPEN',
    'PART_UNANSWERED',
  ],
  ...[
    'HOLD_NOT_FOUND',
    'HOLD_EXPIRED',
    'HOLD_RELEASED',
    'HOLD_SOLD',
    'HOLD_NOT_EXTENDABLE',
    'BLOCK_NOT_FOUND',
    'NOT_PERMITTED',
    NEXT_VERSION,
  ],
]

describe('the simulation', () => {
  it('plays a seed the same way twice', async () => {
    for (const seed of [3, 17, 92, 401]) {
      const [once, again] = [await simulate(optionsOf(seed)), await simulate(optionsOf(seed))]
      assert.equal(again.historyHash, once.historyHash, `seed ${seed}`)
      assert.deepEqual(again.trace, once.trace)
    }
  })

  it('plays a seed in another process as in this one', async () => {
    const hashes = new Map<number, string>()
    await playMany({ from: 5, count: 3 }, ({ seed, historyHash }) => hashes.set(seed, historyHash))
    for (const seed of [5, 6, 7]) assert.equal((await simulate(optionsOf(seed))).historyHash, hashes.get(seed), `seed ${seed}`)
  })

  it('plays other worlds for other seeds', async () => {
    const [one, other] = [await simulate(optionsOf(3)), await simulate(optionsOf(4))]
    assert.notEqual(one.historyHash, other.historyHash)
  })

  it(`finds every invariant kept and the model confirmed in ${SEEDS} seeds, in which all faults and all decisions happen`, async function () {
    this.timeout(900_000)
    const tally = new Tally()
    await playMany({ from: FIRST, count: SEEDS }, (played) => tally.add(played))
    const failed = tally.failed.map(({ seed }) => seed).sort((a, b) => a - b)
    const [first] = failed
    if (first !== undefined) {
      const smaller = await shrink(optionsOf(first))
      assert.fail(`${failed.length} seeds failed: ${failed.slice(0, 20).join()}\n${describeResult(smaller.options, smaller.result)}`)
    }
    const times = (name: string): number => (tally.faults.get(name) ?? 0) + (tally.kinds.get(name) ?? 0)
    const rare = [...FAULTS, DEATH_AMID_CARTS, ...DECIDED].filter((name) => times(name) < HAPPENS_MIN)
    assert.deepEqual(rare, [], 'what hardly ever happened')
    assert.ok(tally.voids > SEEDS, `only ${tally.voids} records were void`)
  })

  it('makes a failing world smaller, and it still fails', async function () {
    this.timeout(300_000)
    const [plant] = GATEWAY_BUGS
    const options = optionsOf(FIRST)
    const smaller = await shrink(options, plant)
    assert.equal(smaller.result.violation?.invariant, 'I2')
    assert.ok(smaller.options.script.length < options.script.length)
    assert.ok(FAULTS.every((fault) => smaller.options.faults[fault] === 0))
    const again = await simulate(smaller.options, plant)
    assert.deepEqual(again.violation, smaller.result.violation)
  })
})
