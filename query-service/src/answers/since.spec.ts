import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodeSince, encodeSince } from './since.ts'

describe('The versions that a client keeps', () => {
  const PERFORMANCE = 'perf_01m7zh80c1cvhv1r7rb8he02w6'

  it('come back as they went, for whichever sections are asked', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(fc.nat(900), fc.nat(2 ** 31)), { selector: ([index]) => index }), (pairs) => {
        const sections = pairs.map(([index]) => ({ index }))
        const versions = pairs.map(([, version]) => version)
        const text = encodeSince(PERFORMANCE, sections, versions)
        assert.deepEqual(decodeSince(text, PERFORMANCE, sections), versions)
        assert.deepEqual(decodeSince(text, PERFORMANCE, [...sections].reverse()), [...versions].reverse())
        assert.match(text, /^[0-9a-z._]*$/)
      }),
    )
  })

  it('say nothing of sections that they do not name', () => {
    const text = encodeSince(PERFORMANCE, [{ index: 3 }], [7])
    assert.deepEqual(decodeSince(text, PERFORMANCE, [{ index: 2 }, { index: 3 }]), [-1, 7])
  })

  it('are refused when they are of another performance, or are none', () => {
    const text = encodeSince(PERFORMANCE, [{ index: 0 }], [1])
    assert.equal(decodeSince(text, 'perf_01m7zh80c1cvhv1r7rb8he0000', [{ index: 0 }]), undefined)
    for (const broken of ['', 'x', `${text}_`, `${text}_1`, `${text}_1.`, `${text}_-1.2`, `${text}_1.2.3`, '{"a":1}'])
      assert.equal(decodeSince(broken, PERFORMANCE, [{ index: 0 }]), undefined, broken)
  })
})
