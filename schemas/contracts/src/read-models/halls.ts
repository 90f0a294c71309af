import type { TableSpec } from './table.ts'

export const VENUES: TableSpec = {
  name: 'venues',
  key: ['venue_id'],
  columns: { venue_id: 'text', organisation: 'text', name: 'text', time_zone: 'text', address: 'json' },
}

/** `status` is `draft` until all parts are there and the map was published; only then it has a `map_version`, counted per venue, and may be used. */
export const SEAT_MAPS: TableSpec = {
  name: 'seat_maps',
  key: ['seat_map_id'],
  columns: {
    seat_map_id: 'text',
    organisation: 'text',
    venue_id: 'text',
    name: 'text',
    status: 'text',
    map_version: 'integer',
    categories: 'json',
    focal_point: 'json',
    sections: 'json',
    extras: 'text',
  },
}

/** The drawing of one section. `parts` has its rows as they were sent: `parts.3` those of the fourth part of the map; together, in the order of their numbers, they are the section. */
export const SEAT_MAP_SECTIONS: TableSpec = {
  name: 'seat_map_sections',
  key: ['seat_map_id', 'section_id'],
  columns: {
    seat_map_id: 'text',
    section_id: 'text',
    name: 'text',
    seat_count: 'integer',
    standing: 'json',
    parts: 'json',
    extras: 'text',
  },
}

/** `status` is `opening` until every section answered, then `scheduled`. `price_lists` has every list that a hold may have locked, by its revision. */
export const PERFORMANCES: TableSpec = {
  name: 'performances',
  key: ['performance_id'],
  columns: {
    performance_id: 'text',
    organisation: 'text',
    venue_id: 'text',
    seat_map_id: 'text',
    name: 'text',
    starts_at: 'time',
    ends_at: 'time',
    currency: 'text',
    status: 'text',
    sections: 'json',
    revision: 'integer',
    price_revision: 'integer',
    terms: 'json',
    price_lists: 'json',
  },
}

export const HALLS_TABLES: readonly TableSpec[] = [VENUES, SEAT_MAPS, SEAT_MAP_SECTIONS, PERFORMANCES]
