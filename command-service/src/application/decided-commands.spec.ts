import assert from 'node:assert/strict'
import { type CommandId, commandIdOf, epochMillis } from '@cavea/contracts/ids'
import { headAfter } from '@cavea/contracts/ledger'
import fc from 'fast-check'
import { type DecidedCommand, DecidedCommands, NO_BODY, REMEMBERED_MS } from './decided-commands.ts'

const idOf = (n: number): CommandId => commandIdOf('decided', String(n))
const decision = (n: number): DecidedCommand => ({
  bodyHash: n.toString(16).padStart(32, '0'),
  offset: n,
  head: headAfter(Buffer.from(String(n))),
})

/** The rule in plain words: the first decision of an id stays; before adding, those older than a day go; the oldest goes when it is full. */
class Model {
  entries: { readonly id: CommandId; readonly atMs: number; decided: DecidedCommand }[] = []
  readonly max: number
  constructor(max: number) {
    this.max = max
  }
  get(id: CommandId): DecidedCommand | undefined {
    return this.entries.find((entry) => entry.id === id)?.decided
  }
  add(id: CommandId, decided: DecidedCommand, atMs: number): void {
    if (this.get(id) !== undefined) return
    this.entries = this.entries.filter((entry) => entry.atMs >= atMs - REMEMBERED_MS)
    if (this.entries.length === this.max) this.entries.shift()
    this.entries.push({ id, atMs, decided })
  }
}

const STEP = fc.record({
  n: fc.nat(60),
  afterMs: fc.oneof(fc.constant(0), fc.nat(REMEMBERED_MS / 4), fc.constant(REMEMBERED_MS)),
  restore: fc.boolean(),
})

describe('The memory of decided commands', () => {
  it('agrees with its rule for any sequence of commands, times, sizes and restarts', () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 150, size: 'max' }), fc.integer({ min: 1, max: 12 }), (steps, max) => {
        let memory = new DecidedCommands(max)
        const model = new Model(max)
        let nowMs = 1_700_000_000_000
        for (const [at, { n, afterMs, restore }] of steps.entries()) {
          nowMs += afterMs
          memory.add(idOf(n), decision(at), epochMillis(nowMs))
          model.add(idOf(n), decision(at), nowMs)
          if (restore) memory = DecidedCommands.decode(memory.encode(), max)
          assert.equal(memory.size, model.entries.length)
        }
        for (let n = 0; n <= 60; n++) assert.deepEqual(memory.get(idOf(n)), model.get(idOf(n)))
      }),
    )
  })

  it('encodes to the same bytes, whether it grew, wrapped around or was restored', () => {
    const grown = new DecidedCommands(5_000)
    const wrapped = new DecidedCommands(2_500)
    for (let n = 0; n < 5_000; n++) {
      grown.add(idOf(n), decision(n), epochMillis(n * 1_000))
      wrapped.add(idOf(n), decision(n), epochMillis(n * 1_000))
    }
    assert.equal(grown.size, 5_000)
    assert.equal(wrapped.size, 2_500)
    for (const [memory, max] of [
      [grown, 5_000],
      [wrapped, 2_500],
    ] as const) {
      assert.deepEqual(DecidedCommands.decode(memory.encode(), max).encode(), memory.encode())
      assert.deepEqual(memory.get(idOf(4_999)), decision(4_999))
    }
    assert.equal(wrapped.get(idOf(2_499)), undefined)
    assert.deepEqual(wrapped.get(idOf(2_500)), decision(2_500))
    assert.deepEqual(grown.get(idOf(0)), decision(0))
  })

  it('loses nothing when it grows after it has wrapped around', () => {
    const memory = new DecidedCommands()
    const [yesterday, today] = [epochMillis(1_000), epochMillis(2_000 + REMEMBERED_MS)]
    for (let n = 0; n < 700; n++) memory.add(idOf(n), decision(n), n < 600 ? yesterday : today)
    for (let n = 700; n < 3_000; n++) memory.add(idOf(n), decision(n), today)
    assert.equal(memory.size, 2_400)
    for (let n = 0; n < 3_000; n++) assert.deepEqual(memory.get(idOf(n)), n < 600 ? undefined : decision(n), `command ${n}`)
    assert.deepEqual(DecidedCommands.decode(memory.encode()).encode(), memory.encode())
  })

  it('keeps an id for a day to the millisecond', () => {
    const memory = new DecidedCommands()
    memory.add(idOf(1), decision(1), epochMillis(1_000))
    memory.add(idOf(2), decision(2), epochMillis(1_000 + REMEMBERED_MS))
    assert.notEqual(memory.get(idOf(1)), undefined)
    memory.add(idOf(3), decision(3), epochMillis(1_001 + REMEMBERED_MS))
    assert.equal(memory.get(idOf(1)), undefined)
  })

  it('keeps the first decision of an id', () => {
    const memory = new DecidedCommands()
    memory.add(idOf(1), decision(1), epochMillis(1))
    memory.add(idOf(1), decision(2), epochMillis(2))
    assert.deepEqual(memory.get(idOf(1)), decision(1))
  })

  it('corrects the offset of the decision that a head names, and of no other', () => {
    const memory = new DecidedCommands()
    memory.add(idOf(1), decision(1), epochMillis(1))
    memory.moved(idOf(1), decision(2).head, 77)
    memory.moved(idOf(2), decision(2).head, 77)
    assert.equal(memory.get(idOf(1))?.offset, 1)
    memory.moved(idOf(1), decision(1).head, 77)
    assert.deepEqual(memory.get(idOf(1)), { ...decision(1), offset: 77 })
  })

  it('remembers a command without a body as one, also in a slot that another has used', () => {
    const memory = new DecidedCommands(1)
    memory.add(idOf(1), { ...decision(1), bodyHash: 'f'.repeat(32) }, epochMillis(1))
    memory.add(idOf(2), { ...decision(2), bodyHash: '' }, epochMillis(2))
    assert.equal(memory.get(idOf(2))?.bodyHash, NO_BODY)
  })
})
