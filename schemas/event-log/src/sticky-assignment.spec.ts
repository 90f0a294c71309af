import assert from 'node:assert/strict'
import { type GroupMember, shareOut, type TopicPartition } from './sticky-assignment.ts'

const topics = ['a.commands', 'b.commands']
const all = topics.flatMap((topic) => Array.from({ length: 8 }, (_, partition) => ({ topic, partition })))
const member = (id: string, owned: readonly TopicPartition[] = []): GroupMember => ({ id, topics, owned })
const keys = (owned: readonly TopicPartition[] | undefined) => (owned ?? []).map(({ topic, partition }) => `${topic}/${partition}`)

describe('shareOut', () => {
  it('gives each partition to exactly one member, and every member as many as any other, give or take one', () => {
    const result = shareOut(all, [member('x'), member('y'), member('z')])
    const given = [...result.values()].flatMap(keys)
    assert.equal(given.length, 16)
    assert.equal(new Set(given).size, 16)
    assert.deepEqual([...result.values()].map((owned) => owned.length).sort(), [5, 5, 6])
  })

  it('spreads each topic, not only the total', () => {
    const result = shareOut(all, [member('x'), member('y')])
    for (const owned of result.values()) assert.equal(owned.filter(({ topic }) => topic === 'a.commands').length, 4)
  })

  it('moves no more partitions to a newcomer than its share', () => {
    const before = shareOut(all, [member('x'), member('y')])
    const after = shareOut(all, [member('x', before.get('x')), member('y', before.get('y')), member('z')])
    for (const id of ['x', 'y']) {
      const kept = new Set(keys(before.get(id)))
      assert.ok(
        keys(after.get(id)).every((key) => kept.has(key)),
        `${id} got something new`,
      )
    }
    assert.equal(after.get('z')?.length, 5)
  })

  it('leaves what the others own alone when one member goes', () => {
    const before = shareOut(all, [member('x'), member('y'), member('z')])
    const after = shareOut(all, [member('x', before.get('x')), member('y', before.get('y'))])
    for (const id of ['x', 'y']) {
      const now = new Set(keys(after.get(id)))
      assert.ok(keys(before.get(id)).every((key) => now.has(key)))
    }
    assert.equal([...after.values()].flat().length, 16)
  })

  it('leaves a partition that two members claim with the one of the lower id', () => {
    const claim = [{ topic: 'a.commands', partition: 0 }]
    const result = shareOut(all, [member('y', claim), member('x', claim)])
    assert.ok(keys(result.get('x')).includes('a.commands/0'))
    assert.equal(new Set([...result.values()].flatMap(keys)).size, 16)
  })

  it('gives nobody a topic that it did not ask for', () => {
    const result = shareOut(all, [member('x'), { ...member('y'), topics: ['a.commands'] }])
    assert.equal([...result.values()].flatMap(keys).length, 16)
    assert.ok(keys(result.get('y')).every((key) => key.startsWith('a.')))
  })
})
