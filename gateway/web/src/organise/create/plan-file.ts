/** As large as the API takes them. */
export const PLAN_BYTES_MAX = 16 * 1_048_576
const NAME_CHARS_MAX = 200

export interface PlanFile {
  /** Without its ending: what a plan is called that has no name of its own. */
  readonly name: string
  readonly kind: 'json' | 'csv'
  readonly text: string
}

/** Tells by what stands in it, since browsers and people name files as they like. */
export async function readPlanFile(file: File): Promise<PlanFile> {
  const text = await file.text()
  const name = file.name
    .replace(/\.[a-z0-9]{1,5}$/i, '')
    .trim()
    .slice(0, NAME_CHARS_MAX)
  return { name: name === '' ? 'Seating plan' : name, kind: /^\uFEFF?\s*[{[]/.test(text) ? 'json' : 'csv', text }
}

export const bodyOf = ({ kind, text }: PlanFile): Blob => new Blob([text], { type: kind === 'json' ? 'application/json' : 'text/csv' })
