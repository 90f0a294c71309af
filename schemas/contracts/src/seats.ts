/** What a seat is for. A geometry names types by their place in this list, so it only grows at its end. */
export const SEAT_TYPES = ['standard', 'wheelchair', 'companion', 'restricted-view', 'vip'] as const
export type SeatType = (typeof SEAT_TYPES)[number]

/** `lenient` refuses to leave a single empty seat only where the buyer could have avoided it. */
export type OrphanRule = 'off' | 'lenient' | 'strict'

/** How best seats were found: in one run of seats without or with a single empty one left, in parts, or one by one. */
export type BestAvailableStep = 'adjacent-no-orphan' | 'adjacent' | 'split-rows' | 'any'
