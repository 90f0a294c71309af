import assert from 'node:assert/strict'
import { createHoldStore, type Hold, type HoldSink } from './holds.ts'

const held = (holdId: string, more: Partial<Hold> = {}): Hold => ({
  holdId,
  performanceId: 'perf_1',
  status: 'held',
  seats: [],
  quantity: 0,
  areas: [],
  total: { amount: 0, currency: 'EUR' },
  expiresAt: '2027-01-01T00:00:00.000Z',
  extensionsLeft: 1,
  ...more,
})

function openStore() {
  const sinks = new Map<string, HoldSink>()
  const versions: (string | undefined)[] = []
  let kept: readonly string[] = []
  let told = 0
  const store = createHoldStore({
    watch(holdId, minVersion, sink) {
      sinks.set(holdId, sink)
      versions.push(minVersion)
      return () => void sinks.delete(holdId)
    },
    keep: (holdIds) => {
      kept = holdIds
    },
  })
  store.subscribe(() => {
    told++
  })
  return { store, sinks, versions, kept: () => kept, told: () => told }
}

describe('The holds of a browser’s owner', () => {
  it('are the newest first, and remembered', () => {
    const { store, kept } = openStore()
    store.put(held('hold_a'))
    store.put(held('hold_b'))
    assert.deepEqual(
      store.all().map(({ holdId }) => holdId),
      ['hold_b', 'hold_a'],
    )
    assert.deepEqual(kept(), ['hold_b', 'hold_a'])
    store.put(held('hold_b', { status: 'released' }))
    assert.deepEqual(kept(), ['hold_a'], 'what came to nothing need not be found again')
  })

  it('are watched from the version on at which they were made, until they end', () => {
    const { store, sinks, versions } = openStore()
    store.put(held('hold_a'), 'seating/0/7')
    assert.deepEqual(versions, ['seating/0/7'])
    sinks.get('hold_a')?.onHold(held('hold_a', { extensionsLeft: 0 }))
    assert.equal(store.all()[0]?.extensionsLeft, 0)
    sinks.get('hold_a')?.onHold(held('hold_a', { status: 'expired' }))
    assert.equal(sinks.has('hold_a'), false)
    assert.equal(store.all()[0]?.status, 'expired')
  })

  it('are found again by their ids, and forgotten when they are somebody else’s', () => {
    const { store, sinks, told } = openStore()
    store.follow('hold_a')
    store.follow('hold_a')
    assert.equal(store.all().length, 0)
    sinks.get('hold_a')?.onHold(held('hold_a'))
    assert.equal(store.all().length, 1)
    sinks.get('hold_a')?.onUnknown()
    assert.deepEqual([store.all().length, sinks.size, told()], [0, 0, 2])
  })

  it('keep their array as long as nothing changes', () => {
    const { store } = openStore()
    store.put(held('hold_a'))
    assert.equal(store.all(), store.all())
  })
})
