import type { Locale } from '../../words/locales.ts'

/** Codes that stand for no country: unions, reserved and private ones. */
const NO_COUNTRIES = new Set(['AC', 'CP', 'CQ', 'DG', 'EA', 'EU', 'EZ', 'IC', 'QO', 'TA', 'UN', 'XA', 'XB', 'ZZ'])

export interface Named {
  readonly code: string
  readonly name: string
}

/** Every country that the browser has a name for, in the order of the language. */
export function countries(locale: Locale): readonly Named[] {
  const names = new Intl.DisplayNames(locale, { type: 'region', fallback: 'none' })
  const letters = Array.from({ length: 26 }, (_, at) => String.fromCharCode(65 + at))
  const found = letters.flatMap((first) =>
    letters.flatMap((second) => {
      const code = first + second
      const name = NO_COUNTRIES.has(code) ? undefined : names.of(code)
      // A code that became another one, as DD did, is not listed.
      return name === undefined || new Intl.Locale(`und-${code}`).region !== code ? [] : [{ code, name }]
    }),
  )
  return sorted(found, locale)
}

export function currencies(locale: Locale): readonly Named[] {
  const names = new Intl.DisplayNames(locale, { type: 'currency' })
  return sorted(
    Intl.supportedValuesOf('currency').map((code) => ({ code, name: names.of(code) ?? code })),
    locale,
  )
}

function sorted(all: readonly Named[], locale: Locale): readonly Named[] {
  const { compare } = new Intl.Collator(locale)
  return all.toSorted((a, b) => compare(a.name, b.name))
}

/** The browser's own among them, whichever name it has for it. */
export function timeZones(): readonly string[] {
  return [...new Set([...Intl.supportedValuesOf('timeZone'), homeTimeZone(), 'UTC'])].sort()
}

export const homeTimeZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone

/** Where somebody with this browser most likely is. */
export const homeCountry = (): string => new Intl.Locale(navigator.language).maximize().region ?? 'US'

const EURO_COUNTRIES = 'AD AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MC ME MT NL PT SI SK SM VA XK'.split(' ')
const CURRENCY_OF: Readonly<Record<string, string>> = {
  ...Object.fromEntries(EURO_COUNTRIES.map((country) => [country, 'EUR'])),
  ...{ AR: 'ARS', AU: 'AUD', BR: 'BRL', CA: 'CAD', CH: 'CHF', CL: 'CLP', CN: 'CNY', CO: 'COP', CZ: 'CZK', DK: 'DKK', GB: 'GBP' },
  ...{ HK: 'HKD', HU: 'HUF', ID: 'IDR', IL: 'ILS', IN: 'INR', JP: 'JPY', KR: 'KRW', KW: 'KWD', MO: 'MOP', MX: 'MXN', MY: 'MYR' },
  ...{ NO: 'NOK', NZ: 'NZD', PE: 'PEN', PH: 'PHP', PL: 'PLN', RO: 'RON', SE: 'SEK', SG: 'SGD', TH: 'THB', TR: 'TRY', TW: 'TWD' },
  ...{ US: 'USD', UY: 'UYU', VN: 'VND', ZA: 'ZAR' },
}

/** What is paid with there, as a first guess. */
export const currencyOf = (country: string): string => CURRENCY_OF[country] ?? 'USD'
