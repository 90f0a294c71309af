import { createHash } from 'node:crypto'
import { BUCKETS } from './partitioning.ts'

declare const brand: unique symbol
type Brand<Base, Name extends string> = Base & { readonly [brand]: Name }

/** Milliseconds since the epoch, as the log gave them. */
export type EpochMillis = Brand<number, 'EpochMillis'>
/** A seat's place in its section, from 0, as the immutable seat map lists it. */
export type SeatIndex = Brand<number, 'SeatIndex'>
export type CommandId = Brand<string, 'CommandId'>
export type OrganisationId = Brand<string, 'OrganisationId'>
export type VenueId = Brand<string, 'VenueId'>
export type SeatMapId = Brand<string, 'SeatMapId'>
export type SectionId = Brand<string, 'SectionId'>
export type PerformanceId = Brand<string, 'PerformanceId'>
export type HoldId = Brand<string, 'HoldId'>
export type BlockId = Brand<string, 'BlockId'>

export const epochMillis = (value: number): EpochMillis => value as EpochMillis
export const seatIndex = (value: number): SeatIndex => value as SeatIndex

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz' // Crockford's: no i, l, o, u; its order is the numbers' order.
const TIME_CHARS = 10
const PLACE_CHARS = 3
const HASH_CHARS = 16

function base32OfNumber(value: number, chars: number): string {
  let text = ''
  for (let rest = value, at = 0; at < chars; at++, rest = Math.floor(rest / 32)) text = (ALPHABET[rest % 32] ?? '') + text
  return text
}

function base32OfBytes(bytes: Uint8Array, chars: number): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5 && text.length < chars) {
      bits -= 5
      text += ALPHABET[(held >>> bits) & 31] ?? ''
    }
    held &= (1 << bits) - 1
  }
  return bits > 0 && text.length < chars ? text + (ALPHABET[(held << (5 - bits)) & 31] ?? '') : text
}

function hashOf(...parts: readonly string[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part) // The lengths keep ("ab", "c") from ("a", "bc").
  return hash.digest()
}

/**
 * Names one intent: the same parts give the same id for ever. For a request they are who asks, the route and the
 * idempotency key; for a reaction the decision that caused it and what it asks for.
 */
export function commandIdOf(...parts: readonly string[]): CommandId {
  return `cmd_${base32OfBytes(hashOf(...parts), 26)}` as CommandId
}

const COMMAND_ID = /^cmd_[0-9a-hjkmnp-tv-z]{26}$/

export function parseCommandId(text: string): CommandId | undefined {
  return COMMAND_ID.test(text) ? (text as CommandId) : undefined
}

/** The part of an id that comes from the command alone. It finds what a command made when its time is not known. */
export const derivedKey = (commandId: CommandId): string => commandId.slice(-HASH_CHARS) // A hash already: its tail is as good.

/** Decisions of one batch have one time. */
let lastTime = { at: -1, text: '' }

function timeText(at: number): string {
  if (lastTime.at !== at) lastTime = { at, text: base32OfNumber(at, TIME_CHARS) }
  return lastTime.text
}

const placeTexts: string[] = []

function placeText({ kind, bucket }: Place): string {
  const code = KINDS.indexOf(kind) * BUCKETS + bucket
  placeTexts[code] ??= base32OfNumber(code, PLACE_CHARS)
  return placeTexts[code]
}

function deriveId(prefix: string, at: EpochMillis, commandId: CommandId): string {
  return `${prefix}_${base32OfNumber(at, TIME_CHARS)}${derivedKey(commandId)}`
}

export const venueIdOf = (at: EpochMillis, commandId: CommandId): VenueId => deriveId('venue', at, commandId) as VenueId
export const seatMapIdOf = (at: EpochMillis, commandId: CommandId): SeatMapId => deriveId('seatmap', at, commandId) as SeatMapId
export const performanceIdOf = (at: EpochMillis, commandId: CommandId): PerformanceId => deriveId('perf', at, commandId) as PerformanceId

/** What decides a hold: the section itself, or a cart that has parts in several. */
export type PlaceKind = 'section' | 'cart'
const KINDS: readonly PlaceKind[] = ['section', 'cart']

/** A hold's or block's id says where it lives, so that any gateway finds its partition without asking anybody. */
export interface Place {
  readonly kind: PlaceKind
  readonly bucket: number
}

function placedId(prefix: string, at: EpochMillis, place: Place, commandId: CommandId): string {
  return `${prefix}_${timeText(at)}${placeText(place)}${derivedKey(commandId)}`
}

export const holdIdOf = (at: EpochMillis, place: Place, commandId: CommandId): HoldId => placedId('hold', at, place, commandId) as HoldId
export const blockIdOf = (at: EpochMillis, place: Place, commandId: CommandId): BlockId =>
  placedId('block', at, place, commandId) as BlockId

const PLACED_ID = /^(?:hold|block)_[0-9a-hjkmnp-tv-z]{29}$/

/** Where a hold or block lives, or undefined when the text is no such id. */
export function placeOf(id: string): Place | undefined {
  if (!PLACED_ID.test(id)) return undefined
  const from = id.indexOf('_') + 1 + TIME_CHARS
  let code = 0
  for (const char of id.slice(from, from + PLACE_CHARS)) code = code * 32 + ALPHABET.indexOf(char)
  const kind = KINDS[Math.floor(code / BUCKETS)]
  return kind === undefined ? undefined : { kind, bucket: code % BUCKETS }
}

/** The part of a hold's or block's id that derives from its command: the key of the tables that deciders keep. */
export const keyOfId = (id: HoldId | BlockId): string => id.slice(-HASH_CHARS)

/** A new id for what no command makes, such as an anonymous buyer. `entropy` is at least 10 random bytes. */
export function freshId(prefix: string, nowMs: number, entropy: Uint8Array): string {
  return `${prefix}_${base32OfNumber(nowMs, TIME_CHARS)}${base32OfBytes(entropy, HASH_CHARS)}`
}
