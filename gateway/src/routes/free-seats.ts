import type { RouteDeps } from './deps.ts'
import { readJson } from './hold-reader.ts'

/** Free seats by section id, as the read models last knew; a section that they do not say is missing. Never throws. */
export type FreeSeats = (performanceId: string) => Promise<ReadonlyMap<string, number>>

/** It only helps to ask the likely sections first, so nobody waits long for it. */
const WITHIN_MS = 300
const KEPT_MS = 100
const PERFORMANCES_MAX = 1_000
const NOTHING_KNOWN: ReadonlyMap<string, number> = new Map()

/** One question serves all who ask while it is under way and shortly after. */
export function freeSeats({ reads }: Pick<RouteDeps, 'reads'>, withinMs = WITHIN_MS): FreeSeats {
  const asked = new Map<string, { readonly answer: Promise<ReadonlyMap<string, number>>; untilMs: number }>()

  async function ask(performanceId: string): Promise<ReadonlyMap<string, number>> {
    const target = `/v1/performances/${encodeURIComponent(performanceId)}/availability`
    try {
      return freeOf(await readJson(reads, { method: 'GET', target, headers: {}, signal: AbortSignal.timeout(withinMs) }))
    } catch {
      return NOTHING_KNOWN
    }
  }

  return (performanceId) => {
    const known = asked.get(performanceId)
    if (known !== undefined && known.untilMs > performance.now()) return known.answer
    const answer = ask(performanceId)
    const entry = { answer, untilMs: Number.POSITIVE_INFINITY }
    void answer.then(() => {
      entry.untilMs = performance.now() + KEPT_MS
    })
    asked.delete(performanceId) // So that the oldest stand first.
    asked.set(performanceId, entry)
    const [oldest] = asked.keys()
    if (oldest !== undefined && asked.size > PERFORMANCES_MAX) asked.delete(oldest)
    return answer
  }
}

function freeOf(answer: unknown): ReadonlyMap<string, number> {
  const { sections } = answer as { readonly sections?: unknown }
  if (!Array.isArray(sections)) return NOTHING_KNOWN
  return new Map(
    sections.flatMap(({ sectionId, available }: Record<string, unknown>): [string, number][] =>
      typeof sectionId === 'string' && Number.isSafeInteger(available) ? [[sectionId, Math.max(0, Number(available))]] : [],
    ),
  )
}
