import assert from 'node:assert/strict'
import { fieldOf, instantOf } from './zoned-time.ts'

describe('A time that is typed in the time zone of the venue', () => {
  const MEANT: readonly (readonly [string, string, string])[] = [
    ['2027-05-01T19:30', 'Asia/Ho_Chi_Minh', '2027-05-01T12:30:00.000Z'],
    ['2027-05-01T19:30', 'UTC', '2027-05-01T19:30:00.000Z'],
    ['2027-01-15T20:00', 'Europe/Madrid', '2027-01-15T19:00:00.000Z'],
    ['2027-07-15T20:00', 'Europe/Madrid', '2027-07-15T18:00:00.000Z'],
    ['2027-01-01T00:15', 'Pacific/Auckland', '2026-12-31T11:15:00.000Z'],
    ['2027-11-07T23:00', 'America/New_York', '2027-11-08T04:00:00.000Z'],
  ]
  for (const [field, zone, instant] of MEANT)
    it(`means ${instant} when it is ${field} in ${zone}`, () => {
      assert.equal(instantOf(field, zone), instant)
      assert.equal(fieldOf(Date.parse(instant), zone), field)
    })

  it('means the first of two moments where clocks go back', () => {
    assert.equal(instantOf('2027-10-31T02:30', 'Europe/Berlin'), '2027-10-31T00:30:00.000Z')
  })

  it('means the moment after the jump where clocks go forward', () => {
    assert.equal(instantOf('2027-03-28T02:30', 'Europe/Berlin'), '2027-03-28T01:30:00.000Z')
  })

  for (const field of ['', '2027-05-01', '2027-02-30T10:00', '2027-05-01T25:00'])
    it(`means nothing when it is "${field}"`, () => assert.equal(instantOf(field, 'UTC'), undefined))
})
