import { createHmac, createSecretKey, hash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { freshId } from '@cavea/contracts/ids'
import { ConfigError, type ConfigFault } from './config.ts'

/** Who a request comes from, once its token was verified. */
export interface Caller {
  readonly kind: 'buyer' | 'organiser'
  readonly id: string
  /** Empty for buyers: they belong to nobody. */
  readonly organisation: string
}

export interface IssuedBuyer {
  readonly buyerId: string
  readonly buyerToken: string
}

interface Verified {
  readonly caller: Caller
  readonly untilMs: number
}

/** Bearer tokens. Every service verifies them by itself, with the same secret, and asks nobody. */
export interface Tokens {
  /** Makes an anonymous buyer, whose token is valid for 30 days. */
  issueBuyer(nowMs: number): IssuedBuyer
  /** The caller that an `Authorization` header proves; undefined when it is absent, malformed, forged or too old. */
  authenticate(authorization: string | undefined, nowMs: number): Caller | undefined
}

const DAY_MS = 86_400_000
export const BUYER_TOKEN_TTL_MS = 30 * DAY_MS
export const SECRET_CHARS_MIN = 32
/** Shorter ones could be guessed at the rate that the gateway allows. */
export const ADMIN_TOKEN_CHARS_MIN = 16
const KEY_PURPOSE = 'cavea buyer token v1'
const KEY_BYTES = 32
const ENTROPY_BYTES = 10
const VERIFIED_MAX = 20_000

// `freshId` puts the time into the first ten characters after the prefix, in Crockford's alphabet.
const BUYER_TOKEN = /^(buyer_([0-9a-hjkmnp-tv-z]{10})[0-9a-hjkmnp-tv-z]{16})\.([A-Za-z0-9_-]{43})$/
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const BEARER = /^bearer +([!-~]+) *$/i

/**
 * `secret` signs buyer tokens and is shared by all services; it must have at least 32 characters. `adminToken` is the
 * organiser's, and `organisation` the one that it speaks for. Throws `ConfigError`.
 */
export function createTokens(options: { readonly secret: string; readonly adminToken: string; readonly organisation: string }): Tokens {
  checkSecrets(options)
  // Derived for this purpose alone, so that a signature made elsewhere with the same secret is no token.
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', options.secret, '', KEY_PURPOSE, KEY_BYTES)))
  const adminDigest = hash('sha256', options.adminToken, 'buffer')
  const organiser: Caller = { kind: 'organiser', id: `organiser_${options.organisation}`, organisation: options.organisation }

  const signatureOf = (buyerId: string): string => createHmac('sha256', key).update(buyerId).digest('base64url')

  /** A buyer asks often while a sale is on, and the signature costs more than all the rest of looking at a token. */
  const verified = new Map<string, Verified>()

  function remember(token: string, buyer: Verified): Verified {
    verified.set(token, buyer)
    const [oldest] = verified.keys()
    if (oldest !== undefined && verified.size > VERIFIED_MAX) verified.delete(oldest)
    return buyer
  }

  function verifyBuyer(token: string): Verified | undefined {
    const [, buyerId, time, signature] = BUYER_TOKEN.exec(token) ?? []
    if (buyerId === undefined || time === undefined || signature === undefined) return undefined
    if (!timingSafeEqual(Buffer.from(signature), Buffer.from(signatureOf(buyerId)))) return undefined
    return remember(token, { caller: { kind: 'buyer', id: buyerId, organisation: '' }, untilMs: timeOf(time) + BUYER_TOKEN_TTL_MS })
  }

  return {
    issueBuyer(nowMs) {
      const buyerId = freshId('buyer', nowMs, randomBytes(ENTROPY_BYTES))
      return { buyerId, buyerToken: `${buyerId}.${signatureOf(buyerId)}` }
    },
    authenticate(authorization, nowMs) {
      const token = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1]
      if (token === undefined) return undefined
      const buyer = verified.get(token) ?? verifyBuyer(token)
      if (buyer !== undefined && nowMs < buyer.untilMs) return buyer.caller
      // Digests have one length whatever the token's, so the comparison tells nothing about the right one.
      return timingSafeEqual(hash('sha256', token, 'buffer'), adminDigest) ? organiser : undefined
    },
  }
}

function timeOf(chars: string): number {
  let time = 0
  for (const char of chars) time = time * 32 + ALPHABET.indexOf(char)
  return time
}

function checkSecrets({ secret, adminToken }: { readonly secret: string; readonly adminToken: string }): void {
  const faults: ConfigFault[] = []
  const chars = [...secret].length
  if (chars < SECRET_CHARS_MIN)
    faults.push({
      variable: 'CAVEA_TOKEN_SECRET',
      problem: `has ${chars} characters and needs at least ${SECRET_CHARS_MIN}`,
      example: '$(openssl rand -hex 32)',
    })
  if (!/^[!-~]+$/.test(adminToken))
    faults.push({
      variable: 'CAVEA_ADMIN_TOKEN',
      problem: 'must be visible ASCII characters without blanks',
      example: '$(openssl rand -hex 24)',
    })
  if (faults.length > 0) throw new ConfigError(faults)
}
