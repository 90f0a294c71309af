import type { KeyedChange } from '../ports/projection-store.ts'
import { appendDeadLetterEntry, type DeadLetter, deadLetterId } from './dead-letters.ts'
import { decode, type LogDeps, readFacts } from './facts.ts'
import type { Making } from './generations.ts'
import { type DecisionChanges, mergeChanges } from './merge.ts'
import { changesOf } from './partition-projector.ts'
import type { Change } from './projection.ts'

/**
 * `replayed`: its rows say now what they would have said; `still-dead`: this version of Cavea cannot do it either; `not-passed`: its
 * projector has not gone past it yet; `obsolete`: its generation is gone; `moving`: its rows change too fast.
 */
export type Replay = 'replayed' | 'still-dead' | 'not-passed' | 'obsolete' | 'moving'

export interface Replayed {
  readonly outcome: Replay
  readonly why: string
}

const TRIES_MAX = 5

/**
 * Projects a dead letter again with the code of today. Rows that were changed after it are newer than it is; so all that the log says
 * of the rows that it changes, from it on to the end, is folded into one change of each, which an amendment may write over what is
 * there. Whoever owns the partition goes on meanwhile. Throws what the log and the store throw.
 */
export async function replayDeadLetter(
  deps: LogDeps & { readonly topicPrefix: string; readonly nowMs: () => number },
  making: Making | undefined,
  letter: DeadLetter,
): Promise<Replayed> {
  if (making === undefined) return { outcome: 'obsolete', why: 'Its generation was replaced or is of another version.' }
  const { store, projection, generation } = making
  const { context, topic, partition, offset } = letter
  const passed = (await store.checkpoints(generation)).get(`${topic}/${partition}`)?.offset ?? 0
  if (passed <= offset) return { outcome: 'not-passed', why: 'The read model has not come past it yet.' }
  const content = await decode(deps, context, partition, letter)
  if (content instanceof Error) return { outcome: 'still-dead', why: content.message }
  let changes: readonly Change[]
  try {
    changes = changesOf(projection, content)
  } catch (error) {
    return { outcome: 'still-dead', why: messageOf(error) }
  }
  const done = await amend(deps, making, letter, new Set(changes.map(idOf)))
  if (done.outcome === 'replayed')
    await appendDeadLetterEntry(deps.log, deps.topicPrefix, { type: 'replayed', id: deadLetterId(letter), atMs: deps.nowMs() })
  return done
}

async function amend(
  deps: LogDeps,
  { store, projection, generation }: Making,
  letter: DeadLetter,
  ids: ReadonlySet<string>,
): Promise<Replayed> {
  let wanted = ids
  for (let tries = 0; wanted.size > 0; tries++) {
    if (tries === TRIES_MAX) return { outcome: 'moving', why: 'Its rows change faster than they can be folded: make the read model again.' }
    let newer: readonly KeyedChange[]
    try {
      newer = await store.amend(projection, generation, await foldFrom(deps, projection, letter, wanted))
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== 'CHANGES_REFUSED') throw error
      return { outcome: 'still-dead', why: messageOf(error) }
    }
    wanted = new Set(newer.map(idOf)) // They changed while the log was read, so there is more in it now.
  }
  return { outcome: 'replayed', why: '' }
}

/** All that happens to these rows from the letter on to the end of the log. */
async function foldFrom(
  deps: LogDeps,
  projection: Making['projection'],
  { context, topic, partition, before }: DeadLetter,
  ids: ReadonlySet<string>,
): Promise<KeyedChange[]> {
  const decisions: DecisionChanges[] = []
  const end = await deps.log.endOffset(topic, partition)
  const stop = new AbortController()
  try {
    for await (const batch of readFacts(deps, { context, topic, partition }, before, { signal: stop.signal })) {
      for (const { content, offset } of batch.counted) {
        if (content instanceof Error) continue
        const changes = projected(() => changesOf(projection, content)).filter((change) => ids.has(idOf(change)))
        if (changes.length > 0) decisions.push({ offset, changes })
      }
      if (batch.to.offset >= end) break
    }
  } finally {
    stop.abort()
  }
  return mergeChanges(`${context}/${partition}`, decisions)
}

/** Another dead letter on the way is not this one's concern. */
function projected(project: () => readonly Change[]): readonly Change[] {
  try {
    return project()
  } catch {
    return []
  }
}

const idOf = ({ table, key }: Pick<Change, 'table' | 'key'>): string => `${table}/${JSON.stringify(key)}`
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
