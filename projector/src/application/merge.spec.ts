import assert from 'node:assert/strict'
import type { Value } from '@cavea/contracts/read-models/table'
import fc from 'fast-check'
import { type DecisionChanges, mergeChanges } from './merge.ts'
import { createRowSet } from './row-set.ts'

const TABLES = { store: 'documents', tables: [{ name: 'halls', key: ['hall'], columns: { hall: 'text', a: 'json' } }] } as const
const change = (hall: string, set: Readonly<Record<string, Value>>) => ({ table: 'halls', key: [hall], set })

describe('Merging the changes of a batch', () => {
  it('leaves one change of each key, with the version of the decision that changed it last', () => {
    const decisions = [
      { offset: 3, changes: [change('opera', { a: 1, b: 1 }), change('arena', { a: 1 })] },
      { offset: 5, changes: [] },
      { offset: 7, changes: [change('opera', { b: 2, c: 2 })] },
    ]
    assert.deepEqual(mergeChanges('catalog/2', decisions), [
      { table: 'halls', key: ['opera'], set: { a: 1, b: 2, c: 2 }, source: 'catalog/2', version: 7 },
      { table: 'halls', key: ['arena'], set: { a: 1 }, source: 'catalog/2', version: 3 },
    ])
  })

  it('puts a path into the whole that was set before, and lets a later whole win over paths', () => {
    const [into] = mergeChanges('s/0', [
      { offset: 0, changes: [change('opera', { a: { x: 1 } })] },
      { offset: 1, changes: [change('opera', { 'a.y.z': 2 })] },
    ])
    assert.deepEqual(into?.set, { a: { x: 1, y: { z: 2 } } })
    const [over] = mergeChanges('s/0', [
      { offset: 0, changes: [change('opera', { 'a.x': 1, 'a.y.z': 2, ab: 3 })] },
      { offset: 1, changes: [change('opera', { a: null })] },
    ])
    assert.deepEqual(over?.set, { ab: 3, a: null })
  })

  it('changes nothing that it was given', () => {
    const first = { a: { x: 1 } }
    const decisions = [
      { offset: 0, changes: [change('opera', first)] },
      { offset: 1, changes: [change('opera', { 'a.y': 2 })] },
    ]
    mergeChanges('s/0', decisions)
    assert.deepEqual(first, { a: { x: 1 } })
  })

  it('comes to the same rows however the decisions are cut into batches', () => {
    const path = fc.constantFrom('a', 'a.x', 'a.x.y', 'a.7', 'b')
    const value: fc.Arbitrary<Value> = fc.oneof(fc.nat(3), fc.constant({ x: { y: 0 } }), fc.constant({}))
    const one = fc.tuple(fc.constantFrom('opera', 'arena'), path, value)
    fc.assert(
      fc.property(fc.array(fc.array(one, { maxLength: 2 }), { maxLength: 12 }), fc.array(fc.integer({ min: 1, max: 5 })), (said, cuts) => {
        // A scalar where another decision has a path would be refused, which is another matter.
        const decisions: DecisionChanges[] = said.map((changes, offset) => ({
          offset,
          changes: changes.map(([hall, field, inner]) =>
            change(hall, { [field]: field === 'a' || field === 'a.x' ? { y: offset } : inner }),
          ),
        }))
        const singly = createRowSet(TABLES)
        for (const { offset, changes } of decisions)
          for (const merged of mergeChanges('s/0', [{ offset, changes: changes.filter(isPlain) }])) singly.apply(merged)
        const batched = createRowSet(TABLES)
        for (let at = 0, cut = 0; at < decisions.length; cut++) {
          const size = cuts[cut % Math.max(1, cuts.length)] ?? 3
          const batch = decisions.slice(at, at + size).map(({ offset, changes }) => ({ offset, changes: changes.filter(isPlain) }))
          for (const merged of mergeChanges('s/0', batch)) batched.apply(merged)
          at += size
        }
        assert.deepEqual(batched.rows('halls'), singly.rows('halls'))
      }),
    )
  })
})

/** Without those that need an object where another change puts a number. */
const isPlain = ({ set }: { readonly set: Readonly<Record<string, Value>> }): boolean => !Object.hasOwn(set, 'a.x.y')
