import assert from 'node:assert/strict'
import { ConfigError } from './config.ts'
import { BUYER_TOKEN_TTL_MS, createTokens, SESSION_TTL_MS } from './tokens.ts'

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

  describe('for browsers', () => {
    const buyer = { kind: 'buyer', id: 'buyer_1', organisation: '' } as const
    const organiser = { kind: 'organiser', id: `organiser_${organisation}`, organisation } as const

    it('know the caller of a session, also where it comes as a Bearer', () => {
      for (const caller of [buyer, organiser]) {
        const { sessionToken } = tokens.issueSession(caller, NOW_MS)
        assert.deepEqual(tokens.authenticateSession(sessionToken, NOW_MS), caller)
        assert.deepEqual(tokens.authenticate(`Bearer ${sessionToken}`, NOW_MS), caller)
      }
    })

    it('take no other token for a session', () => {
      assert.equal(tokens.authenticateSession(adminToken, NOW_MS), undefined)
      assert.equal(tokens.authenticateSession(tokens.issueBuyer(NOW_MS).buyerToken, NOW_MS), undefined)
    })

    it('end a session in the millisecond that was said', () => {
      for (const caller of [buyer, organiser]) {
        const { sessionToken, untilMs } = tokens.issueSession(caller, NOW_MS)
        assert.equal(untilMs, NOW_MS + SESSION_TTL_MS[caller.kind])
        assert.ok(tokens.authenticateSession(sessionToken, untilMs - 1))
        assert.equal(tokens.authenticateSession(sessionToken, untilMs), undefined)
      }
    })

    it('refuse a session in which any character was changed, and a buyer’s that says to be an organiser’s', () => {
      const { sessionToken } = tokens.issueSession(buyer, NOW_MS)
      for (let at = 0; at < sessionToken.length; at++) {
        const forged = `${sessionToken.slice(0, at)}${sessionToken[at] === 'A' ? 'B' : 'A'}${sessionToken.slice(at + 1)}`
        assert.equal(tokens.authenticateSession(forged, NOW_MS), undefined, `changed at ${at}`)
      }
      assert.equal(tokens.authenticateSession(sessionToken.replace('_buyer', '_organiser'), NOW_MS), undefined)
    })

    it('end an organiser’s sessions, and no buyer’s, when the admin token is another', () => {
      const changed = createTokens({ secret, adminToken: 'another-admin-token', organisation })
      assert.equal(changed.authenticateSession(tokens.issueSession(organiser, NOW_MS).sessionToken, NOW_MS), undefined)
      assert.deepEqual(changed.authenticateSession(tokens.issueSession(buyer, NOW_MS).sessionToken, NOW_MS), buyer)
    })
  })
})
