import type { Codec } from '@cavea/contracts/codec'
import { CONTEXTS, type Context, topicsOf } from '@cavea/contracts/topics'
import { followLedger, type LedgerBatch, ledgerStart } from '@cavea/event-log/ledger-reader'
import type { EventLog } from '@cavea/event-log/port'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'
import type { PostgresStoreOptions } from '@cavea/projector/adapters/postgres-store'
import { type DecisionChanges, mergeChanges } from '@cavea/projector/application/merge'
import type { Change, EventsOf, Fact, Projection } from '@cavea/projector/application/projection'
import type { ProjectionStore } from '@cavea/projector/ports/projection-store'
import type { StoreHarness } from '@cavea/projector/testing/store-contract'
import pg from 'pg'

const UNDEFINED_TABLE = '42P01'

export const storeOptions = (url: string): PostgresStoreOptions => ({ url, warn: (message, error) => console.warn(message, error) })

/** Reads what readers see, as any client of the database would. */
export function readersOf(url: string): { readonly read: StoreHarness['read']; close(): Promise<void> } {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  pool.on('error', () => undefined) // The engine ends before its clients now and then.
  return {
    async read({ name }) {
      try {
        return (await pool.query(`SELECT * FROM read_models."${name}"`)).rows
      } catch (error) {
        if (error instanceof pg.DatabaseError && error.code === UNDEFINED_TABLE) return undefined
        throw error
      }
    },
    close: () => pool.end(),
  }
}

export interface ReadableLedger {
  readonly log: EventLog
  readonly codec: Codec
  readonly registry: SchemaRegistry
  readonly topicPrefix: string
  readonly partitions: number
}

/** Brings the first generation of each projection up to the end of the log, and shows it to readers. */
export async function catchUp(ledger: ReadableLedger, store: ProjectionStore, projections: readonly Projection[]): Promise<void> {
  await store.prepare()
  for (const projection of projections) {
    const generation = await store.begin(projection, 1)
    const checkpoints = await store.checkpoints(generation)
    for (const context of CONTEXTS) {
      if (projection.project[context] === undefined) continue
      const { events: topic } = topicsOf(context, ledger.topicPrefix)
      for (let partition = 0; partition < ledger.partitions; partition++) {
        let from = checkpoints.get(`${topic}/${partition}`) ?? ledgerStart(topic, partition)
        const end = await ledger.log.endOffset(topic, partition)
        if (from.offset >= end) continue
        const read = new AbortController()
        for await (const batch of followLedger(ledger, topic, partition, from, { signal: read.signal })) {
          const changes = mergeChanges(`${context}/${partition}`, changesOf(ledger, projection, context, partition, batch))
          const written = await store.write(projection, generation, { topic, partition, from, to: batch.position, changes })
          if (written !== 'written') throw new Error(`${projection.name} was written by somebody else.`)
          from = batch.position
          if (from.offset >= end) read.abort()
        }
      }
    }
    await store.activate(projection, generation)
  }
}

function changesOf<Of extends Context>(
  { codec }: ReadableLedger,
  projection: Projection,
  context: Of,
  partition: number,
  { decisions }: LedgerBatch,
): DecisionChanges[] {
  const project = projection.project[context] as ((fact: Fact<Of>) => readonly Change[]) | undefined
  return decisions.map(({ offset, decision }) => {
    const events = decision.events.map((encoded) => codec.decodeMessage<EventsOf[Of]>(context, encoded))
    return { offset, changes: project?.({ context, partition, offset, decision, events }) ?? [] }
  })
}
