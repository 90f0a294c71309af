import { createContext, type ReactNode, use, useCallback, useContext, useEffect, useMemo, useState, useTransition } from 'react'
import { rememberLanguage } from '../data/preferences.ts'
import { isLocale, type Loaders, type Locale, type MessageKey, type Messages } from './locales.ts'
import { createPhrases, type Phrases } from './phrases.ts'

const SITE_MESSAGES: Loaders = {
  en: () => import('../../messages/en.json'),
  vi: () => import('../../messages/vi.json'),
  'zh-Hant': () => import('../../messages/zh-Hant.json'),
  tr: () => import('../../messages/tr.json'),
  es: () => import('../../messages/es.json'),
}

interface Words {
  readonly locale: Locale
  readonly setLocale: (locale: Locale) => void
  readonly t: Phrases<MessageKey>
}

const WordsContext = createContext<Words | undefined>(undefined)
const loaded = new WeakMap<Loaders, Map<Locale, Promise<Messages>>>()

/** The same promise for the same language, so that rendering may wait for it. */
export function loadMessages(loaders: Loaders, locale: Locale): Promise<Messages> {
  const ofLoaders = loaded.get(loaders) ?? new Map<Locale, Promise<Messages>>()
  loaded.set(loaders, ofLoaders)
  let messages = ofLoaders.get(locale)
  if (messages === undefined) {
    messages = loaders[locale]().then((module) => module.default)
    ofLoaders.set(locale, messages)
  }
  return messages
}

/** The server chose it, by what this browser's owner chose before or asks for. */
export function pageLocale(): Locale {
  const { lang } = document.documentElement
  return isLocale(lang) ? lang : 'en'
}

export const loadSiteMessages = (locale: Locale): Promise<Messages> => loadMessages(SITE_MESSAGES, locale)

/** Suspends until the messages of the language are there. */
export function WordsProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [locale, setState] = useState(pageLocale)
  const [, startTransition] = useTransition()
  const messages = use(loadSiteMessages(locale))
  const setLocale = useCallback((chosen: Locale) => {
    rememberLanguage(chosen)
    startTransition(() => setState(chosen)) // What is there stays until the words are there.
  }, [])
  useEffect(() => {
    document.documentElement.lang = locale
  }, [locale])
  const words = useMemo<Words>(() => ({ locale, setLocale, t: createPhrases(locale, messages) }), [locale, setLocale, messages])
  return <WordsContext value={words}>{children}</WordsContext>
}

export function useWords(): Words {
  const words = useContext(WordsContext)
  if (words === undefined) throw new TypeError('There are no words outside of WordsProvider.')
  return words
}

/** The messages of a part of the site that brings its own. Suspends until they are there. */
export function usePhrases<Key extends string>(loaders: Loaders): Phrases<Key> {
  const { locale } = useWords()
  const messages = use(loadMessages(loaders, locale))
  return useMemo(() => createPhrases<Key>(locale, messages), [locale, messages])
}
