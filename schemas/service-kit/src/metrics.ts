import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

interface Named<Label extends string> {
  /** Snake case, with the unit and `_total` as Prometheus wants them: `cavea_reads_total`. */
  readonly name: string
  readonly help: string
  readonly labels?: readonly Label[]
}

/** The measurements of one service. Asking again for a name gives the same instrument, so that parts may share it. */
export interface Metrics {
  readonly registry: Registry
  counter<Label extends string = never>(options: Named<Label>): Counter<Label>
  /** `collect` runs before each scrape and sets what is cheaper to count then. */
  gauge<Label extends string = never>(options: Named<Label> & { readonly collect?: (gauge: Gauge<Label>) => void }): Gauge<Label>
  /** Buckets are upper bounds in the unit of the name, which is seconds for times. */
  histogram<Label extends string = never>(options: Named<Label> & { readonly buckets: readonly number[] }): Histogram<Label>
}

/** `processMetrics` adds memory, CPU and event-loop figures, which belong to a process and not to a test. */
export function createMetrics(service: string, options: { readonly processMetrics?: boolean } = {}): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  if (options.processMetrics === true) collectDefaultMetrics({ register: registry })

  function known<Instrument>(name: string, make: () => Instrument): Instrument {
    return (registry.getSingleMetric(name) as Instrument | undefined) ?? make()
  }

  return {
    registry,
    counter: ({ name, help, labels = [] }) => known(name, () => new Counter({ name, help, labelNames: labels, registers: [registry] })),
    gauge<Label extends string = never>({
      name,
      help,
      labels = [],
      collect,
    }: Named<Label> & { readonly collect?: (gauge: Gauge<Label>) => void }) {
      return known(name, () => {
        const gauge: Gauge<Label> = new Gauge<Label>({
          name,
          help,
          labelNames: labels,
          registers: [registry],
          collect: () => collect?.(gauge),
        })
        return gauge
      })
    },
    histogram: ({ name, help, labels = [], buckets }) =>
      known(name, () => new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers: [registry] })),
  }
}
