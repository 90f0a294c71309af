import assert from 'node:assert/strict'
import { epochMillis } from '@cavea/contracts/ids'
import { decodeState, encodeState } from './codec.ts'
import { ANNA, blocked, blockNamed, held, holdNamed, opened } from './examples.ts'
import { evolve, initialState, type SeatingState } from './state.ts'

/** What is left of a section with one claim when the section itself is lost. */
function torn(claim: ReturnType<typeof held> | ReturnType<typeof blocked>): SeatingState {
  const state = initialState()
  evolve(state, opened(), epochMillis(100))
  evolve(state, claim, epochMillis(110))
  state.sections.clear()
  return state
}

describe('A snapshot of seating', () => {
  it('is not read where it has holds or blocks of a section that it does not have', () => {
    for (const claim of [held(holdNamed('anna', 110), [1], 1_110), blocked(blockNamed('desk', 110), 1)])
      assert.throws(() => decodeState(encodeState(torn(claim))), new RangeError('The snapshot has no section -1.'))
  })

  it('has the name of a buyer once, however many holds are the buyer’s', () => {
    const state = initialState()
    const holds = [1, 2, 3].map((seat) => held(holdNamed(`hold ${seat}`, 110), [seat], 1_110))
    for (const event of [opened(), ...holds]) evolve(state, event, epochMillis(110))
    assert.equal(encodeState(state).toString('latin1').split(ANNA.id).length - 1, 1)
  })

  it('is not read where its end is lost', () => {
    const bytes = encodeState(initialState())
    assert.throws(() => decodeState(bytes.subarray(0, -1)))
  })
})
