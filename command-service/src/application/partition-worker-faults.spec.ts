import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { commandIdOf } from '@cavea/contracts/ids'
import { eventually } from '@cavea/event-log/contract-tools'
import { LogUnavailableError } from '@cavea/event-log/errors'
import { faultyLog } from './faulty-log.spec.ts'
import {
  auditTiny,
  counted,
  decided,
  hastyClock,
  type Place,
  place,
  type Running,
  randomOf,
  replay,
  SEATING,
  start,
  take,
} from './worker-harness.spec.ts'

const SEEDS = [1, 2, 3, 4]

describe('The worker of a partition, when things go wrong', function () {
  this.timeout(60_000)
  let at: Place
  const running: Running[] = []

  beforeEach(async () => {
    at = await place()
  })
  afterEach(async () => {
    await Promise.allSettled(running.splice(0).map(({ stop }) => stop()))
    await at.remove()
  })
  const run = (...[from, change]: Parameters<typeof start>): Running => {
    const started = start(from, change)
    running.push(started)
    return started
  }

  /** Sends commands bit by bit; every fifth text and every seventh command comes again. */
  async function sendAll(count: number, random: () => number): Promise<void> {
    for (let sent = 0; sent < count; ) {
      const size = Math.min(count - sent, 1 + Math.floor(random() * 6))
      const commands = Array.from({ length: size }, (_, n) => {
        const number = sent + n
        if (number % 7 === 6) return take(`text ${number - 3}`, { commandId: commandIdOf('sent', String(number - 3)) })
        return take(`text ${number % 5 === 4 ? number - 2 : number}`, { commandId: commandIdOf('sent', String(number)) })
      })
      await at.log.append(SEATING.commands, 0, commands)
      sent += size
      await delay(random() * 4)
    }
  }
  const untilDecided = (count: number) => eventually(`${count} commands are decided`, async () => (await decided(at.log)).length >= count)

  async function assertOneTruth(workers: readonly Running[]): Promise<void> {
    await auditTiny(at.log)
    const [{ options }] = workers as [Running]
    const whole = await replay(options, at.log)
    for (const { options } of workers) {
      for await (const snapshot of options.snapshots.load(SEATING.events, 0))
        assert.equal((await replay(options, at.log, SEATING.events, snapshot)).hash(), whole.hash(), 'a snapshot holds what does not count')
    }
  }

  for (const seed of SEEDS) {
    it(`decides each command once and rightly while appends are lost, late, doubled, refused or unanswered (seed ${seed})`, async () => {
      const faulty = faultyLog(at.log, SEATING.events, seed, 0.5)
      const worker = run({ ...at, log: faulty.log }, { limits: { batchDecisionsMax: 3, snapshotEvery: 15 }, clock: hastyClock(seed) })
      await sendAll(150, randomOf(seed))
      await untilDecided(150)
      await worker.stop()
      await faulty.settled()
      await assertOneTruth([worker])
      assert.ok(worker.told.dropped.length > 0)
      const times = Object.values(faulty.faults).reduce((sum, count) => sum + count, 0)
      assert.ok(times > 10, `only ${times} faults came`)
    })
  }

  it('shares a partition with a rival without a wrong answer, and each command is decided once', async () => {
    const limits = { batchDecisionsMax: 2, snapshotEvery: 20 }
    const workers = ['a', 'b'].map((owner, n) => run(at, { owner, limits, clock: hastyClock(n) }))
    await sendAll(200, randomOf(5))
    await untilDecided(200)
    await Promise.all(workers.map(({ stop }) => stop()))
    await assertOneTruth(workers)
    const { voids } = await counted(at.log, SEATING.events)
    assert.ok(voids > 0, 'they never met')
  })

  for (const seed of SEEDS.slice(0, 2)) {
    it(`stays right with a rival, faults and restarts all at once (seed ${seed})`, async () => {
      const random = randomOf(seed + 100)
      const logs = ['a', 'b'].map((owner, n) => ({ owner, ...faultyLog(at.log, SEATING.events, seed + 10 * n, 0.3) }))
      const begin = ({ owner, log }: (typeof logs)[number]) =>
        run({ ...at, log }, { owner, limits: { batchDecisionsMax: 3, snapshotEvery: 12 }, clock: hastyClock(seed) })
      const workers = logs.map(begin)
      const sending = sendAll(200, random)
      for (let round = 0; round < 6; round++) {
        await delay(30 + random() * 60)
        const which = round % 2
        await workers[which]?.stop()
        const log = logs[which]
        if (log !== undefined) workers[which] = begin(log)
      }
      await sending
      await untilDecided(200)
      await Promise.all(workers.map(({ stop }) => stop()))
      for (const { settled } of logs) await settled()
      await assertOneTruth(workers)
    })
  }

  it('goes on by itself when the log was away for a while', async () => {
    let isAway = false
    const log = { ...faultyLog(at.log, SEATING.events, 1, 0).log }
    const away =
      <Args extends unknown[], Answer>(call: (...args: Args) => Promise<Answer>) =>
      (...args: Args): Promise<Answer> =>
        isAway ? Promise.reject(new LogUnavailableError('Away.')) : call(...args)
    const worker = run({ ...at, log: { ...log, append: away(log.append), endOffset: away(log.endOffset) } })
    await at.log.append(SEATING.commands, 0, [take('a')])
    await untilDecided(1)
    isAway = true
    await at.log.append(SEATING.commands, 0, [take('b')])
    await eventually('it noticed', () => worker.told.trouble.length >= 2)
    isAway = false
    await untilDecided(2)
    await auditTiny(at.log)
  })
})
