import assert from 'node:assert/strict'
import { HttpProblem } from '@cavea/service-kit/problem'
import fc from 'fast-check'
import { pageOf, readPage } from './pages.ts'

const request = (search: string): ReturnType<typeof readPage> => readPage(Object.fromEntries(new URLSearchParams(search)))

describe('Pages', () => {
  it('have 50 items unless told otherwise', () => {
    assert.deepEqual(request(''), { limit: 50, after: undefined })
    assert.deepEqual(request('limit=100'), { limit: 100, after: undefined })
  })

  it('refuse limits and cursors that are none, and say which parameter it was', () => {
    for (const limit of ['0', '101', 'ten', '-1', '1.5', '', ['1', '2']]) {
      assert.throws(() => readPage({ limit }), { code: 'LIMIT_INVALID', status: 400 }, String(limit))
    }
    for (const cursor of ['', '  ', 'AA', ['YQ', 'YQ']]) {
      assert.throws(
        () => readPage({ cursor }),
        (error) => error instanceof HttpProblem && error.code === 'CURSOR_INVALID' && JSON.stringify(error.extra).includes('/query/cursor'),
        String(cursor),
      )
    }
  })

  it('join up to all visible items, each once and in order, whatever the limit', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(999).map(String)), fc.integer({ min: 1, max: 7 }), fc.nat(3), (keys, limit, hidden) => {
        const sorted = keys.sort()
        const isVisible = (key: string): boolean => Number(key) % 4 !== hidden
        const seen: string[] = []
        let next: string | null = null
        do {
          const page: ReturnType<typeof pageOf<string>> = pageOf(
            sorted,
            readPage({ limit: String(limit), ...(next !== null && { cursor: next }) }),
            (key) => key,
            isVisible,
          )
          assert.ok(page.items.length <= limit)
          seen.push(...page.items)
          next = page.next
        } while (next !== null)
        assert.deepEqual(seen, sorted.filter(isVisible))
      }),
    )
  })
})
