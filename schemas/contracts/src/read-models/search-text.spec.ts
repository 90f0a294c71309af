import assert from 'node:assert/strict'
import { searchText } from './search-text.ts'

describe('a text as it is searched', () => {
  for (const [language, written, typed] of [
    ['Vietnamese', 'Đỗ Thị Ước — Nhà hát Lớn', 'do thi uoc nha hat lon'],
    ['Turkish', 'İSTANBUL ışık', 'istanbul isik'],
    ['Spanish', 'Año Nuevo: ¡Olé!', 'ano nuevo ole'],
    ['German', 'Straße der Künste', 'strasse der kunste'],
    ['Korean', '한국 Théâtre', '한국 theatre'],
  ] as const)
    it(`is what people type on a plain keyboard, in ${language}`, () => {
      assert.equal(searchText(written), typed)
      assert.equal(searchText(typed), typed)
    })

  it('is the same however the letters were composed', () => {
    assert.equal(searchText('Ước'.normalize('NFD')), searchText('Ước'.normalize('NFC')))
  })

  it('takes each character of a script without spaces for a word', () => {
    assert.equal(searchText('台北音樂廳2027'), '台 北 音 樂 廳 2027')
  })

  it('leaves nothing of what is no word', () => {
    assert.equal(searchText(` '); DROP -- & | ! :* <-> \\ `), 'drop')
    assert.equal(searchText('!?'), '')
  })
})
