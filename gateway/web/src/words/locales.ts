import type en from '../../messages/en.json'

export const LOCALES = ['en', 'vi', 'zh-Hant', 'tr', 'es'] as const
export type Locale = (typeof LOCALES)[number]
export type MessageKey = keyof typeof en
export type Messages = Readonly<Record<string, string>>

/** A file of messages for each language, each a chunk of its own. */
export type Loaders = Readonly<Record<Locale, () => Promise<{ readonly default: Messages }>>>

/** What each language calls itself. */
export const LANGUAGE_NAMES: Readonly<Record<Locale, string>> = {
  en: 'English',
  vi: 'Tiếng Việt',
  'zh-Hant': '繁體中文',
  tr: 'Türkçe',
  es: 'Español',
}

export const isLocale = (tag: string): tag is Locale => (LOCALES as readonly string[]).includes(tag)
