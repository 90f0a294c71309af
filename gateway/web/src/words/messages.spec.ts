import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { IntlMessageFormat } from 'intl-messageformat'
import { LOCALES } from './locales.ts'

/** Whoever brings messages of their own adds their folder here. */
const FOLDERS = ['../../messages/', '../organise/messages/'].map((path) => fileURLToPath(new URL(path, import.meta.url)))

const readMessages = (folder: string, locale: string): Record<string, string> =>
  JSON.parse(readFileSync(`${folder}${locale}.json`, 'utf8')) as Record<string, string>

/** The names of the arguments, and of plural arguments that they are. */
function argumentsOf(message: string, locale: string): readonly string[] {
  const found = new Set<string>()
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const part of value) walk(part)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return
    const { type, value: name, options } = value as { type?: number; value?: unknown; options?: Record<string, { value: unknown }> }
    // In the parser's tree 0 is text and 7 the number of a plural: all others name an argument.
    if (type !== undefined && type !== 0 && type !== 7) found.add(`${String(name)}${options === undefined ? '' : ', plural'}`)
    for (const option of Object.values(options ?? {})) walk(option.value)
  }
  walk(new IntlMessageFormat(message, locale).getAst())
  return [...found].sort()
}

const existing = FOLDERS.filter((folder) => {
  try {
    return readdirSync(folder).length > 0
  } catch {
    return false
  }
})

for (const folder of existing) {
  const english = readMessages(folder, 'en')
  describe(`The messages in ${folder.split('/').slice(-4, -1).join('/')}`, () => {
    for (const locale of LOCALES) {
      it(`say in ${locale} all that they say in English, with the same arguments`, () => {
        const messages = readMessages(folder, locale)
        assert.deepEqual(Object.keys(messages), Object.keys(english))
        for (const [key, message] of Object.entries(messages)) {
          assert.deepEqual(argumentsOf(message, locale), argumentsOf(english[key] ?? '', 'en'), key)
          assert.notEqual(message.trim(), '', key)
        }
      })
    }
  })
}
