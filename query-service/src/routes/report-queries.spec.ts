import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  cursorOf,
  isSearch,
  type Query,
  readAfter,
  readHoldStatus,
  readPlace,
  readPoints,
  readSearch,
  requireByDay,
} from './report-queries.ts'

const query = (search: string): Query => Object.fromEntries(new URLSearchParams(search))
const invalid = { code: 'INVALID_INPUT', status: 400 }
const NOTHING = { words: [], fromMs: undefined, toMs: undefined, city: undefined, country: undefined }

describe('What is asked of reports', () => {
  it('is a search when it names anything to search for', () => {
    for (const name of ['q', 'from', 'to', 'city', 'country']) assert.ok(isSearch(query(`${name}=x`)), name)
    for (const other of ['', 'limit=5&cursor=abc', 'q=']) assert.ok(!isSearch(query(other)), other)
  })

  it('is searched by words as they are kept, each once', () => {
    assert.deepEqual(readSearch(query('q=Đêm+đêm+ƯỚC!')), { ...NOTHING, words: ['dem', 'uoc'] })
    assert.deepEqual(readSearch(query('city=Thủ+Đức&country=vn')), { ...NOTHING, city: 'thu duc', country: 'VN' })
  })

  it('takes days and times, days beginning in UTC', () => {
    const { fromMs, toMs } = readSearch(query('from=2027-05-01&to=2027-05-02T01:30:00%2B02:00')) ?? {}
    assert.deepEqual([fromMs, toMs], [Date.UTC(2027, 4, 1), Date.UTC(2027, 4, 1, 23, 30)])
  })

  it('finds nothing where no word is left', () => {
    for (const search of ['q=%3F%21', 'q=+', 'city=-']) assert.equal(readSearch(query(search)), undefined, search)
  })

  it('is refused when it cannot be understood, or is too much', () => {
    const times = ['tomorrow', '2027-13-01', '2027-05-01T10:00', '1790000000000'].map((time) => `from=${time}`)
    const words = `q=${Array.from({ length: 13 }, (_, at) => `w${at}`).join('+')}`
    for (const search of [...times, words, `q=${'a'.repeat(201)}`, 'country=Germany', 'country=1A'])
      assert.throws(() => readSearch(query(search)), invalid, search)
    assert.throws(() => readSearch({ q: ['a', 'b'] }), invalid)
    for (const points of ['1', '1001', 'ten', '-5', '2.5']) assert.throws(() => readPoints({ points }), invalid, points)
    assert.throws(() => requireByDay({ by: 'hour' }), invalid)
    assert.throws(() => readHoldStatus({ status: 'lost' }), invalid)
  })

  it('has defaults', () => {
    assert.equal(readPoints({}), 200)
    assert.equal(readHoldStatus({}), undefined)
    requireByDay({})
    assert.equal(readAfter(undefined), undefined)
    assert.equal(readPlace(undefined), undefined)
  })

  it('goes on where the page before ended, whatever the order was by', () => {
    const decoded = (cursor: string): string => Buffer.from(cursor, 'base64url').toString()
    fc.assert(
      // Without the zero below zero, which no text tells from the other.
      fc.property(
        fc.float({ noNaN: true, noDefaultInfinity: true }).map((order) => order + 0),
        (order) => {
          assert.deepEqual(readAfter(decoded(cursorOf(`${order}|perf_1`))), { order, id: 'perf_1' })
        },
      ),
      { examples: [[1e-45], [0.6079271], [1_790_000_000_000]] },
    )
    assert.deepEqual(readPlace(decoded(cursorOf('1204.3'))), { offset: 1204, index: 3 })
  })

  it('refuses cursors that no page gave', () => {
    for (const after of ['', 'x', '1|', '|perf_1', 'NaN|perf_1', '1e999|perf_1', '1|a b', `1|${'a'.repeat(61)}`])
      assert.throws(() => readAfter(after), invalid, after)
    for (const after of ['', '5', '5.', '.5', '-1.0', '5.6.7', '9999999999999999.0']) assert.throws(() => readPlace(after), invalid, after)
  })
})
