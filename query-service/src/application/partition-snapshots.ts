import { deserialize, serialize } from 'node:v8'
import { isInLog, type LedgerStart } from '@cavea/event-log/ledger-reader'
import type { EventLog } from '@cavea/event-log/port'
import type { Snapshots } from '@cavea/event-log/snapshots'
import type { Logger } from '@cavea/service-kit/logger'

/** Snapshots of one partition's fold. */
export interface PartitionSnapshots<Body> {
  /** Hands the newest usable one to `restore` and answers where it was taken; undefined when all was in vain. */
  restore(restore: (body: Body) => void | Promise<void>): Promise<LedgerStart | undefined>
  save(position: LedgerStart, body: Body): Promise<void>
}

/**
 * `schema` names the shape of the body and the partition count of the topic: a snapshot with another is not used. Nor is
 * one that this log does not continue, as when the log was set up anew and the snapshots were left behind.
 */
export function partitionSnapshots<Body>(
  deps: { readonly log: EventLog; readonly snapshots: Snapshots; readonly logger: Logger },
  topic: string,
  partition: number,
  schema: string,
): PartitionSnapshots<Body> {
  return {
    async restore(restore) {
      for await (const snapshot of deps.snapshots.load(topic, partition)) {
        if (snapshot.schema !== schema) {
          deps.logger.info({ topic, partition, schema: snapshot.schema, wanted: schema }, 'A snapshot has another schema and is not used.')
          continue
        }
        let body: Body
        try {
          body = deserialize(snapshot.body) as Body
        } catch (err) {
          deps.logger.warn({ err, topic, partition }, 'A snapshot cannot be read and is not used.')
          continue
        }
        const position = snapshot.start
        if (!(await isInLog(deps.log, topic, partition, position))) {
          deps.logger.error(
            { topic, partition, offset: position.offset },
            'A snapshot is of another log, or the log lost its tail. It is not used.',
          )
          continue
        }
        try {
          await restore(body)
        } catch (err) {
          if (isRetryable(err)) throw err // The registry is away, say: that is no fault of the snapshot.
          deps.logger.warn({ err, topic, partition }, 'A snapshot cannot be restored and is not used.')
          continue
        }
        return position
      }
      return undefined
    },
    save: (start, body) => deps.snapshots.save(topic, partition, { start, schema, body: serialize(body) }),
  }
}

const isRetryable = (error: unknown): boolean => error instanceof Error && 'retryable' in error && error.retryable === true
