import assert from 'node:assert/strict'
import { ConfigError } from './config.ts'
import { BUYER_TOKEN_TTL_MS, createTokens } from './tokens.ts'

const secret = 's'.repeat(32)
const adminToken = 'the-organisers-own-token'
const organisation = 'org_default'
const tokens = createTokens({ secret, adminToken, organisation })
const NOW_MS = 1_790_000_000_000

describe('Tokens', () => {
  it('knows the buyer whom it gave a token', () => {
    const { buyerId, buyerToken } = tokens.issueBuyer(NOW_MS)
    assert.deepEqual(tokens.authenticate(`Bearer ${buyerToken}`, NOW_MS), { kind: 'buyer', id: buyerId, organisation: '' })
    assert.match(buyerId, /^buyer_[0-9a-z]{26}$/)
  })

  it('knows a buyer in another process that has the same secret, and in none that has another', () => {
    const { buyerToken } = tokens.issueBuyer(NOW_MS)
    const same = createTokens({ secret, adminToken: 'another', organisation })
    const other = createTokens({ secret: 't'.repeat(32), adminToken, organisation })
    assert.equal(same.authenticate(`Bearer ${buyerToken}`, NOW_MS)?.kind, 'buyer')
    assert.equal(other.authenticate(`Bearer ${buyerToken}`, NOW_MS), undefined)
  })

  it('gives each buyer an id of its own', () => {
    assert.equal(new Set(Array.from({ length: 1_000 }, () => tokens.issueBuyer(NOW_MS).buyerId)).size, 1_000)
  })

  it('refuses a token from the millisecond on in which it is 30 days old', () => {
    const { buyerToken } = tokens.issueBuyer(NOW_MS)
    assert.ok(tokens.authenticate(`Bearer ${buyerToken}`, NOW_MS + BUYER_TOKEN_TTL_MS - 1))
    assert.equal(tokens.authenticate(`Bearer ${buyerToken}`, NOW_MS + BUYER_TOKEN_TTL_MS), undefined)
  })

  it('refuses a token in which any character was changed', () => {
    const { buyerToken } = tokens.issueBuyer(NOW_MS)
    for (let at = 0; at < buyerToken.length; at++) {
      for (const char of ['A', '0', '_']) {
        if (char === buyerToken[at]) continue
        const forged = buyerToken.slice(0, at) + char + buyerToken.slice(at + 1)
        assert.equal(tokens.authenticate(`Bearer ${forged}`, NOW_MS), undefined, `changed at ${at}`)
      }
    }
  })

  it('knows the organiser by the admin token and by nothing near it', () => {
    assert.deepEqual(tokens.authenticate(`bearer ${adminToken}`, NOW_MS), {
      kind: 'organiser',
      id: 'organiser_org_default',
      organisation: 'org_default',
    })
    for (const near of [adminToken.slice(1), `${adminToken}x`, adminToken.toUpperCase()])
      assert.equal(tokens.authenticate(`Bearer ${near}`, NOW_MS), undefined)
  })

  it('knows nobody without a well-formed Bearer header', () => {
    for (const header of [undefined, '', 'Bearer', 'Bearer ', adminToken, `Basic ${adminToken}`, `Bearer ${adminToken} more`])
      assert.equal(tokens.authenticate(header, NOW_MS), undefined, String(header))
  })

  it('refuses to start with a short secret or an unusable admin token, and shows neither', () => {
    assert.throws(
      () => createTokens({ secret: 'short-secret', adminToken: '', organisation }),
      (error) => error instanceof ConfigError && error.faults.length === 2 && !error.message.includes('short-secret'),
    )
  })
})
