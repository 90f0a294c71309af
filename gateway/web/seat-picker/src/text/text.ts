import { IntlMessageFormat } from 'intl-messageformat'
import type en from '../../messages/en.json'

export type MessageKey = keyof typeof en
export type Messages = Readonly<Record<MessageKey, string>>

export const LOCALES = ['en', 'vi', 'zh-Hant', 'tr', 'es'] as const
export type MessageLocale = (typeof LOCALES)[number]

/** The picker's words in one language. */
export interface Text {
  readonly locale: string
  say(key: MessageKey, values?: Readonly<Record<string, string | number>>): string
  number(value: number): string
  /** Of an amount in minor units, as many as the currency has. */
  price(amount: number): string
}

/** The language there are messages in that is nearest to the one asked for. */
export function localeFor(asked: string): MessageLocale {
  const lower = asked.toLowerCase()
  const exact = LOCALES.find((locale) => locale.toLowerCase() === lower)
  return exact ?? LOCALES.find((locale) => locale.split('-')[0] === lower.split('-')[0]) ?? 'en'
}

export function createText(messages: Messages, asked: string, currency: string): Text {
  const language = localeFor(asked)
  // The country decides how numbers are written; the language must be that of the words.
  const locale = isLocale(asked) && asked.toLowerCase().startsWith(language.slice(0, 2)) ? asked : language
  const formats = new Map<MessageKey, IntlMessageFormat>()
  const numbers = new Intl.NumberFormat(locale)
  const money = moneyFormat(locale, currency)
  const minor = 10 ** (money.resolvedOptions().maximumFractionDigits ?? 0)
  // A whole price is said without its zeros: 85 €, but 85,50 €.
  const wholeMoney = moneyFormat(locale, currency, 0)
  return {
    locale,
    say(key, values = {}) {
      let format = formats.get(key)
      if (format === undefined) {
        format = new IntlMessageFormat(messages[key], locale, undefined, { ignoreTag: true })
        formats.set(key, format)
      }
      return String(format.format(values))
    },
    number: (value) => numbers.format(value),
    price: (amount) => (amount % minor === 0 ? wholeMoney : money).format(amount / minor),
  }
}

function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1
  } catch {
    return false
  }
}

function moneyFormat(locale: string, currency: string, digits?: number): Intl.NumberFormat {
  const fraction = digits === undefined ? {} : { minimumFractionDigits: digits, maximumFractionDigits: digits }
  try {
    return new Intl.NumberFormat(locale, { style: 'currency', currency, ...fraction })
  } catch {
    return new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }) // What is no currency is shown as a bare number.
  }
}
