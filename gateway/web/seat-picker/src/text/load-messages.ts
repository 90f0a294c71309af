import type { MessageLocale, Messages } from './text.ts'

const LOADERS: Readonly<Record<MessageLocale, () => Promise<{ readonly default: Messages }>>> = {
  en: async () => await import('../../messages/en.json', { with: { type: 'json' } }),
  vi: async () => await import('../../messages/vi.json', { with: { type: 'json' } }),
  'zh-Hant': async () => await import('../../messages/zh-Hant.json', { with: { type: 'json' } }),
  tr: async () => await import('../../messages/tr.json', { with: { type: 'json' } }),
  es: async () => await import('../../messages/es.json', { with: { type: 'json' } }),
}

const loaded = new Map<MessageLocale, Messages>()

/** What is here already, so that nothing flashes when the picker is shown again. */
export const loadedMessages = (locale: MessageLocale): Messages | undefined => loaded.get(locale)

export async function loadMessages(locale: MessageLocale): Promise<Messages> {
  const { default: messages } = await LOADERS[locale]()
  loaded.set(locale, messages)
  return messages
}
