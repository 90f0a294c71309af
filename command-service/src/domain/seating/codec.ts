import type { BlockId, EpochMillis, HoldId, SeatIndex } from '@cavea/contracts/ids'
import { SEATING_SCHEMAS } from '@cavea/contracts/seating/schemas'
import avro from 'avsc'
import { addEnded, type EndedHold } from '../ended-holds.ts'
import { plain } from './geometry.ts'
import { addBlock, addHold, addSection, initialState, type NewSection, type SeatingState, type SeatingView } from './state.ts'

interface Stored {
  sections: NewSection[]
  holds: {
    section: number
    holdId: HoldId
    buyer: string
    seats: SeatIndex[]
    status: 'held' | 'sold'
    heldAtMs: EpochMillis
    sinceMs: EpochMillis
    expiresAtMs: EpochMillis
    extensionsLeft: number
    priceRevision: number
    cartId: HoldId | ''
  }[]
  blocks: { section: number; blockId: BlockId; seats: SeatIndex[]; note: string; sinceMs: EpochMillis }[]
  ended: (EndedHold & { key: string })[]
}

const record = (name: string, fields: Record<string, unknown>) => ({
  type: 'record',
  name,
  fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })),
})
const seats = { type: 'array', items: 'int' }

const STATE = avro.Type.forSchema(
  record('SeatingState', {
    sections: { type: 'array', items: SEATING_SCHEMAS.SectionOpened },
    holds: {
      type: 'array',
      items: record('Hold', {
        section: 'int',
        holdId: 'string',
        buyer: 'string',
        seats,
        status: 'string',
        heldAtMs: 'long',
        sinceMs: 'long',
        expiresAtMs: 'long',
        extensionsLeft: 'int',
        priceRevision: 'int',
        cartId: 'string',
      }),
    },
    blocks: { type: 'array', items: record('Block', { section: 'int', blockId: 'string', seats, note: 'string', sinceMs: 'long' }) },
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
    holds: Array.from(view.holds.values(), (hold) => ({
      section: at.get(hold.section) ?? -1,
      holdId: hold.holdId,
      buyer: hold.buyer,
      seats: hold.seats as SeatIndex[],
      status: hold.status,
      heldAtMs: hold.heldAtMs,
      sinceMs: hold.sinceMs,
      expiresAtMs: hold.expiresAtMs,
      extensionsLeft: hold.extensionsLeft,
      priceRevision: hold.priceRevision,
      cartId: hold.cartId,
    })),
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
  const sectionAt = (index: number): (typeof sections)[number] => {
    const section = sections[index]
    if (section === undefined) throw new RangeError(`The snapshot has no section ${index}.`)
    return section
  }
  for (const hold of stored.holds) addHold(state, sectionAt(hold.section), hold, hold.status, hold.heldAtMs, hold.sinceMs)
  for (const block of stored.blocks) addBlock(state, sectionAt(block.section), block, block.sinceMs)
  for (const { key, ...ended } of stored.ended) addEnded(state.ended, key, ended)
  return state
}
