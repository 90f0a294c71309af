import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Expiring, ExpiryQueue } from './expiry-queue.ts'

const entry = (key: string, expiresAtMs: number): Expiring => ({ key, expiresAtMs, queueAt: -1 })
const inOrder = (entries: Iterable<Expiring>): Expiring[] =>
  [...entries].sort((a, b) => a.expiresAtMs - b.expiresAtMs || (a.key < b.key ? -1 : 1))
const keys = (entries: readonly Expiring[]): string[] => entries.map(({ key }) => key)

const OPERATION = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('add' as const), ms: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('remove' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('move' as const), which: fc.nat(), ms: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('due' as const), ms: fc.nat(20), max: fc.nat(6) }) },
)

describe('The expiry queue', () => {
  it('agrees with a sorted list after any adds, removals out of the middle and moves', () => {
    fc.assert(
      fc.property(fc.array(OPERATION, { maxLength: 120, size: 'max' }), (operations) => {
        const queue = new ExpiryQueue()
        const model = new Map<string, Expiring>()
        const pick = (which: number): Expiring | undefined => [...model.values()][which % Math.max(1, model.size)]
        for (const [at, operation] of operations.entries()) {
          switch (operation.what) {
            case 'add': {
              const added = entry(`key ${(at * 7) % 10}${at}`, operation.ms)
              model.set(added.key, added)
              queue.add(added)
              break
            }
            case 'remove': {
              const removed = pick(operation.which)
              if (removed === undefined) break
              model.delete(removed.key)
              queue.remove(removed)
              assert.equal(removed.queueAt, -1)
              break
            }
            case 'move': {
              const moved = pick(operation.which)
              if (moved === undefined) break
              moved.expiresAtMs = operation.ms
              queue.moved(moved)
              break
            }
            case 'due': {
              const due = inOrder(model.values()).filter(({ expiresAtMs }) => expiresAtMs <= operation.ms)
              assert.deepEqual(keys(queue.due(operation.ms, operation.max)), keys(due.slice(0, operation.max)))
              assert.deepEqual(keys(queue.due(operation.ms, Number.POSITIVE_INFINITY)), keys(due))
              break
            }
            default:
              operation satisfies never
          }
          assert.equal(queue.size, model.size)
          assert.equal(queue.first(), inOrder(model.values())[0])
        }
        while (queue.size > 0) {
          const first = queue.first()
          assert.equal(first, inOrder(model.values())[0])
          if (first === undefined) break
          queue.remove(first)
          model.delete(first.key)
        }
        assert.equal(model.size, 0)
      }),
      { numRuns: 300 },
    )
  })

  it('takes what expires in this very millisecond for due', () => {
    const queue = new ExpiryQueue()
    queue.add(entry('a', 100))
    assert.deepEqual(queue.due(99, 10), [])
    assert.deepEqual(keys(queue.due(100, 10)), ['a'])
  })

  it('refuses to take out what is not in it, instead of losing another entry', () => {
    const queue = new ExpiryQueue()
    const [first, second] = [entry('a', 1), entry('b', 2)]
    queue.add(first)
    queue.add(second)
    assert.throws(() => queue.remove(entry('c', 3)), new RangeError('c is not in the queue.'))
    queue.remove(first)
    assert.throws(() => queue.remove(first), new RangeError('a is not in the queue.'))
    assert.equal(queue.size, 1)
  })
})
