/** What a seat is for. A geometry names types by their place in this list, so it only grows at its end. */
export const SEAT_TYPES = ['standard', 'wheelchair', 'companion', 'restricted-view', 'vip'] as const
export type SeatType = (typeof SEAT_TYPES)[number]

/** `lenient` refuses to leave a single empty seat only where the buyer could have avoided it. */
export type OrphanRule = 'off' | 'lenient' | 'strict'

/** How best seats were found: in one run of seats without or with a single empty one left, in parts, or one by one. */
export const BEST_AVAILABLE_STEPS = ['adjacent-no-orphan', 'adjacent', 'split-rows', 'any'] as const
export type BestAvailableStep = (typeof BEST_AVAILABLE_STEPS)[number]

/** A row that is a table: sold by the chair, or all its chairs together. Empty: an ordinary row. */
export type TableSale = '' | 'chairs' | 'whole'
