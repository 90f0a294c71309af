/** A JSON text read, or where and why it is none. */
export type JsonText = { readonly outcome: 'read'; readonly value: unknown } | { readonly outcome: 'malformed'; readonly detail: string }

const SPACE = /[ \t\n\r]*/y
const STRING = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/** Reads a JSON text, without a byte order mark if it has one. Says line and column of the first mistake, counted from 1 in UTF-16 units. */
export function readJsonText(text: string): JsonText {
  const json = text.startsWith('\ufeff') ? text.slice(1) : text
  try {
    return { outcome: 'read', value: JSON.parse(json) as unknown }
  } catch {
    const { offset, expected } = firstMistake(json)
    const before = json.slice(0, offset)
    const line = before.split('\n').length
    const column = offset - before.lastIndexOf('\n')
    const found =
      offset >= json.length ? 'the document ends' : `${JSON.stringify(String.fromCodePoint(json.codePointAt(offset) ?? 0))} was found`
    return {
      outcome: 'malformed',
      detail: `The document is not valid JSON: at line ${line.toString()}, column ${column.toString()}, ${found} where ${expected} was expected.`,
    }
  }
}

type Expected = 'a value' | 'a value or ]' | 'a key or }' | 'a key' | 'a colon' | 'a comma or the end' | 'the end of the document'

/** V8 says the offset of a mistake only for some mistakes, so a text that it refused is walked through again; without recursion, since it may be deep. */
function firstMistake(json: string): { readonly offset: number; readonly expected: string } {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'a value'
  let offset = 0
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = offset
    const found = pattern.exec(json)
    offset += found?.[0].length ?? 0
    return found !== null
  }
  const afterValue = (): Expected => (open.length === 0 ? 'the end of the document' : 'a comma or the end')
  for (;;) {
    if (json.charCodeAt(offset) <= 0x20) skip(SPACE)
    const char = json.charAt(offset)
    if (expected === 'a colon' && char === ':') expected = 'a value'
    else if (expected === 'a comma or the end' && char === ',') expected = open.at(-1) === '{' ? 'a key' : 'a value'
    else if (char === '}' && open.at(-1) === '{' && (expected === 'a key or }' || expected === 'a comma or the end')) {
      open.pop()
      expected = afterValue()
    } else if (char === ']' && open.at(-1) === '[' && (expected === 'a value or ]' || expected === 'a comma or the end')) {
      open.pop()
      expected = afterValue()
    } else if (expected === 'a key or }' || expected === 'a key') {
      if (!skip(STRING)) return { offset, expected: `${expected === 'a key' ? 'a key' : 'a key or }'} in double quotation marks` }
      expected = 'a colon'
      continue
    } else if ((expected === 'a value' || expected === 'a value or ]') && (char === '{' || char === '[')) {
      open.push(char)
      expected = char === '{' ? 'a key or }' : 'a value or ]'
    } else if (expected === 'a value' || expected === 'a value or ]') {
      if (!skip(STRING) && !skip(SCALAR)) return { offset, expected: char === '"' ? 'text that ends with a quotation mark' : expected }
      expected = afterValue()
      continue
    } else return { offset, expected: expected === 'a comma or the end' ? `a comma or ${open.at(-1) === '{' ? '}' : ']'}` : expected }
    offset += 1
  }
}
