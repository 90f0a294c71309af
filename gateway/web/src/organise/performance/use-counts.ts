import { useEffect, useState } from 'react'
import { useSubscription } from 'urql'
import { ask } from '../../data/api.ts'
import { serverClock } from '../../data/server-clock.ts'
import type { Counts, SectionCounts } from '../data/answers.ts'
import { useLoaded } from '../data/use-loaded.ts'
import { grow, join, type Moment, sumOf } from './fill-curve.ts'

const AVAILABILITY = `subscription Fill($id: ID!) {
  availabilityChanged(performanceId: $id) {
    snapshot sections { sectionId name standing capacity available held sold blocked }
  }
}`
/** So that the curve goes on while nothing happens. */
const TICK_MS = 10_000
const POINTS = 200

interface Message {
  readonly availabilityChanged: { readonly snapshot: boolean; readonly sections: readonly SectionCounts[] }
}

/** The sections as they are, from moment to moment; undefined until they are known. A message after the first has only those that changed. */
export function useCounts(performanceId: string): readonly SectionCounts[] | undefined {
  const [{ data }] = useSubscription<Message, readonly SectionCounts[], { id: string }>(
    { query: AVAILABILITY, variables: { id: performanceId } },
    (before = [], { availabilityChanged: { snapshot, sections } }) => {
      if (snapshot) return sections
      const changed = new Map(sections.map((section) => [section.sectionId, section]))
      return before.map((section) => changed.get(section.sectionId) ?? section)
    },
  )
  return data
}

export type Recorded = 'loading' | 'known' | 'unknown'

/** How the hall filled: what was recorded, where that can be had, and what is seen from now on. */
export function useCurve(
  performanceId: string,
  sections: readonly SectionCounts[] | undefined,
): { readonly curve: readonly Moment[]; readonly recorded: Recorded } {
  const [load] = useState(() => (signal: AbortSignal) => readHistory(performanceId, signal))
  const recorded = useLoaded(load)
  const [seen, setSeen] = useState<readonly Moment[]>([])
  useEffect(() => {
    if (sections === undefined) return
    const counts = sumOf(sections)
    const note = (): void => setSeen((before) => grow(before, { ...counts, atMs: serverClock.nowMs() }))
    note()
    const timer = setInterval(note, TICK_MS)
    return () => clearInterval(timer)
  }, [sections])
  return {
    curve: recorded.state === 'ready' ? join(recorded.data, seen) : seen,
    recorded: recorded.state === 'ready' ? 'known' : recorded.state === 'failed' ? 'unknown' : 'loading',
  }
}

async function readHistory(performanceId: string, signal: AbortSignal): Promise<readonly Moment[]> {
  const path = `/v1/performances/${encodeURIComponent(performanceId)}/history?points=${POINTS}`
  const { body } = await ask<{ readonly data: readonly (Counts & { readonly at: string })[] }>('GET', path, { signal })
  return body.data.map(({ at, ...counts }) => ({ atMs: Date.parse(at), ...counts }))
}
