export type Scheme = 'system' | 'light' | 'dark'

const YEAR_SECONDS = 365 * 86_400

/** In a cookie, because the server writes pages in the language and the colours that were chosen. */
function remember(name: string, value: string | undefined): void {
  // biome-ignore lint/suspicious/noDocumentCookie: not every browser has the Cookie Store API.
  document.cookie = `${name}=${value ?? ''}; Path=/; Max-Age=${value === undefined ? 0 : YEAR_SECONDS}; SameSite=Lax`
}

export const rememberLanguage = (locale: string): void => remember('cavea_language', locale)

export function schemeOfPage(): Scheme {
  const scheme = document.documentElement.dataset['scheme']
  return scheme === 'light' || scheme === 'dark' ? scheme : 'system'
}

/** Changes the colours of the page at once, and of those to come. */
export function chooseScheme(scheme: Scheme): void {
  const chosen = scheme === 'system' ? undefined : scheme
  if (chosen === undefined) delete document.documentElement.dataset['scheme']
  else document.documentElement.dataset['scheme'] = chosen
  remember('cavea_scheme', chosen)
}
