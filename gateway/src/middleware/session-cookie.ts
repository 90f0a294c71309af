import type { Context } from 'koa'

/** The cookie in which a browser keeps its session, where no script can read it. */
export interface SessionCookie {
  /** Undefined when the request has none. */
  read(context: Context): string | undefined
  write(context: Context, token: string, maxAgeMs: number): void
  clear(context: Context): void
}

/**
 * `Strict` costs nothing here: a link in an e-mail opens a page that is the same for everybody, and what the page then asks
 * for comes from the page itself. With https the name's prefix makes browsers refuse the cookie from any other host or path.
 */
export function sessionCookie({ https }: { readonly https: boolean }): SessionCookie {
  const name = https ? '__Host-cavea_session' : 'cavea_session'
  const attributes = `Path=/; HttpOnly; SameSite=Strict${https ? '; Secure' : ''}`
  return {
    read: (context) => context.cookies.get(name),
    write: (context, token, maxAgeMs) =>
      context.append('Set-Cookie', `${name}=${token}; Max-Age=${Math.floor(maxAgeMs / 1_000)}; ${attributes}`),
    clear: (context) => context.append('Set-Cookie', `${name}=; Max-Age=0; ${attributes}`),
  }
}
