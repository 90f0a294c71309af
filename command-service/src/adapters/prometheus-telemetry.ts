import type { Context } from '@cavea/contracts/topics'
import type { Logger } from '@cavea/service-kit/logger'
import type { Metrics } from '@cavea/service-kit/metrics'
import type { WorkerTelemetry } from '../application/worker-options.ts'

const PLACE = ['context', 'partition'] as const

/** Counts what workers tell, and logs what somebody should read. */
export function prometheusTelemetry(metrics: Metrics, log: Logger): WorkerTelemetry {
  const counter = (name: string, help: string) => metrics.counter({ name: `cavea_worker_${name}_total`, help, labels: PLACE })
  const decisions = counter('decisions', 'Decisions that count.')
  const drops = counter('memory_drops', 'Times that memory was dropped because the log may have gone another way.')
  const voids = counter('void_records', 'Records that do not link and so do not count.')
  const unreadable = counter('unreadable_commands', 'Commands that could not be decoded and were recorded as rejected.')
  const quarantined = counter('quarantined_commands', 'Commands on which the decider threw twice.')
  const failed = counter('failed_partitions', 'Partitions that stopped because an invariant is broken.')
  const snapshots = counter('snapshots', 'Snapshots written.')
  const foldSeconds = metrics.histogram({
    name: 'cavea_worker_fold_seconds',
    help: 'How long it took to fold a partition before deciding.',
    labels: ['context'],
    buckets: [0.01, 0.1, 0.5, 1, 2, 5, 10, 30, 60],
  })
  const at = (context: Context, partition: number) => ({ context, partition: String(partition) })

  return {
    folded(context, partition, records, ms) {
      foldSeconds.observe({ context }, ms / 1000)
      log.debug({ context, partition, records, ms }, 'Folded the log.')
    },
    decided: (context, partition, count) => decisions.inc(at(context, partition), count),
    dropped(context, partition, reason) {
      drops.inc(at(context, partition))
      log.warn({ context, partition, reason }, 'Dropped the memory of a partition and folds it again.')
    },
    voids(context, partition, count) {
      voids.inc(at(context, partition), count)
      log.info({ context, partition, count }, 'Skipped void records.')
    },
    unreadable(context, partition, commandOffset, err) {
      unreadable.inc(at(context, partition))
      log.warn({ context, partition, commandOffset, err }, 'A command cannot be read; it is recorded as rejected.')
    },
    quarantined(context, partition, commandOffset, err) {
      quarantined.inc(at(context, partition))
      log.error({ context, partition, commandOffset, err }, 'The decider threw twice on a command; it is recorded as quarantined.')
    },
    snapshot(context, partition, bytes) {
      snapshots.inc(at(context, partition))
      log.debug({ context, partition, bytes }, 'Wrote a snapshot.')
    },
    trouble: (context, partition, err) => log.warn({ context, partition, err }, 'A partition worker has trouble and tries again.'),
    failed(context, partition, err) {
      failed.inc(at(context, partition))
      log.fatal({ context, partition, err }, 'A partition stopped for good: an invariant is broken.')
    },
  }
}
