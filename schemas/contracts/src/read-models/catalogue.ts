import type { TableSpec } from './table.ts'

/** Of the catalog's log alone: what is on, where, and what its seats cost. */
export const CATALOGUE = 'catalogue'

export const PERFORMANCES: TableSpec = {
  name: 'performances',
  key: ['performance_id'],
  columns: {
    performance_id: 'text',
    organisation: 'text',
    venue_id: 'text',
    seat_map_id: 'text',
    name: 'text',
    name_words: 'text',
    /** `opening` or `scheduled`. */
    status: 'text',
    starts_at: 'time',
    ends_at: 'time',
    sale_starts_at: 'time',
    sale_ends_at: 'time',
    currency: 'text',
    capacity: 'integer',
    revision: 'integer',
    price_revision: 'integer',
  },
  indexes: [['starts_at', 'performance_id'], ['venue_id'], ['organisation', 'starts_at']],
  words: ['name_words'],
}

export const VENUES: TableSpec = {
  name: 'venues',
  key: ['venue_id'],
  columns: {
    venue_id: 'text',
    organisation: 'text',
    name: 'text',
    name_words: 'text',
    time_zone: 'text',
    city: 'text',
    city_words: 'text',
    /** ISO 3166-1 alpha-2. */
    country: 'text',
  },
  indexes: [['city_words'], ['country']],
  words: ['name_words', 'city_words'],
}

/** Every price list that a hold may have locked. */
export const PRICES: TableSpec = {
  name: 'prices',
  key: ['performance_id', 'price_revision', 'category', 'ticket_type'],
  columns: {
    performance_id: 'text',
    price_revision: 'integer',
    category: 'text',
    /** Empty for the category's ordinary price. */
    ticket_type: 'text',
    /** In minor units of the performance's currency. */
    amount: 'bigint',
  },
}

/**
 * The categories of the seats of a section, in as many rows as its seat map came in. Put together in the order of `part`, they
 * are by seat index. Places of a standing area have all the same one: `standing` says which, and `categories` is empty.
 */
export const SEAT_CATEGORIES: TableSpec = {
  name: 'seat_categories',
  key: ['seat_map_id', 'section_id', 'part'],
  columns: { seat_map_id: 'text', section_id: 'text', part: 'integer', categories: 'texts', standing: 'text' },
}

export const CATALOGUE_TABLES: readonly TableSpec[] = [PERFORMANCES, VENUES, PRICES, SEAT_CATEGORIES]
