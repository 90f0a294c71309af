import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { IntlMessageFormat } from 'intl-messageformat'
import { createText, LOCALES, localeFor, type Messages } from './text.ts'

const messagesOf = (locale: string): Messages =>
  JSON.parse(readFileSync(new URL(`../../messages/${locale}.json`, import.meta.url), 'utf8')) as Messages

/** Names of the arguments of a message, those inside plurals too. */
function argumentsOf(text: string, locale: string): readonly string[] {
  const names = new Set<string>()
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const each of node) visit(each)
    else if (typeof node === 'object' && node !== null) {
      const { type, value } = node as { readonly type?: number; readonly value?: unknown }
      if (typeof type === 'number' && type > 0 && typeof value === 'string') names.add(value)
      for (const each of Object.values(node)) if (typeof each === 'object') visit(each)
    }
  }
  visit(new IntlMessageFormat(text, locale, undefined, { ignoreTag: true }).getAst())
  return [...names].sort()
}

describe('The messages of the picker', () => {
  const english = messagesOf('en')

  for (const locale of LOCALES.filter((each) => each !== 'en'))
    it(`have every key in ${locale}, and the arguments that English has`, () => {
      const messages = messagesOf(locale)
      assert.deepEqual(Object.keys(messages), Object.keys(english))
      for (const [key, text] of Object.entries(messages)) {
        assert.notEqual(text.trim(), '', key)
        assert.deepEqual(argumentsOf(text, locale), argumentsOf(english[key as keyof Messages], 'en'), key)
      }
    })

  it('are chosen by the language that is asked for, and are English where there is none', () => {
    assert.deepEqual(
      ['vi-VN', 'zh-TW', 'ZH-hant', 'es-419', 'tr', 'de', ''].map((asked) => localeFor(asked)),
      ['vi', 'zh-Hant', 'zh-Hant', 'es', 'tr', 'en', 'en'],
    )
  })

  it('say prices in the currency and the manner of the place, whole ones without zeros', () => {
    const price = (locale: string, currency: string, amount: number): string =>
      createText(messagesOf(localeFor(locale)), locale, currency)
        .price(amount)
        .replaceAll(/\s/g, ' ')
    assert.equal(price('en', 'EUR', 8_500), '€85')
    assert.equal(price('es', 'EUR', 8_550), '85,50 €')
    assert.equal(price('vi', 'VND', 125_000), '125.000 ₫')
    assert.equal(price('de', 'EUR', 8_550), '€85.50')
    assert.equal(price('en', 'no code', 8_550), '8,550')
  })

  it('count as the language does', () => {
    assert.equal(createText(english, 'en', 'EUR').say('left', { count: 0 }), 'none left')
    assert.equal(createText(messagesOf('es'), 'es', 'EUR').say('left', { count: 1 }), 'queda 1')
  })
})
