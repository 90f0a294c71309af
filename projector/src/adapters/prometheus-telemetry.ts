import type { Logger } from '@cavea/service-kit/logger'
import type { Metrics } from '@cavea/service-kit/metrics'
import type { LanePlace, ProjectorTelemetry } from '../application/projector-options.ts'
import type { LaneView, ProjectorService } from '../application/projector-service.ts'

const PLACE = ['projection', 'topic', 'partition'] as const

const at = ({ projection, topic, partition }: LanePlace) => ({ projection, topic, partition: String(partition) })

/** Counts what projectors tell, and logs what somebody should read. */
export function prometheusTelemetry(metrics: Metrics, log: Logger): ProjectorTelemetry {
  const records = metrics.counter({ name: 'cavea_projection_records_total', help: 'Records read and written down.', labels: PLACE })
  const superseded = metrics.counter({
    name: 'cavea_projection_superseded_total',
    help: 'Times that another process had written the partition meanwhile.',
    labels: PLACE,
  })
  const setAside = metrics.counter({
    name: 'cavea_projection_set_aside_total',
    help: 'Decisions that this process went on without.',
    labels: PLACE,
  })
  return {
    written: (place, count) => records.inc(at(place), count),
    superseded(place) {
      superseded.inc(at(place))
      log.info({ ...place }, 'Another process has written this partition; going on from its checkpoint.')
    },
    deadLetter({ value: _value, before: _before, after, ...letter }) {
      setAside.inc(at(letter))
      log.error({ ...letter, head: after.head }, 'A decision cannot be projected and is set aside: cavea dlq list shows it.')
    },
    trouble: (where, err) => log.warn({ ...where, err }, 'A projector has trouble and tries again.'),
    failed: (place, err) =>
      log.fatal({ ...place, err }, 'A partition of a read model stopped for good: make it again with cavea projections rebuild.'),
    generation(what, projection, generation, version) {
      if (what === 'newer')
        log.warn({ projection, generation, version }, 'A later version of Cavea keeps this read model; this process leaves it alone.')
      else log.info({ projection, generation, version }, `A generation of a read model was ${what}.`)
    },
  }
}

/** Measures how far behind readers are, at each scrape. */
export function measureLag(metrics: Metrics, service: Pick<ProjectorService, 'lanes' | 'deadLetters'>): void {
  const perLane = (name: string, help: string, of: (lane: LaneView) => number): void => {
    metrics.gauge({
      name,
      help,
      labels: PLACE,
      collect(gauge) {
        gauge.reset() // Partitions come and go.
        const lanes = service.lanes()
        // What readers see; a generation that is being made counts only where there is nothing else to see.
        for (const lane of lanes) if (!lane.isActive) gauge.set(at(lane.place), of(lane))
        for (const lane of lanes) if (lane.isActive) gauge.set(at(lane.place), of(lane))
      },
    })
  }
  perLane('cavea_projection_lag_records', 'Records that the read model does not have yet.', ({ lag }) => lag.records)
  perLane('cavea_projection_lag_seconds', 'How old what readers see may be.', ({ lag }) => lag.seconds)
  metrics.gauge({
    name: 'cavea_projection_dead_letters',
    help: 'Decisions that are set aside and nobody replayed yet.',
    labels: ['projection'],
    collect(gauge) {
      gauge.reset()
      for (const [projection, count] of service.deadLetters()) gauge.set({ projection }, count)
    },
  })
}
