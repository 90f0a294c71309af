import assert from 'node:assert/strict'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { commandIdOf } from '@cavea/contracts/ids'
import { emptyHead } from '@cavea/contracts/ledger'
import { eventually } from '@cavea/event-log/contract-tools'
import { fileSnapshots } from '@cavea/event-log/snapshots'
import {
  auditTiny,
  codec,
  counted,
  decided,
  encoded,
  hashOfBody,
  type Place,
  POISON_FOR_DECIDE,
  POISON_FOR_EVOLVE,
  POISON_ONCE,
  place,
  type Running,
  replay,
  SEATING,
  start,
  take,
} from './worker-harness.spec.ts'

describe('The worker of a partition', function () {
  this.timeout(40_000)
  let at: Place
  const running: Running[] = []

  beforeEach(async () => {
    at = await place()
  })
  afterEach(async () => {
    await Promise.allSettled(running.splice(0).map(({ stop }) => stop()))
    await at.remove()
  })

  const run = (...args: Parameters<typeof start> extends [unknown, ...infer Rest] ? Rest : never): Running => {
    const started = start(at, ...args)
    running.push(started)
    return started
  }
  const send = (...commands: readonly Buffer[]) => at.log.append(SEATING.commands, 0, commands)
  const sendTexts = (...texts: readonly string[]) => send(...texts.map((text) => take(text)))
  const untilDecided = (count: number) => eventually(`${count} commands are decided`, async () => (await decided(at.log)).length >= count)
  const outcomes = async () => (await decided(at.log)).map(({ decision: { outcome, rejection } }) => rejection?.code ?? outcome)
  const numbered = (count: number, prefix = ''): string[] => Array.from({ length: count }, (_, n) => `${prefix}${n}`)

  it('decides what was waiting and what comes, each command once and in order', async () => {
    await sendTexts(...numbered(60))
    run({ limits: { batchDecisionsMax: 7 } })
    for (let n = 0; n < 20; n++) await sendTexts(`later ${n}`, '5')
    await untilDecided(100)
    const decisions = await auditTiny(at.log)
    assert.equal(decisions.filter(({ decision }) => decision.rejection?.code === 'HOLD_NOT_FOUND').length, 20)
  })

  it('records who decides, and by which rules, before it decides', async () => {
    await sendTexts('a')
    run()
    await untilDecided(1)
    const [first, second] = (await counted(at.log, SEATING.events)).decisions
    assert.equal(first?.decision.outcome, 'started')
    assert.deepEqual(first.decision.envelope.actor, { kind: 'system', id: 'worker-a' })
    assert.equal(second?.decision.ruleVersion, 7)
  })

  it('gives decisions times that never go back', async () => {
    run()
    for (let n = 0; n < 10; n++) await sendTexts(`${n}`)
    await untilDecided(10)
    const times = (await decided(at.log)).map(({ decision }) => decision.atMs)
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    )
  })

  describe('when a command id comes again', () => {
    const commandId = commandIdOf('one intent')

    it('answers with a duplicate that names the first decision by its offset and its hash', async () => {
      run()
      await send(take('a', { commandId }))
      await untilDecided(1)
      await send(take('b'), take('a', { commandId }))
      await untilDecided(3)
      const [first, , again] = await auditTiny(at.log)
      assert.deepEqual(again?.decision.duplicateOf, { offset: first?.offset, head: first?.head })
      assert.deepEqual(again?.decision.events, [])
    })

    it('knows it within one batch too, and names a refusal as well as a grant', async () => {
      await send(take('a'), take('a', { commandId }), take('a', { commandId }), take('a', { commandId }))
      run()
      await untilDecided(4)
      await auditTiny(at.log)
      assert.deepEqual(await outcomes(), ['accepted', 'HOLD_NOT_FOUND', 'duplicate', 'duplicate'])
    })

    it('refuses it with another body, and keeps the first answer', async () => {
      await send(take('a', { commandId, bodyHash: hashOfBody('a') }), take('b', { commandId, bodyHash: hashOfBody('b') }))
      await send(take('a', { commandId, bodyHash: hashOfBody('a') }), take('b', { commandId, bodyHash: '' }))
      run()
      await untilDecided(4)
      assert.deepEqual(await outcomes(), ['accepted', 'IDEMPOTENCY_KEY_REUSED', 'duplicate', 'IDEMPOTENCY_KEY_REUSED'])
    })

    it('takes commands without a body for the same', async () => {
      await send(take('a', { commandId, bodyHash: '' }), take('a', { commandId, bodyHash: '' }))
      run()
      await untilDecided(2)
      assert.deepEqual(await outcomes(), ['accepted', 'duplicate'])
    })

    it('remembers it over a restart, from a snapshot and without one', async () => {
      await send(take('a', { commandId }))
      const first = run()
      await untilDecided(1)
      await first.stop()
      await send(take('a', { commandId }))
      const second = run()
      await untilDecided(2)
      await second.stop()
      await send(take('a', { commandId }))
      run({ snapshots: fileSnapshots(join(at.dir, 'none')) })
      await untilDecided(3)
      await auditTiny(at.log)
    })
  })

  it('records bytes that are no command as unreadable and goes on', async () => {
    const good = take('a')
    const noId = take('b', { commandId: 'cmd_short' as never })
    const foreign = encoded('catalog', { type: 'PublishSeatMap', seatMapId: 'seatmap_1' })
    await send(Buffer.from('junk'), Buffer.alloc(0), good.subarray(0, 40), Buffer.concat([good, Buffer.from('more')]), noId, foreign, good)
    const { told } = run()
    await untilDecided(7)
    assert.deepEqual(await outcomes(), [...new Array<string>(6).fill('COMMAND_UNREADABLE'), 'accepted'])
    assert.deepEqual(told.unreadable, [0, 1, 2, 3, 4, 5])
  })

  describe('when the decider throws', () => {
    for (const poison of [POISON_FOR_DECIDE, POISON_FOR_EVOLVE]) {
      it(`sets the command aside that ${poison}, the second time, and no other`, async () => {
        await sendTexts('a', 'b', poison, 'c', 'a')
        const { told, worker, options } = run()
        await untilDecided(5)
        assert.deepEqual(await outcomes(), ['accepted', 'accepted', 'COMMAND_QUARANTINED', 'accepted', 'HOLD_NOT_FOUND'])
        assert.deepEqual(told.quarantined, [2])
        await eventually('the state is back', () => worker.state?.commandOffset === 4)
        assert.deepEqual(worker.state?.domain, { taken: ['a', 'b', 'c'] })
        assert.equal(worker.state?.hash(), (await replay(options, at.log)).hash())
      })
    }

    it('tries once more, because what ailed it may have been its memory', async () => {
      await sendTexts('a', POISON_ONCE, 'b')
      const { told } = run()
      await untilDecided(3)
      assert.deepEqual(await outcomes(), ['accepted', 'accepted', 'accepted'])
      assert.deepEqual(told.quarantined, [])
    })

    it('gives the same answer to the same command once it was set aside', async () => {
      const commandId = commandIdOf('poison')
      await send(take(POISON_FOR_DECIDE, { commandId }), take(POISON_FOR_DECIDE, { commandId }))
      run()
      await untilDecided(2)
      assert.deepEqual(await outcomes(), ['COMMAND_QUARANTINED', 'duplicate'])
    })
  })

  describe('when somebody else writes void records into its partition', () => {
    const zombie = async () => {
      const [first] = await decided(at.log)
      assert.ok(first !== undefined)
      return codec.encodeDecision({ ...first.decision, link: emptyHead(SEATING.events, 0), commandOffset: 99 })
    }

    it('goes on without dropping anything, and names its decisions at their true offsets', async () => {
      const { told, worker, options } = run()
      await sendTexts('a')
      await untilDecided(1)
      const late = await zombie()
      const commandId = commandIdOf('after the zombie')
      for (let n = 0; n < 5; n++) {
        await at.log.append(SEATING.events, 0, [late, Buffer.from('no record at all')])
        await send(take(`b${n}`, { commandId: commandIdOf('after', String(n)) }))
        await untilDecided(2 + n)
      }
      await send(take('again', { commandId }))
      await untilDecided(7)
      const { decisions, voids } = await counted(at.log, SEATING.events)
      assert.equal(voids, 10)
      assert.deepEqual(told.dropped, [])
      for (const { offset, head, decision } of decisions) {
        if (decision.outcome === 'started') continue
        assert.deepEqual(worker.state?.decided.get(decision.envelope.commandId), { bodyHash: decision.envelope.bodyHash, offset, head })
      }
      assert.equal(worker.state?.hash(), (await replay(options, at.log)).hash())
    })

    it('writes its true place into the snapshot', async () => {
      const first = run()
      await sendTexts('a')
      await untilDecided(1)
      await at.log.append(SEATING.events, 0, [await zombie()])
      await sendTexts('b')
      await untilDecided(2)
      await first.stop()
      for await (const { start } of first.options.snapshots.load(SEATING.events, 0)) {
        assert.equal(start.offset, await at.log.endOffset(SEATING.events, 0))
        assert.equal(start.head, (await counted(at.log, SEATING.events)).position.head)
      }
    })
  })

  describe('when it is stopped and started again', () => {
    it('goes on after the last decision that counts', async () => {
      for (let round = 0; round < 4; round++) {
        const { stop } = run()
        await sendTexts(...numbered(10, `${round} `))
        await untilDecided(10 * (round + 1))
        await stop()
      }
      await auditTiny(at.log)
    })

    it('starts from the snapshot that it left, and folds nothing twice', async () => {
      const first = run()
      await sendTexts(...numbered(50))
      await untilDecided(50)
      await first.stop()
      assert.equal(first.told.snapshots.length, 1)
      const second = run()
      await sendTexts('a')
      await untilDecided(51)
      assert.deepEqual(second.told.folded, [0])
      assert.equal(second.worker.state?.hash(), (await replay(second.options, at.log)).hash())
    })

    it('takes a snapshot every so many decisions, of what counts alone', async () => {
      const { told, options } = run({ limits: { snapshotEvery: 10, batchDecisionsMax: 4 } })
      for (let n = 0; n < 12; n++) await sendTexts(...numbered(5, `${n} `))
      await untilDecided(60)
      await eventually('snapshots were taken', () => told.snapshots.length >= 3)
      const whole = (await replay(options, at.log)).hash()
      for await (const snapshot of options.snapshots.load(SEATING.events, 0))
        assert.equal((await replay(options, at.log, SEATING.events, snapshot)).hash(), whole)
    })

    it('has the same state from the newest snapshot, from the older one when that is damaged, and from the log when both are', async () => {
      for (let round = 0; round < 2; round++) {
        const { stop } = run()
        await sendTexts(...numbered(20, `${round} `))
        await untilDecided(20 * (round + 1))
        await stop()
      }
      const folder = join(at.dir, 'snapshots', SEATING.events, '0')
      const folds: number[] = []
      for (let damaged = 0; damaged <= 2; damaged++) {
        const files = (await readdir(folder)).sort().reverse()
        assert.equal(files.length, 2)
        const intact = await Promise.all(files.map(async (file) => [file, await readFile(join(folder, file))] as const))
        for (const [file, bytes] of intact.slice(0, damaged)) {
          const altered = Buffer.from(bytes)
          altered[altered.length - 9] = (altered.at(-9) ?? 0) ^ 1
          await writeFile(join(folder, file), altered)
        }
        const { worker, options, told, ended } = run()
        await eventually('it decides again', () => worker.status === 'deciding')
        folds.push(told.folded[0] ?? -1)
        assert.equal(worker.state?.hash(), (await replay(options, at.log)).hash())
        worker.stop()
        await ended
        for (const file of await readdir(folder)) await rm(join(folder, file)) // Only the files from before serve the next round.
        for (const [file, bytes] of intact) await writeFile(join(folder, file), bytes)
      }
      const [newest = -1, older = -1, none = -1] = folds
      assert.equal(newest, 0)
      assert.ok(older > newest && none > older, `folded ${folds.join(', ')}`)
    })

    it('does not read a snapshot of other rules, and folds the log instead', async () => {
      const first = run()
      await sendTexts('a', 'b')
      await untilDecided(2)
      await first.stop()
      const { decider } = first.options
      const second = run({ decider: { ...decider, ruleVersion: decider.ruleVersion + 1 } })
      await eventually('it decides again', () => second.worker.status === 'deciding')
      assert.equal(second.told.folded[0], 3)
      assert.deepEqual(second.worker.state?.domain, { taken: ['a', 'b'] })
    })

    for (const [what, change] of [
      ['has counted more than the log holds', { offset: 1_000 }],
      ['names another record than the one that stands in its place', { head: emptyHead('another log', 0) }],
    ] as const) {
      it(`refuses to decide when a snapshot ${what}`, async () => {
        const first = run()
        await sendTexts('a')
        await untilDecided(1)
        await first.stop()
        const state = first.worker.state
        assert.ok(state !== undefined)
        state.position = { ...state.position, ...change }
        await first.options.snapshots.save(SEATING.events, 0, state.snapshot())
        const { ended, told, worker } = run()
        await assert.rejects(ended, { code: 'LEDGER_BROKEN' })
        assert.equal(worker.status, 'failed')
        assert.equal(told.failed.length, 1)
        assert.equal((await decided(at.log)).length, 1)
      })
    }

    it('refuses to decide when commands were lost that it has decided', async () => {
      const first = run()
      await sendTexts('a')
      await untilDecided(1)
      await first.stop()
      const [{ decision }] = (await decided(at.log)) as [Awaited<ReturnType<typeof decided>>[number]]
      const { position } = await counted(at.log, SEATING.events)
      await at.log.append(SEATING.events, 0, [codec.encodeDecision({ ...decision, link: position.head as never, commandOffset: 50 })])
      await assert.rejects(run().ended, { code: 'OFFSET_OUT_OF_RANGE' })
    })
  })
})
