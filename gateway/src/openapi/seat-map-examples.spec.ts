import assert from 'node:assert/strict'
import { parseSeatMap } from '../parse/seat-map/parse-seat-map.ts'
import { SEAT_MAP_EXAMPLES } from './seat-map-examples.ts'

describe('The seat maps that the API shows', () => {
  for (const [mediaType, example] of Object.entries(SEAT_MAP_EXAMPLES))
    it(`can be imported as ${mediaType}`, () => {
      const parsed = parseSeatMap(mediaType, typeof example === 'string' ? example : JSON.stringify(example), { name: 'Hall' })
      assert.equal(parsed.outcome, 'parsed', JSON.stringify(parsed))
      assert.deepEqual(parsed.warnings, [])
      assert.ok(parsed.plan.sections.some(({ standing }) => standing?.capacity === 120))
      assert.ok(parsed.plan.sections.some(({ rows }) => rows.some(({ table }) => table === 'whole')))
    })
})
