/** Which performance it is of: the end of an id is a hash, and so much of it does not come twice by chance. */
const MARK_CHARS = 6
const ENTRY = /^([0-9a-z]{1,4})\.([0-9a-z]{1,10})$/

interface Indexed {
  /** Its place among the sections of the performance. */
  readonly index: number
}

/** The versions of sections as clients keep them. It means the same on every replica, and after a restart. */
export function encodeSince(performanceId: string, sections: readonly Indexed[], versions: readonly number[]): string {
  let text = performanceId.slice(-MARK_CHARS)
  for (const [at, { index }] of sections.entries()) text += `_${index.toString(36)}.${(versions[at] ?? 0).toString(36)}`
  return text
}

/** The version of each of the sections, -1 where the text does not name it. Undefined when it is none of this performance. */
export function decodeSince(text: string, performanceId: string, sections: readonly Indexed[]): readonly number[] | undefined {
  const [mark, ...entries] = text.split('_')
  if (mark !== performanceId.slice(-MARK_CHARS)) return undefined
  const versions = new Map<number, number>()
  for (const entry of entries) {
    const [, index, version] = ENTRY.exec(entry) ?? []
    if (index === undefined || version === undefined) return undefined
    versions.set(Number.parseInt(index, 36), Number.parseInt(version, 36))
  }
  return sections.map(({ index }) => versions.get(index) ?? -1)
}
