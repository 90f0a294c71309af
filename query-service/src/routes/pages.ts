import { malformed } from './problems.ts'

export interface PageRequest {
  readonly limit: number
  /** The key of the last item that the client has. */
  readonly after: string | undefined
}

const LIMIT_DEFAULT = 50
const LIMIT_MAX = 100
const KEY = /^[!-~]{1,100}$/

/** Reads the query's `limit` and `cursor`. Throws a 400 problem. */
export function readPage(query: {
  readonly limit?: string | readonly string[]
  readonly cursor?: string | readonly string[]
}): PageRequest {
  const { limit = String(LIMIT_DEFAULT), cursor } = query
  if (typeof limit !== 'string' || !/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > LIMIT_MAX)
    throw malformed('LIMIT_INVALID', '/query/limit', `limit must be a whole number from 1 to ${LIMIT_MAX}.`)
  if (cursor === undefined) return { limit: Number(limit), after: undefined }
  const after = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url').toString() : ''
  if (!KEY.test(after)) throw malformed('CURSOR_INVALID', '/query/cursor', 'cursor must be the `next` of an earlier page.')
  return { limit: Number(limit), after }
}

/**
 * The next items that `isVisible`. `sorted` is in the order of the keys, so a page goes on after its cursor also when
 * items were added, or when the cursor's own is gone. `next` is null on the last page.
 */
export function pageOf<Item>(
  sorted: readonly Item[],
  { limit, after }: PageRequest,
  keyOf: (item: Item) => string,
  isVisible: (item: Item) => boolean,
): { readonly items: readonly Item[]; readonly next: string | null } {
  const items: Item[] = []
  for (let at = after === undefined ? 0 : firstAfter(sorted, after, keyOf); at < sorted.length; at++) {
    const item = sorted[at]
    if (item === undefined || !isVisible(item)) continue
    const last = items.at(-1)
    if (items.length === limit && last !== undefined) return { items, next: Buffer.from(keyOf(last)).toString('base64url') }
    items.push(item)
  }
  return { items, next: null }
}

function firstAfter<Item>(sorted: readonly Item[], after: string, keyOf: (item: Item) => string): number {
  let from = 0
  let to = sorted.length
  while (from < to) {
    const middle = (from + to) >>> 1
    const item = sorted[middle]
    if (item !== undefined && keyOf(item) <= after) from = middle + 1
    else to = middle
  }
  return from
}
