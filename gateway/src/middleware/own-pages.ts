import { HttpProblem } from '@cavea/service-kit/problem'
import type { Context } from 'koa'

/**
 * Whether a page of this very origin sent the request. Browsers say so themselves, in headers that no page can set:
 * `Sec-Fetch-Site` where the connection is trusted, and `Origin` with everything that may change something.
 */
export function isFromOwnPage(context: Context): boolean {
  const site = context.get('Sec-Fetch-Site')
  if (site !== '') return site === 'same-origin'
  return hostOf(context.get('Origin')) === context.host.toLowerCase()
}

/** Throws a 403 problem for what another origin's page sent, or nobody knows who. */
export function requireOwnPage(context: Context): void {
  if (isFromOwnPage(context)) return
  throw new HttpProblem({
    status: 403,
    code: 'ORIGIN_NOT_ALLOWED',
    detail: 'With a session only pages of this very origin may ask this. Others send a Bearer token.',
  })
}

/** Undefined for what is no origin, as `null` is none. */
export const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host.toLowerCase() : undefined)
