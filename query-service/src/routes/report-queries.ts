import { searchText } from '@cavea/contracts/read-models/search-text'
import type { After } from '../ports/reports.ts'
import { malformed } from './problems.ts'

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>

export interface SearchQuery {
  readonly words: readonly string[]
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
  readonly city: string | undefined
  readonly country: string | undefined
}

const TEXT_CHARS_MAX = 200
const WORDS_MAX = 12
const POINTS_DEFAULT = 200
const POINTS_MAX = 1_000
const SEARCHED = ['q', 'from', 'to', 'city', 'country'] as const
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/
const COUNTRY = /^[A-Za-z]{2}$/
const HOLD_STATUSES = ['held', 'sold', 'released', 'expired'] as const

const invalid = (name: string, detail: string): Error => malformed('INVALID_INPUT', `/query/${name}`, `${name} ${detail}`)

/** Undefined when absent. Throws a 400 problem for one that is given twice, or is too long. */
function textOf(query: Query, name: string): string | undefined {
  const value = query[name]
  if (value === undefined || value === '') return undefined
  if (typeof value !== 'string' || value.length > TEXT_CHARS_MAX)
    throw invalid(name, `must be given once, with at most ${TEXT_CHARS_MAX} characters.`)
  return value
}

function timeOf(query: Query, name: string): number | undefined {
  const text = textOf(query, name)
  if (text === undefined) return undefined
  const atMs = TIME.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(atMs)) throw invalid(name, 'must be a day, 2027-05-01, or a time with its zone, 2027-05-01T19:30:00Z.')
  return atMs
}

/** Whether somebody searches: an ordinary list names none of these. */
export const isSearch = (query: Query): boolean => SEARCHED.some((name) => query[name] !== undefined && query[name] !== '')

/** Undefined when nothing can be found, since `q` or `city` has no word in it. Throws a 400 problem. */
export function readSearch(query: Query): SearchQuery | undefined {
  const [q, place, country] = [textOf(query, 'q'), textOf(query, 'city'), textOf(query, 'country')]
  if (country !== undefined && !COUNTRY.test(country)) throw invalid('country', 'must be two letters, as in ISO 3166-1.')
  const words = q === undefined ? [] : [...new Set(searchText(q).split(' '))].filter((word) => word !== '')
  if (words.length > WORDS_MAX) throw invalid('q', `must have at most ${WORDS_MAX} words.`)
  const city = place === undefined ? undefined : searchText(place)
  const search = { words, fromMs: timeOf(query, 'from'), toMs: timeOf(query, 'to'), city, country: country?.toUpperCase() }
  return (q !== undefined && words.length === 0) || city === '' ? undefined : search
}

/** `order|id`, where the page before ended. Throws a 400 problem. */
export function readAfter(after: string | undefined): After | undefined {
  if (after === undefined) return undefined
  const [, order, id] = /^(-?[0-9.e+-]{1,40})\|([!-~]{1,60})$/.exec(after) ?? []
  if (order === undefined || id === undefined || !Number.isFinite(Number(order))) throw badCursor()
  return { order: Number(order), id }
}

/** `offset.index` of a decision's event. Throws a 400 problem. */
export function readPlace(after: string | undefined): { readonly offset: number; readonly index: number } | undefined {
  if (after === undefined) return undefined
  const [, offset, index] = /^(\d{1,15})\.(\d{1,6})$/.exec(after) ?? []
  if (offset === undefined) throw badCursor()
  return { offset: Number(offset), index: Number(index) }
}

export const cursorOf = (key: string): string => Buffer.from(key).toString('base64url')

const badCursor = (): Error => invalid('cursor', 'must be the `next` of an earlier page.')

export function readPoints(query: Query): number {
  const text = textOf(query, 'points') ?? String(POINTS_DEFAULT)
  const points = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (points < 2 || points > POINTS_MAX) throw invalid('points', `must be a whole number from 2 to ${POINTS_MAX}.`)
  return points
}

/** Sales are told by day alone, so far. */
export function requireByDay(query: Query): void {
  if ((textOf(query, 'by') ?? 'day') !== 'day') throw invalid('by', 'must be "day".')
}

export function readHoldStatus(query: Query): string | undefined {
  const text = textOf(query, 'status')
  if (text !== undefined && !HOLD_STATUSES.some((status) => status === text))
    throw invalid('status', `must be one of ${HOLD_STATUSES.join(', ')}.`)
  return text
}
