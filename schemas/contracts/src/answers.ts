// What clients read alike whichever service answers; graphql/schema.ts says the same.

/** Minor units of a currency, as ISO 4217 counts them: VND has none, so 125000 is 125,000 dong. */
export interface Money {
  readonly amount: number
  readonly currency: string
}

export interface HeldSeat {
  readonly seatId: string
  /** The section's name. */
  readonly section: string
  readonly row: string
  readonly number: string
  readonly category: string
  readonly price: Money
}

/** Places of a standing area that have one price. They are all alike: they are counted. */
export interface HeldArea {
  readonly sectionId: string
  readonly name: string
  readonly category: string
  readonly quantity: number
  /** Of one place. */
  readonly price: Money
}
