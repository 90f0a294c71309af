import { isDeepStrictEqual } from 'node:util'
import { isInLog, type LedgerStart, ledgerStart } from '@cavea/event-log/ledger-reader'
import type { Row } from '../ports/projection-store.ts'
import { type LogDeps, type Place, readFacts } from './facts.ts'
import { type Making, placesOf } from './generations.ts'
import { mergeChanges } from './merge.ts'
import { changesOf } from './partition-projector.ts'
import type { Projection } from './projection.ts'
import { createRowSet, type RowSet } from './row-set.ts'

/**
 * `missing`: the log has it and the store does not; `unexpected`: the other way round; `version`, `fields`: both have it and differ;
 * `log`: the checkpoint is no place in this log.
 */
export type DifferenceKind = 'missing' | 'unexpected' | 'version' | 'fields' | 'log'

export interface Difference {
  readonly kind: DifferenceKind
  readonly topic: string
  readonly partition: number
  /** Empty where the whole partition differs. */
  readonly table: string
  readonly key: Row['key']
  /** As the log has it, and as the store has it; null where there is none. */
  readonly expectedVersion: number | null
  readonly foundVersion: number | null
  /** Those that differ. */
  readonly fields: readonly string[]
}

export interface Verified {
  /** Rows that were compared. */
  readonly rows: number
  /** Rows that changed after the checkpoints were read, so there is nothing to compare them with. */
  readonly newer: number
  /** Decisions that were folded. */
  readonly decisions: number
  readonly differenceCount: number
  /** The first of them. */
  readonly differences: readonly Difference[]
}

const DIFFERENCES_SHOWN = 100

/**
 * Compares every row of a generation with the fold of the log up to the generation's own checkpoints, also while it is written. Holds
 * the rows of one partition in memory. Throws what the store, the log and the registry throw.
 */
export async function verifyGeneration(
  deps: LogDeps & { readonly topicPrefix: string },
  { store, projection, generation }: Making,
  step: (records: number) => void = () => {},
): Promise<Verified> {
  const sums = { rows: 0, newer: 0, decisions: 0, differenceCount: 0 }
  const differences: Difference[] = []
  const checkpoints = await store.checkpoints(generation)
  for (const place of await placesOf(deps.log, deps.topicPrefix, projection)) {
    const { topic, partition, context } = place
    const upTo = checkpoints.get(`${topic}/${partition}`) ?? ledgerStart(topic, partition)
    function differs(kind: DifferenceKind, table: string, key: Row['key'], expected?: Row, found?: Row): void {
      sums.differenceCount++
      if (differences.length >= DIFFERENCES_SHOWN) return
      const [expectedVersion, foundVersion] = [expected?.version ?? null, found?.version ?? null]
      differences.push({ kind, topic, partition, table, key, expectedVersion, foundVersion, fields: differing(expected, found) })
    }
    if (!(await isInLog(deps.log, topic, partition, upTo))) {
      differs('log', '', [])
      continue
    }
    const { rows: expected, decisions } = await fold(deps, projection, place, upTo, step)
    sums.decisions += decisions
    for (const { name } of projection.tables) {
      const missing = new Map(expected.rows(name).map((row) => [JSON.stringify(row.key), row]))
      for await (const row of store.rows(projection, generation, name, `${context}/${partition}`)) {
        const known = missing.get(JSON.stringify(row.key))
        missing.delete(JSON.stringify(row.key))
        if (row.version >= upTo.offset) {
          sums.newer++
          continue
        }
        sums.rows++
        if (known === undefined) differs('unexpected', name, row.key, undefined, row)
        else if (known.version !== row.version) differs('version', name, row.key, known, row)
        else if (!isDeepStrictEqual(known.fields, row.fields)) differs('fields', name, row.key, known, row)
      }
      for (const row of missing.values()) differs('missing', name, row.key, row)
    }
  }
  return { ...sums, differences }
}

function differing(expected: Row | undefined, found: Row | undefined): string[] {
  if (expected === undefined || found === undefined) return []
  const fields = new Set([...Object.keys(expected.fields), ...Object.keys(found.fields)])
  return [...fields].filter((field) => !isDeepStrictEqual(expected.fields[field], found.fields[field]))
}

/** The rows that the decisions before a place add up to, one decision after the other. */
async function fold(
  deps: LogDeps,
  projection: Projection,
  place: Place,
  upTo: LedgerStart,
  step: (records: number) => void,
): Promise<{ readonly rows: RowSet; readonly decisions: number }> {
  const rows = createRowSet(projection)
  const source = `${place.context}/${place.partition}`
  let decisions = 0
  if (upTo.offset === 0) return { rows, decisions }
  const stop = new AbortController()
  try {
    for await (const batch of readFacts(deps, place, ledgerStart(place.topic, place.partition), { signal: stop.signal })) {
      for (const { content, offset } of batch.counted) {
        if (offset >= upTo.offset || content instanceof Error) continue
        decisions++
        try {
          for (const change of mergeChanges(source, [{ offset, changes: changesOf(projection, content) }])) rows.apply(change)
        } catch {
          // It is a dead letter: the projector went on without it, and so does this.
        }
      }
      step(Math.min(batch.to.offset, upTo.offset) - batch.from.offset)
      if (batch.to.offset >= upTo.offset) break
    }
  } finally {
    stop.abort()
  }
  return { rows, decisions }
}
