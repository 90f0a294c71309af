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

/**
 * A page of ours runs our files alone and talks to nobody else. WebSockets are named beside `'self'`, which not every
 * browser takes to mean them. `host` is the one that the page was asked from.
 */
export const pageSecurityHeaders = (host: string): Readonly<Record<string, string>> => ({
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src 'self' ws://${host} wss://${host}`,
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
})

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
