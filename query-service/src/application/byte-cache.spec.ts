import assert from 'node:assert/strict'
import { createByteCache } from './byte-cache.ts'

describe('The byte cache', () => {
  it('encodes once per version', () => {
    const cache = createByteCache(1_000)
    let encoded = 0
    const get = (version: number): string => cache.get('stalls', version, () => Buffer.from(`v${version} ${++encoded}`)).toString()
    assert.deepEqual([get(1), get(1), get(2), get(2), get(1)], ['v1 1', 'v1 1', 'v2 2', 'v2 2', 'v1 3'])
  })

  it('drops the longest unused when it is full, and never holds more than it may', () => {
    const cache = createByteCache(10)
    const encoded: string[] = []
    const get = (key: string, bytes = 4): void => {
      cache.get(key, 1, () => {
        encoded.push(key)
        return Buffer.alloc(bytes)
      })
    }
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) get(key)
    assert.deepEqual(encoded, ['a', 'b', 'c', 'b'])
    get('huge', 11)
    get('a')
    assert.deepEqual(encoded, ['a', 'b', 'c', 'b', 'huge', 'a'])
  })

  it('replaces a version by one of another size without losing count', () => {
    const cache = createByteCache(10)
    let encoded = 0
    for (let version = 0; version < 100; version++) cache.get('a', version, () => Buffer.alloc(version % 8))
    for (let time = 0; time < 2; time++) cache.get('b', 1, () => Buffer.alloc(++encoded))
    assert.equal(encoded, 1)
  })
})
