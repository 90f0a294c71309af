import type { BlockId, EpochMillis, HoldId, SeatIndex } from '@cavea/contracts/ids'
import { SEATING_SCHEMAS } from '@cavea/contracts/seating/schemas'
import avro from 'avsc'
import { addEnded, type EndedHold } from '../ended-holds.ts'
import { plain } from './geometry.ts'
import {
  addBlock,
  addHold,
  addSection,
  initialState,
  type NewHold,
  type NewSection,
  type SeatingState,
  type SeatingView,
  type Section,
  type SectionView,
} from './state.ts'

/** Holds are by far the most: a column per field is read in half the time that a record per hold takes. */
interface StoredHolds {
  section: number[]
  holdId: HoldId[]
  /** Place in `buyers`. */
  buyer: number[]
  buyers: string[]
  seatCount: number[]
  /** Those of all holds, one after the other. */
  seats: SeatIndex[]
  /** 1: sold. */
  isSold: Buffer
  heldAtMs: EpochMillis[]
  sinceMs: EpochMillis[]
  expiresAtMs: EpochMillis[]
  extensionsLeft: number[]
  priceRevision: number[]
  /** Place in `carts`, which begins with none. */
  cart: number[]
  carts: (HoldId | '')[]
}

interface Stored {
  sections: NewSection[]
  holds: StoredHolds
  blocks: { section: number; blockId: BlockId; seats: SeatIndex[]; note: string; sinceMs: EpochMillis }[]
  ended: (EndedHold & { key: string })[]
}

const record = (name: string, fields: Record<string, unknown>) => ({
  type: 'record',
  name,
  fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })),
})
const ints = { type: 'array', items: 'int' }
const longs = { type: 'array', items: 'long' }
const strings = { type: 'array', items: 'string' }

const STATE = avro.Type.forSchema(
  record('SeatingState', {
    sections: { type: 'array', items: SEATING_SCHEMAS.SectionOpened },
    holds: record('Holds', {
      section: ints,
      holdId: strings,
      buyer: ints,
      buyers: strings,
      seatCount: ints,
      seats: ints,
      isSold: 'bytes',
      heldAtMs: longs,
      sinceMs: longs,
      expiresAtMs: longs,
      extensionsLeft: ints,
      priceRevision: ints,
      cart: ints,
      carts: strings,
    } satisfies Record<keyof StoredHolds, unknown>),
    blocks: { type: 'array', items: record('Block', { section: 'int', blockId: 'string', seats: ints, note: 'string', sinceMs: 'long' }) },
    ended: {
      type: 'array',
      items: record('EndedHold', { key: 'string', status: 'string', buyer: 'string', organisation: 'string', atMs: 'long' }),
    },
  } satisfies Record<keyof Stored, unknown>) as avro.Schema,
)

/**
 * Seat statuses, claims, counts and the expiry queue all follow from sections, holds and blocks, so only those are
 * written. They come in the order in which the log made them, which is the same for every replay: nothing to sort.
 */
export function encodeState(view: SeatingView): Buffer {
  const at = new Map([...view.sections.values()].map((section, index) => [section, index]))
  const stored: Stored = {
    sections: Array.from(view.sections.values(), ({ geometry, ...section }) => ({ ...section, geometry: plain(geometry) })),
    holds: columnsOf(view.holds, at),
    blocks: Array.from(view.blocks.values(), ({ section, blockId, seats, note, sinceMs }) => ({
      section: at.get(section) ?? -1,
      blockId,
      seats: seats as SeatIndex[],
      note,
      sinceMs,
    })),
    ended: Array.from(view.ended, ([key, ended]) => ({ key, ...ended })),
  }
  return STATE.toBuffer(stored)
}

export function decodeState(bytes: Buffer): SeatingState {
  const stored = STATE.fromBuffer(bytes) as Stored
  const state = initialState()
  const sections = stored.sections.map((section) => addSection(state, section))
  const sectionAt = (index: number): Section => {
    const section = sections[index]
    if (section === undefined) throw new RangeError(`The snapshot has no section ${index}.`)
    return section
  }
  addHolds(state, stored.holds, sectionAt)
  for (const block of stored.blocks) addBlock(state, sectionAt(block.section), block, block.sinceMs)
  for (const { key, ...ended } of stored.ended) addEnded(state.ended, key, ended)
  return state
}

function columnsOf(holds: SeatingView['holds'], sectionAt: ReadonlyMap<SectionView, number>): StoredHolds {
  const buyers = new Dictionary<string>()
  const carts = new Dictionary<HoldId | ''>()
  carts.placeOf('')
  const columns: StoredHolds = {
    ...{ section: [], holdId: [], buyer: [], buyers: buyers.words, seatCount: [], seats: [], isSold: Buffer.alloc(holds.size) },
    ...{ heldAtMs: [], sinceMs: [], expiresAtMs: [], extensionsLeft: [], priceRevision: [], cart: [], carts: carts.words },
  }
  for (const hold of holds.values()) {
    columns.isSold[columns.holdId.length] = hold.status === 'sold' ? 1 : 0
    columns.section.push(sectionAt.get(hold.section) ?? -1)
    columns.holdId.push(hold.holdId)
    columns.buyer.push(buyers.placeOf(hold.buyer))
    columns.seatCount.push(hold.seats.length)
    for (const seat of hold.seats) columns.seats.push(seat)
    columns.heldAtMs.push(hold.heldAtMs)
    columns.sinceMs.push(hold.sinceMs)
    columns.expiresAtMs.push(hold.expiresAtMs)
    columns.extensionsLeft.push(hold.extensionsLeft)
    columns.priceRevision.push(hold.priceRevision)
    columns.cart.push(carts.placeOf(hold.cartId))
  }
  return columns
}

function addHolds(state: SeatingState, columns: StoredHolds, sectionAt: (index: number) => Section): void {
  const { holdId: ids, seats, isSold, heldAtMs, sinceMs } = columns
  let from = 0
  for (let at = 0; at < ids.length; at++) {
    const to = from + valueAt(columns.seatCount, at)
    const hold: NewHold = {
      holdId: valueAt(ids, at),
      seats: seats.slice(from, to),
      buyer: valueAt(columns.buyers, valueAt(columns.buyer, at)),
      expiresAtMs: valueAt(columns.expiresAtMs, at),
      extensionsLeft: valueAt(columns.extensionsLeft, at),
      priceRevision: valueAt(columns.priceRevision, at),
      cartId: valueAt(columns.carts, valueAt(columns.cart, at)),
    }
    from = to
    const status = isSold[at] === 1 ? 'sold' : 'held'
    addHold(state, sectionAt(valueAt(columns.section, at)), hold, status, valueAt(heldAtMs, at), valueAt(sinceMs, at))
  }
}

function valueAt<Value>(column: readonly Value[], at: number): Value {
  const value = column[at]
  if (value === undefined) throw new RangeError(`The snapshot has no entry ${at} where it should.`)
  return value
}

/** The different words of a column, in the order in which they first come. */
class Dictionary<Word extends string> {
  readonly words: Word[] = []
  readonly #places = new Map<Word, number>()

  placeOf(word: Word): number {
    const known = this.#places.get(word)
    if (known !== undefined) return known
    this.#places.set(word, this.words.length)
    return this.words.push(word) - 1
  }
}
