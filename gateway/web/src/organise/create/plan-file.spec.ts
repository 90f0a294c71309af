import assert from 'node:assert/strict'
import { bodyOf, readPlanFile } from './plan-file.ts'

describe('A file that an organiser drops', () => {
  const READ: readonly (readonly [string, string, string, string])[] = [
    ['hall.json', '{"zones": []}', 'hall', 'application/json'],
    ['Großer Saal.csv', 'section,row,number\n', 'Großer Saal', 'text/csv'],
    ['export.txt', '\uFEFF  {"sections": []}', 'export', 'application/json'],
    ['plan', 'Zone;Row;Seat', 'plan', 'text/csv'],
    ['.json', '[]', 'Seating plan', 'application/json'],
  ]
  for (const [name, text, called, type] of READ)
    it(`is ${type} and called "${called}" when it is "${name}"`, async () => {
      const file = await readPlanFile(new File([text], name))
      assert.equal(file.name, called)
      const body = bodyOf(file)
      assert.equal(body.type, type)
      assert.equal(await body.text(), text.replace('\uFEFF', ''))
    })
})
