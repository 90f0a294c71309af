import { IntlMessageFormat } from 'intl-messageformat'
import type { Locale, Messages } from './locales.ts'

export type Values = Readonly<Record<string, string | number | Date>>
/** The words of a message in the language of the page. */
export type Phrases<Key extends string> = (key: Key, values?: Values) => string

/** Messages are parsed when they are first said. One that is missing says its key, which a spec keeps from happening. */
export function createPhrases<Key extends string>(locale: Locale, messages: Messages): Phrases<Key> {
  const parsed = new Map<string, IntlMessageFormat>()
  return (key, values) => {
    let message = parsed.get(key)
    if (message === undefined) {
      message = new IntlMessageFormat(messages[key] ?? key, locale)
      parsed.set(key, message)
    }
    return String(message.format(values))
  }
}
