import { hash } from 'node:crypto'

const HASH_HEX_CHARS = 32 // 16 bytes, as the envelope carries it.

/** The same intent has the same text: keys sorted, no spaces. The value was checked, so its depth is bounded. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`
}

/** 16 bytes of SHA-256 in hex over the canonical text; an absent body has the hash of nothing. */
export function hashOfJson(body: unknown): string {
  return hash('sha256', body === undefined ? '' : canonicalJson(body), 'hex').slice(0, HASH_HEX_CHARS)
}

/** The same of bytes that are not JSON to us, with what else decides their meaning. */
export function hashOfBytes(body: Uint8Array, ...context: readonly string[]): string {
  const inner = hash('sha256', body, 'hex')
  return hash('sha256', JSON.stringify([inner, ...context]), 'hex').slice(0, HASH_HEX_CHARS)
}
