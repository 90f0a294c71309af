import type { Metrics } from '@cavea/service-kit/metrics'

/** What the command bus measures, named as Prometheus wants it. */
export interface BusMetrics {
  readonly batch: (records: number) => void
  readonly decided: (waitedMs: number) => void
  readonly undecided: () => void
  readonly voided: (context: string, records: number) => void
}

export function busMetrics(metrics: Metrics, inFlight: () => number): BusMetrics {
  metrics.gauge({
    name: 'cavea_commands_in_flight',
    help: 'Commands that wait for their decision.',
    collect: (gauge) => gauge.set(inFlight()),
  })
  const batch = metrics.histogram({
    name: 'cavea_command_batch_records',
    help: 'Commands appended together.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_000],
  })
  const waited = metrics.histogram({
    name: 'cavea_decision_seconds',
    help: 'From sending a command to reading its decision.',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
  })
  const undecided = metrics.counter({ name: 'cavea_commands_undecided_total', help: 'Commands that were not decided in time.' })
  const voided = metrics.counter({ name: 'cavea_void_records_total', help: 'Records that do not count.', labels: ['context'] })
  return {
    batch: (records) => batch.observe(records),
    decided: (waitedMs) => waited.observe(waitedMs / 1_000),
    undecided: () => undecided.inc(),
    voided: (context, records) => voided.inc({ context }, records),
  }
}
