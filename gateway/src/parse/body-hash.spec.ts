import assert from 'node:assert/strict'
import { canonicalJson, hashOfBytes, hashOfJson } from './body-hash.ts'

describe('the hash of a body', () => {
  it('does not depend on the order of fields or on spaces', () => {
    const one = JSON.parse('{"a":1,"b":{"c":[1,2],"d":null}}') as unknown
    const other = JSON.parse('{ "b": {"d":null, "c":[1, 2]}, "a": 1.0 }') as unknown
    assert.equal(hashOfJson(one), hashOfJson(other))
  })

  it('depends on the order of a list and on every value', () => {
    const hashes = [{ seats: [1, 2] }, { seats: [2, 1] }, { seats: ['1', 2] }, { seats: [1, 2], x: null }, {}, [], undefined].map(
      hashOfJson,
    )
    assert.equal(new Set(hashes).size, hashes.length)
  })

  it('is 16 bytes in hexadecimal', () => {
    assert.match(hashOfJson({}), /^[0-9a-f]{32}$/)
    assert.match(hashOfBytes(Buffer.from('x')), /^[0-9a-f]{32}$/)
  })

  it('of bytes depends on what else decides their meaning', () => {
    const bytes = Buffer.from('x')
    assert.notEqual(hashOfBytes(bytes, 'text/csv', 'a'), hashOfBytes(bytes, 'text/csv', 'b'))
    assert.notEqual(hashOfBytes(bytes, 'a', 'b'), hashOfBytes(bytes, 'ab', ''))
  })

  it('writes keys and text so that no two values look alike', () => {
    assert.equal(canonicalJson({ 'b"': 'x', a: '"' }), '{"a":"\\"","b\\"":"x"}')
  })
})
