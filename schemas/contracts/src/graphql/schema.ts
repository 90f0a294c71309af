/**
 * What `/graphql` offers, in GraphQL's own language. Fields may be added; a name here changes only by a decision record.
 * Times are RFC 3339 in UTC, money is in minor units, and errors carry the codes of REST in `extensions.code`.
 */
export const GRAPHQL_SDL = /* GraphQL */ `
type Query {
  "Null and PERFORMANCE_NOT_FOUND when there is none. Who knows the id of an unlisted one may read it."
  performance(id: ID!): Performance
  "Those that can be sold, in the order of their making; an organiser sees all of their own."
  performances(first: Int = 50, after: String, filter: PerformanceFilter): PerformancePage!
  availability(performanceId: ID!): Availability
  "Without sectionIds: of all sections."
  seats(performanceId: ID!, sectionIds: [ID!]): Seats
  "Null and HOLD_NOT_FOUND for all but the buyer whose it is and the performance's organiser."
  hold(id: ID!): Hold
  "Whom the token speaks for; null without one."
  me: Caller
}

type Subscription {
  """
  Starts with all sections; after that, with those whose counts changed. With the \`since\` of an earlier message it goes
  on from there.
  """
  availabilityChanged(performanceId: ID!, since: String): Availability!
  """
  Starts with all seats of the sections; after that, with the seats that changed, as they are now. With the \`since\` of an
  earlier message, or of a query, it goes on from there where it can; a section where it cannot is \`whole\`.
  """
  seatsChanged(performanceId: ID!, sectionIds: [ID!], since: String): Seats!
  "The hold as it is, then after each change, and completes when the hold has come to its end."
  holdChanged(holdId: ID!): Hold!
}

input PerformanceFilter {
  "Words that the name has, whatever their case."
  text: String
  startsAfter: String
  startsBefore: String
}

type PerformancePage {
  data: [Performance!]!
  "For after; null on the last page."
  next: String
}

type Performance {
  performanceId: ID!
  venueId: ID!
  seatMapId: ID!
  name: String!
  "opening until all its sections answered, then scheduled."
  status: String!
  startsAt: String!
  endsAt: String
  saleStartsAt: String
  saleEndsAt: String
  currency: String!
  capacity: Int!
  revision: Int!
  holdPolicy: HoldPolicy!
  purchaseLimit: Int
  sectionLimit: Int
  orphanRule: String!
  seatsPerHold: Int!
  prices: [CategoryPrice!]!
  categories: [Category!]!
  sections: [Section!]!
  availability: Availability!
  seats(sectionIds: [ID!]): Seats!
}

type HoldPolicy {
  ttlSeconds: Int!
  extensionSeconds: Int!
  maxSeconds: Int!
}

type CategoryPrice {
  category: String!
  ticketType: String
  price: Money!
}

type Category {
  name: String!
  color: String
  price: Money
}

type Section {
  sectionId: ID!
  name: String!
  capacity: Int!
  standing: Boolean!
}

type Money {
  amount: Float!
  currency: String!
}

type Availability {
  "How many decisions changed a place of the performance: it only grows."
  version: Int!
  "The versions of the sections, for a subscription to go on from. Opaque."
  since: String!
  "Whether all sections are here."
  snapshot: Boolean!
  sections: [SectionCounts!]!
}

type SectionCounts {
  sectionId: ID!
  name: String!
  standing: Boolean!
  version: Int!
  capacity: Int!
  available: Int!
  held: Int!
  sold: Int!
  blocked: Int!
}

type Seats {
  "How many decisions changed a place of these sections: it only grows."
  version: Int!
  "The versions of the sections, for a subscription to go on from. Opaque."
  since: String!
  "Whether all sections are here, and whole."
  snapshot: Boolean!
  sections: [SectionSeats!]!
}

type SectionSeats {
  sectionId: ID!
  name: String!
  standing: Boolean!
  version: Int!
  "Whether all its seats are here: what was known of it before is to be forgotten."
  whole: Boolean!
  capacity: Int!
  available: Int!
  held: Int!
  sold: Int!
  blocked: Int!
  "None of a standing area: its places have no names."
  seats: [Seat!]!
}

type Seat {
  seatId: ID!
  row: String!
  number: String!
  x: Float!
  y: Float!
  category: String!
  type: String!
  "available, held, sold or blocked."
  status: String!
}

type Hold {
  holdId: ID!
  performanceId: ID!
  "Only when all is in one section."
  sectionId: ID
  "held, sold, released or expired."
  status: String!
  seats: [HeldSeat!]!
  "Seats and places together."
  quantity: Int!
  areas: [HeldArea!]!
  total: Money!
  expiresAt: String!
  extensionsLeft: Int!
}

type HeldSeat {
  seatId: ID!
  section: String!
  row: String!
  number: String!
  category: String!
  price: Money!
}

type HeldArea {
  sectionId: ID!
  name: String!
  category: String!
  quantity: Int!
  price: Money!
}

type Caller {
  id: ID!
  "buyer or organiser."
  kind: String!
  organisation: String
}
`
