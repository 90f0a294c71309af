import type { Middleware } from 'koa'

/** An answer of the API is data: no browser has a reason to run, frame or guess anything in it. */
export const API_SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'X-DNS-Prefetch-Control': 'off',
}

export const HSTS = 'max-age=31536000; includeSubDomains'

/** `https`: clients reach this service by HTTPS only, so that browsers may be told to remember it. */
export function securityHeaders(options: { readonly https: boolean }): Middleware {
  const headers = Object.entries({
    ...API_SECURITY_HEADERS,
    ...(options.https && { 'Strict-Transport-Security': HSTS }),
    'Cache-Control': 'no-store',
  })
  return async function securityHeadersMiddleware(context, next) {
    try {
      await next()
    } finally {
      // At the end, so that a crowd that waits for its decisions does not keep them in memory; a route may have its own.
      for (const [name, value] of headers) if (!context.res.hasHeader(name)) context.set(name, value)
    }
  }
}
