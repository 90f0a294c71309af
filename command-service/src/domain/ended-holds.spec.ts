import assert from 'node:assert/strict'
import { epochMillis } from '@cavea/contracts/ids'
import { addEnded, ENDED_HOLDS_MAX, ENDED_HOLDS_SLACK, type EndedHold } from './ended-holds.ts'

const HOLD: EndedHold = { status: 'released', buyer: 'buyer_anna', organisation: 'org_opera', atMs: epochMillis(100) }

/** Holds 0, 1, 2 and so on that ended in this order. */
function ended(count: number): Map<string, EndedHold> {
  const all = new Map<string, EndedHold>()
  for (let hold = 0; hold < count; hold++) addEnded(all, `${hold}`, HOLD)
  return all
}

describe('Ended holds', () => {
  it('are remembered as they are told', () => {
    const all = ended(1)
    const expired: EndedHold = { ...HOLD, status: 'expired', atMs: epochMillis(200) }
    addEnded(all, 'another', expired)
    assert.deepEqual(
      [...all],
      [
        ['0', HOLD],
        ['another', expired],
      ],
    )
  })

  it('are all remembered up to the last one that there is room for', () => {
    const all = ended(ENDED_HOLDS_MAX + ENDED_HOLDS_SLACK)
    assert.equal(all.size, ENDED_HOLDS_MAX + ENDED_HOLDS_SLACK)
  })

  it('are forgotten many at once, the oldest first, and the one that was too many is not among them', () => {
    const count = ENDED_HOLDS_MAX + ENDED_HOLDS_SLACK + 1
    const all = ended(count)
    assert.equal(all.size, ENDED_HOLDS_MAX)
    const [oldest] = all.keys()
    assert.equal(oldest, `${count - ENDED_HOLDS_MAX}`)
    assert.ok(all.has(`${count - 1}`))
  })
})
