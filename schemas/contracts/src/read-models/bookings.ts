import type { TableSpec } from './table.ts'

/** Holds and what was sold of them. */
export const BOOKINGS = 'bookings'

/** One row per hold. To its buyer a cart is one hold; what sections hold for it are its parts, with rows of their own. */
export const HOLDS: TableSpec = {
  name: 'holds',
  key: ['hold_id'],
  columns: {
    hold_id: 'text',
    /** `section`: a hold of its own, in one section. `cart`: over several. `part`: what one section holds for a cart. */
    kind: 'text',
    /** The cart of a part. */
    cart_id: 'text',
    performance_id: 'text',
    /** Null for a cart. */
    section_id: 'text',
    /** The stream that decides it: the section, or its shard; null for a cart. */
    stream_id: 'text',
    buyer: 'text',
    /** `held`, `sold`, `released` or `expired`. */
    status: 'text',
    /** Null for a cart. */
    seats: 'integers',
    quantity: 'integer',
    /** Null for a cart, whose parts may have locked different ones. */
    price_revision: 'integer',
    held_at: 'time',
    expires_at: 'time',
    extensions_left: 'integer',
    /** When it was sold, released or expired. */
    ended_at: 'time',
  },
  indexes: [['buyer', 'hold_id'], ['performance_id']],
}

/** What a section sold at once. Sections alone sell, so that the parts of a cart count and the cart does not. */
export const SALES: TableSpec = {
  name: 'sales',
  key: ['hold_id'],
  columns: {
    hold_id: 'text',
    performance_id: 'text',
    section_id: 'text',
    stream_id: 'text',
    seats: 'integers',
    quantity: 'integer',
    price_revision: 'integer',
    sold_at: 'time',
    command_id: 'text',
    correlation_id: 'text',
  },
  indexes: [['performance_id', 'sold_at']],
}

export const BOOKINGS_TABLES: readonly TableSpec[] = [HOLDS, SALES]
