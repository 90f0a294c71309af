import { createHmac, createSecretKey, hash, hkdfSync, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'
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

/** What a browser keeps in place of a token that its scripts could read. */
export interface IssuedSession {
  readonly sessionToken: string
  readonly untilMs: number
}

interface SessionPayload {
  readonly id: string
  readonly organisation: string
  readonly untilMs: number
}

interface Verified {
  readonly caller: Caller
  readonly untilMs: number
}

/** Bearer tokens. Every service verifies them by itself, with the same secret, and asks nobody. */
export interface Tokens {
  /** Makes an anonymous buyer, whose token is valid for 30 days. */
  issueBuyer(nowMs: number): IssuedBuyer
  /**
   * A token for a browser that speaks for this caller: 30 days for a buyer, 12 hours for an organiser. It is none of the
   * caller's own tokens, and an organiser's ends with the admin token that it was made under.
   */
  issueSession(caller: Caller, nowMs: number): IssuedSession
  /** The caller that an `Authorization` header proves; undefined when it is absent, malformed, forged or too old. */
  authenticate(authorization: string | undefined, nowMs: number): Caller | undefined
  /** The same of a session token alone: no other token is taken for one. */
  authenticateSession(sessionToken: string, nowMs: number): Caller | undefined
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
export const BUYER_TOKEN_TTL_MS = 30 * DAY_MS
export const SESSION_TTL_MS = { buyer: BUYER_TOKEN_TTL_MS, organiser: 12 * HOUR_MS } as const satisfies Record<Caller['kind'], number>
export const SECRET_CHARS_MIN = 32
/** Shorter ones could be guessed at the rate that the gateway allows. */
export const ADMIN_TOKEN_CHARS_MIN = 16
const KEY_PURPOSE = 'cavea buyer token v1'
const SESSION_KEY_PURPOSE = { buyer: 'cavea buyer session v1', organiser: 'cavea organiser session v1' } as const
const KEY_BYTES = 32
const ENTROPY_BYTES = 10
const VERIFIED_MAX = 20_000

// `freshId` puts the time into the first ten characters after the prefix, in Crockford's alphabet.
const BUYER_TOKEN = /^(buyer_([0-9a-hjkmnp-tv-z]{10})[0-9a-hjkmnp-tv-z]{16})\.([A-Za-z0-9_-]{43})$/
const SESSION_PREFIX = 'session_'
const SESSION_TOKEN = /^session_(buyer|organiser)\.([A-Za-z0-9_-]{1,600})\.([A-Za-z0-9_-]{43})$/
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const BEARER = /^bearer +([!-~]+) *$/i

/**
 * `secret` signs buyer tokens and is shared by all services; it must have at least 32 characters. `adminToken` is the
 * organiser's, and `organisation` the one that it speaks for. Throws `ConfigError`.
 */
export function createTokens(options: { readonly secret: string; readonly adminToken: string; readonly organisation: string }): Tokens {
  checkSecrets(options)
  // Derived for this purpose alone, so that a signature made elsewhere with the same secret is no token.
  const keyFor = (purpose: string, salt: Buffer | ''): KeyObject =>
    createSecretKey(Buffer.from(hkdfSync('sha256', options.secret, salt, purpose, KEY_BYTES)))
  const key = keyFor(KEY_PURPOSE, '')
  const adminDigest = hash('sha256', options.adminToken, 'buffer')
  const sessionKeys = { buyer: keyFor(SESSION_KEY_PURPOSE.buyer, ''), organiser: keyFor(SESSION_KEY_PURPOSE.organiser, adminDigest) }
  const organiser: Caller = { kind: 'organiser', id: `organiser_${options.organisation}`, organisation: options.organisation }

  const signatureOf = (buyerId: string): string => createHmac('sha256', key).update(buyerId).digest('base64url')
  const sessionSignatureOf = (kind: Caller['kind'], payload: string): string =>
    createHmac('sha256', sessionKeys[kind]).update(payload).digest('base64url')

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

  function verifySession(token: string): Verified | undefined {
    const [, kind, payload, signature] = SESSION_TOKEN.exec(token) ?? []
    if ((kind !== 'buyer' && kind !== 'organiser') || payload === undefined || signature === undefined) return undefined
    if (!timingSafeEqual(Buffer.from(signature), Buffer.from(sessionSignatureOf(kind, payload)))) return undefined
    const { id, organisation, untilMs } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as SessionPayload
    return remember(token, { caller: { kind, id, organisation }, untilMs })
  }

  function callerOfSession(token: string, nowMs: number): Caller | undefined {
    if (!token.startsWith(SESSION_PREFIX)) return undefined
    const session = verified.get(token) ?? verifySession(token)
    return session !== undefined && nowMs < session.untilMs ? session.caller : undefined
  }

  return {
    issueSession({ kind, id, organisation }, nowMs) {
      const untilMs = nowMs + SESSION_TTL_MS[kind]
      const payload = Buffer.from(JSON.stringify({ id, organisation, untilMs } satisfies SessionPayload)).toString('base64url')
      return { sessionToken: `${SESSION_PREFIX}${kind}.${payload}.${sessionSignatureOf(kind, payload)}`, untilMs }
    },
    authenticateSession: callerOfSession,
    issueBuyer(nowMs) {
      const buyerId = freshId('buyer', nowMs, randomBytes(ENTROPY_BYTES))
      return { buyerId, buyerToken: `${buyerId}.${signatureOf(buyerId)}` }
    },
    authenticate(authorization, nowMs) {
      const token = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1]
      if (token === undefined) return undefined
      // The services behind the gateway get a browser's session this way.
      if (token.startsWith(SESSION_PREFIX)) return callerOfSession(token, nowMs)
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
