import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { BUCKETS, bucketOf, partitionOf, sectionKey } from './partitioning.ts'

/** The key is repeated where `repeat` says so: long keys would fill the file. The hash helps who looks for a mistake. */
interface Vector {
  readonly key: string
  readonly repeat?: number
  readonly hash: string
  readonly bucket: number
  readonly partitions: Readonly<Record<string, number>>
}

const vectorsFile = new URL('../test-vectors/partitioning.json', import.meta.url)
const { vectors } = JSON.parse(readFileSync(vectorsFile, 'utf8')) as { readonly vectors: readonly Vector[] }
const counts = Array.from({ length: BUCKETS }, (_, index) => index + 1)

/** How far the counts stand from an even spread, in the measure of chi-square: for chance it is near the number of cells. */
function chiSquare(observed: readonly number[]): number {
  const expected = observed.reduce((sum, count) => sum + count, 0) / observed.length
  return observed.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

function tally(keys: Iterable<string>, cells: number, cellOf: (key: string) => number): number[] {
  const counted = new Array<number>(cells).fill(0)
  for (const key of keys) {
    const cell = cellOf(key)
    counted[cell] = (counted[cell] ?? 0) + 1
  }
  return counted
}

function* sectionKeys(performances: number, sections: number): Iterable<string> {
  for (let performance = 0; performance < performances; performance++)
    for (let section = 0; section < sections; section++)
      yield sectionKey(`perf_${performance.toString(32).padStart(10, '0')}`, `s${section}`)
}

describe('bucketOf', () => {
  for (const { key, repeat = 1, bucket } of vectors)
    it(`puts ${JSON.stringify(key)}${repeat > 1 ? ` ${repeat} times over` : ''} into bucket ${bucket}`, () => {
      assert.equal(bucketOf(key.repeat(repeat)), bucket)
    })

  it('agrees with the published FNV-1a values of its test vectors', () => {
    const published: Readonly<Record<string, string>> = { '': '811c9dc5', a: 'e40c292c', foobar: 'bf9cf968' }
    for (const [key, hash] of Object.entries(published)) assert.equal(vectors.find((vector) => vector.key === key)?.hash, hash)
  })

  it('takes the bytes of the key as they are: the same letter in another Unicode form is another key', () => {
    assert.equal('e\u0301'.normalize('NFC'), '\u00e9')
    assert.notEqual(bucketOf('e\u0301'), bucketOf('\u00e9'))
  })

  it('spreads sections over the buckets as evenly as chance would', () => {
    const observed = tally(sectionKeys(2_000, 50), BUCKETS, bucketOf)
    const freedom = BUCKETS - 1
    // Six standard deviations of chi-square: the keys are fixed, so this either always holds or never.
    assert.ok(chiSquare(observed) < freedom + 6 * Math.sqrt(2 * freedom), `chi-square is ${chiSquare(observed)}`)
  })

  it('spreads the sections of one performance over many partitions', () => {
    const observed = tally(sectionKeys(1, 64), 16, (key) => partitionOf(bucketOf(key), 16))
    assert.ok(Math.max(...observed) <= 12, `${observed}`)
    assert.ok(observed.filter((count) => count > 0).length >= 13, `${observed}`)
  })
})

describe('partitionOf', () => {
  it('puts the buckets of the test vectors into the partitions that they name', () => {
    for (const { bucket, partitions } of vectors)
      for (const [count, partition] of Object.entries(partitions)) assert.equal(partitionOf(bucket, Number(count)), partition)
  })

  it('uses every partition, whatever their count from 1 to 1,024', () => {
    for (const count of counts) {
      const used = new Set(Array.from({ length: BUCKETS }, (_, bucket) => partitionOf(bucket, count)))
      assert.equal(used.size, count)
      assert.equal(Math.min(...used), 0)
      assert.equal(Math.max(...used), count - 1)
    }
  })

  it('gives no partition more than one bucket more than another', () => {
    for (const count of counts) {
      const sizes = new Array<number>(count).fill(0)
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        const partition = partitionOf(bucket, count)
        sizes[partition] = (sizes[partition] ?? 0) + 1
      }
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, `${count} partitions`)
    }
  })

  it('keeps neighbouring buckets together', () => {
    for (const count of counts)
      for (let bucket = 1; bucket < BUCKETS; bucket++) {
        const step = partitionOf(bucket, count) - partitionOf(bucket - 1, count)
        assert.ok(step === 0 || step === 1, `bucket ${bucket} of ${count} partitions`)
      }
  })

  it('spreads sections evenly at the usual counts of partitions', () => {
    for (const count of [3, 16, 64]) {
      const observed = tally(sectionKeys(2_000, 50), count, (key) => partitionOf(bucketOf(key), count))
      const even = 100_000 / count
      for (const got of observed) assert.ok(Math.abs(got - even) < even * 0.15, `${got} of ${even} at ${count} partitions`)
    }
  })
})

describe('sectionKey', () => {
  it('tells sections and performances apart', () => {
    const keys = new Set(sectionKeys(40, 40))
    assert.equal(keys.size, 1_600)
  })
})
