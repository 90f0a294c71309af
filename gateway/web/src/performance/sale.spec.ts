import assert from 'node:assert/strict'
import { saleOf } from './sale.ts'

const at = (hour: number): string => new Date(Date.UTC(2027, 4, 1, hour)).toISOString()
const ms = (hour: number): number => Date.UTC(2027, 4, 1, hour)
const terms = { status: 'scheduled', startsAt: at(20), endsAt: at(22), saleStartsAt: at(10), saleEndsAt: at(19) }

describe('The sale of a performance', () => {
  it('opens in the millisecond that was said, and closes so', () => {
    assert.deepEqual(saleOf(terms, ms(10) - 1), { state: 'before', opensAtMs: ms(10) })
    assert.deepEqual(saleOf(terms, ms(10)), { state: 'open', closesAtMs: ms(19) })
    assert.equal(saleOf(terms, ms(19) - 1).state, 'open')
    assert.equal(saleOf(terms, ms(19)).state, 'closed')
  })

  it('is open at once and until the end where no times are said', () => {
    const open = { ...terms, saleStartsAt: null, saleEndsAt: null }
    assert.deepEqual(saleOf(open, 0), { state: 'open', closesAtMs: null })
    assert.equal(saleOf(open, ms(22)).state, 'over')
    assert.equal(saleOf({ ...open, endsAt: null }, ms(20)).state, 'over')
  })

  it('waits until all sections are open', () => {
    assert.equal(saleOf({ ...terms, status: 'opening' }, ms(11)).state, 'preparing')
    assert.equal(saleOf({ ...terms, status: 'opening' }, ms(23)).state, 'over')
  })
})
