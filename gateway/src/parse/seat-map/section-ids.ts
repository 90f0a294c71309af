const SECTION_ID = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

// Leaves room for a number behind the slug within the limit of a section id.
const SLUG_LENGTH_MAX = 80

/** Whether the text may be a section's id: lower-case letters, digits and single hyphens. */
export function isSectionId(text: string): boolean {
  return SECTION_ID.test(text)
}

/** A name as a URL path segment: `Rang 1 (Süd)` becomes `rang-1-sud`; a name without Latin letters or digits becomes `section`. */
function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('đ', 'd')
    .replaceAll('ı', 'i')
    .replaceAll('ß', 'ss')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_LENGTH_MAX)
    .replace(/^-+|-+$/g, '')
  return slug === '' ? 'section' : slug
}

/** Gives out section ids in the order of the sections; `taken` are those that the document names itself. */
export function sectionIds(taken: Iterable<string> = []): (name: string) => string {
  const used = new Set(taken)
  const nextNumber = new Map<string, number>()
  return (name) => {
    const slug = slugOf(name)
    let id = slug
    let number = nextNumber.get(slug) ?? 2
    while (used.has(id)) {
      id = `${slug}-${number.toString()}`
      number += 1
    }
    nextNumber.set(slug, number)
    used.add(id)
    return id
  }
}
