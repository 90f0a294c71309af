import assert from 'node:assert/strict'
import { revisionOfTag, revisionTag } from '../answers/values.ts'
import { addressKey, limitField, policyField } from './rate-limit.ts'
import { readTraceparent } from './trace.ts'

describe('the RateLimit headers', () => {
  const policy = { name: 'buyer', quota: 600, windowMs: 60_000 }

  it('write the policy and what remains of it in seconds', () => {
    assert.equal(policyField(policy), '"buyer";q=600;w=60')
    assert.equal(limitField(policy, { allowed: true, remaining: 599, resetAfterMs: 29_001 }), '"buyer";r=599;t=30')
  })

  it('never promise less than nothing nor a reset in the past', () => {
    assert.equal(limitField(policy, { allowed: false, remaining: -1, resetAfterMs: 0 }), '"buyer";r=0;t=1')
  })
})

describe('the address that is counted', () => {
  it('is the first 64 bits of IPv6, however it is written', () => {
    for (const ip of ['2001:db8:1:2:3:4:5:6', '2001:0db8:0001:0002::1', '2001:DB8:1:2::'])
      assert.equal(addressKey(ip), '2001:db8:1:2::/64', ip)
    assert.equal(addressKey('2001:db8::1'), '2001:db8:0:0::/64')
    assert.equal(addressKey('::1'), '0:0:0:0::/64')
    assert.equal(addressKey('fe80::1%eth0'), 'fe80:0:0:0::/64')
  })

  it('is the IPv4 address, also where it came by way of IPv6', () => {
    assert.equal(addressKey('::ffff:203.0.113.9'), '203.0.113.9')
    assert.equal(addressKey('203.0.113.9'), '203.0.113.9')
  })
})

describe('a traceparent', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const span = '00f067aa0ba902b7'

  it('is read with its sampling flag, also in versions to come', () => {
    assert.deepEqual(readTraceparent(`00-${trace}-${span}-01`), { traceId: trace, flags: '01' })
    assert.deepEqual(readTraceparent(`01-${trace}-${span}-02-more`), { traceId: trace, flags: '00' })
  })

  it('is ignored when it is malformed or empty of meaning', () => {
    for (const header of [
      '',
      'x',
      `ff-${trace}-${span}-01`,
      `00-${'0'.repeat(32)}-${span}-01`,
      `00-${trace}-${'0'.repeat(16)}-01`,
      `00-${trace.toUpperCase()}-${span}-01`,
    ])
      assert.equal(readTraceparent(header), undefined, header)
  })
})

describe('the entity tag of a performance', () => {
  it('is read back, also with what a read adds to it', () => {
    assert.equal(revisionOfTag(revisionTag(12)), 12)
    assert.equal(revisionOfTag('"r3-opening"'), 3)
  })

  it('is nothing else', () => {
    for (const tag of ['r3', 'W/"r3"', '"3"', '"s4-r3"', '"r3", "r4"', '']) assert.equal(revisionOfTag(tag), undefined, tag)
  })
})
