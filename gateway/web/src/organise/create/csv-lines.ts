const DELIMITERS = [',', ';', '\t'] as const

/** The cells of a CSV file with the line on which each record begins. What is malformed is read as well as it can be. */
export function readCsv(text: string): readonly { readonly line: number; readonly cells: readonly string[] }[] {
  const plain = text.replace(/^\uFEFF/, '')
  const delimiter = delimiterOf(plain)
  const records: { line: number; cells: string[] }[] = []
  let record: { line: number; cells: string[] } = { line: 1, cells: [] }
  let [cell, isQuoted, line] = ['', false, 1]
  const endRecord = (): void => {
    record.cells.push(cell)
    if (record.cells.some((each) => each.trim() !== '')) records.push(record)
    record = { line: line + 1, cells: [] }
    cell = ''
  }
  for (let at = 0; at < plain.length; at++) {
    const sign = plain.charAt(at)
    const isLineEnd = sign === '\n' || (sign === '\r' && plain.charAt(at + 1) !== '\n')
    if (isQuoted) {
      if (sign !== '"') cell += sign
      else if (plain.charAt(at + 1) === '"') cell += plain.charAt(at++)
      else isQuoted = false
    } else if (sign === '"' && cell === '') isQuoted = true
    else if (sign === delimiter) {
      record.cells.push(cell)
      cell = ''
    } else if (isLineEnd) endRecord()
    else if (sign !== '\r') cell += sign
    if (isLineEnd) line++
  }
  endRecord()
  return records
}

/** Whichever the first line has most of. */
function delimiterOf(text: string): string {
  const header = (/[^\r\n]+/.exec(text)?.[0] ?? '').replace(/"[^"]*"/g, '')
  return DELIMITERS.toSorted((a, b) => header.split(b).length - header.split(a).length)[0] ?? ','
}
