import assert from 'node:assert/strict'
import { parseAmount } from './money-text.ts'

describe('An amount that an organiser types', () => {
  const READ: readonly (readonly [string, string, number])[] = [
    ['12', 'EUR', 1_200],
    ['12.5', 'EUR', 1_250],
    ['12,50', 'EUR', 1_250],
    ['1.250', 'EUR', 125_000],
    ['1,250.00', 'EUR', 125_000],
    ['1.250,00', 'EUR', 125_000],
    ['1.250.000', 'EUR', 125_000_000],
    ['1 250,5', 'EUR', 125_050],
    ['125.000', 'VND', 125_000],
    ['125000', 'VND', 125_000],
    ['1.250', 'KWD', 1_250],
    ['0', 'TRY', 0],
  ]
  for (const [text, currency, minor] of READ)
    it(`is ${minor} minor units of ${currency} when it says "${text}"`, () => assert.equal(parseAmount(text, currency), minor))

  for (const text of ['', 'free', '-5', '12.5.0', '1,2,3', '12,345.678', '.', '99999999999999999999'])
    it(`is refused when it says "${text}"`, () => assert.equal(parseAmount(text, 'EUR'), undefined))
})
