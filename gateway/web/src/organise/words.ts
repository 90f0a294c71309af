import type { Loaders } from '../words/locales.ts'
import type { Phrases } from '../words/phrases.ts'
import { usePhrases } from '../words/words.tsx'
import type en from './messages/en.json'

export type OrganiseKey = keyof typeof en

const MESSAGES: Loaders = {
  en: () => import('./messages/en.json'),
  vi: () => import('./messages/vi.json'),
  'zh-Hant': () => import('./messages/zh-Hant.json'),
  tr: () => import('./messages/tr.json'),
  es: () => import('./messages/es.json'),
}

/** The words of the organiser's pages. */
export const useOrganiseWords = (): Phrases<OrganiseKey> => usePhrases<OrganiseKey>(MESSAGES)

/** Whether there are words of our own for what a program names, such as a code. */
export const hasWords = <Key extends string>(keys: readonly Key[], name: string): name is Key => (keys as readonly string[]).includes(name)
