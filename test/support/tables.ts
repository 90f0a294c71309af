import { CONTEXTS, topicsOf } from '@cavea/contracts/topics'
import { ledgerStart } from '@cavea/event-log/ledger-reader'
import type { PostgresStoreOptions } from '@cavea/projector/adapters/postgres-store'
import { type LogDeps, readFacts } from '@cavea/projector/application/facts'
import { mergeChanges } from '@cavea/projector/application/merge'
import { changesOf } from '@cavea/projector/application/partition-projector'
import type { Projection } from '@cavea/projector/application/projection'
import type { ProjectionStore } from '@cavea/projector/ports/projection-store'

export const storeOptions = (url: string): PostgresStoreOptions => ({ url, warn: (message, error) => console.warn(message, error) })

export interface ReadableLedger extends LogDeps {
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
        for await (const batch of readFacts(ledger, { context, topic, partition }, from, { signal: read.signal })) {
          const changes = mergeChanges(
            `${context}/${partition}`,
            batch.counted.map(({ offset, content }) => {
              if (content instanceof Error) throw content
              return { offset, changes: changesOf(projection, content) }
            }),
          )
          const written = await store.write(projection, generation, { topic, partition, from, to: batch.to, changes })
          if (written !== 'written') throw new Error(`${projection.name} was written by somebody else.`)
          from = batch.to
          if (from.offset >= end) read.abort()
        }
      }
    }
    await store.activate(projection, generation)
  }
}
