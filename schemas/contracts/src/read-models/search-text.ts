const MARKS = /\p{M}/gu
const NO_WORD = /[^\p{L}\p{N}]+/gu
/** Letters that no decomposition takes apart, and what people type for them. */
const PLAIN: Readonly<Record<string, string>> = { đ: 'd', ı: 'i', ß: 'ss', ø: 'o', ł: 'l', æ: 'ae', œ: 'oe', ð: 'd', þ: 'th' }
const SPECIAL = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'g')
/** Written without spaces, so each of these counts as a word. */
const WORD_BY_ITSELF = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu

/**
 * A text as it is searched: its words in small letters without marks, with spaces between. Both what is found and what is looked
 * for go through it, so "do thi uoc" finds "Đỗ Thị Ước", and "istanbul" finds "İSTANBUL", whatever a database knows of languages.
 */
export function searchText(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(MARKS, '')
    .replace(SPECIAL, (letter) => PLAIN[letter] ?? letter)
    .normalize('NFKC') // Hangul was taken apart into its letters.
    .replace(WORD_BY_ITSELF, ' $& ')
    .replace(NO_WORD, ' ')
    .trim()
}
