import assert from 'node:assert/strict'
import { PROJECTIONS } from './all.ts'

const OF_EVERY_ROW = ['_id', 'source', 'version']

describe('The read models', () => {
  it('have names of their own, and so have their tables in each store', () => {
    const names = PROJECTIONS.map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
    for (const kind of ['documents', 'tables']) {
      const tables = PROJECTIONS.filter(({ store }) => store === kind).flatMap((projection) => projection.tables.map(({ name }) => name))
      assert.ok(tables.length > 0)
      assert.equal(new Set(tables).size, tables.length)
    }
  })

  it('leave to the store what it adds to every row, and have their keys among their columns', () => {
    for (const { tables } of PROJECTIONS)
      for (const { name, key, columns } of tables) {
        assert.ok(key.length > 0)
        for (const column of key) assert.ok(Object.hasOwn(columns, column), `${name} has no column ${column}`)
        for (const column of OF_EVERY_ROW) assert.ok(!Object.hasOwn(columns, column), `${name} has a column ${column} of its own`)
        for (const column of Object.keys(columns)) assert.match(column, /^[a-z][a-z0-9_]*$/, name)
      }
  })
})
