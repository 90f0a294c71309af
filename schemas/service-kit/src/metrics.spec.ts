import assert from 'node:assert/strict'
import { createMetrics } from './metrics.ts'

describe('createMetrics', () => {
  it('counts under the name of the service', async () => {
    const metrics = createMetrics('gateway')
    metrics.counter({ name: 'cavea_reads_total', help: 'Reads.', labels: ['route'] }).inc({ route: 'seats' }, 2)
    assert.match(await metrics.registry.metrics(), /cavea_reads_total\{route="seats",service="gateway"\} 2/)
  })

  it('gives the same instrument for the same name', async () => {
    const metrics = createMetrics('gateway')
    for (let time = 0; time < 3; time++) metrics.counter({ name: 'cavea_voids_total', help: 'Voids.' }).inc()
    assert.match(await metrics.registry.metrics(), /cavea_voids_total\{service="gateway"\} 3/)
  })

  it('asks a gauge for its value at each scrape', async () => {
    const metrics = createMetrics('gateway')
    let size = 1
    metrics.gauge({ name: 'cavea_queue', help: 'Queue.', collect: (gauge) => gauge.set(size) })
    assert.match(await metrics.registry.metrics(), /cavea_queue\{service="gateway"\} 1/)
    size = 7
    assert.match(await metrics.registry.metrics(), /cavea_queue\{service="gateway"\} 7/)
  })

  it('measures the process only when asked to', async () => {
    assert.doesNotMatch(await createMetrics('a').registry.metrics(), /process_cpu/)
    assert.match(await createMetrics('b', { processMetrics: true }).registry.metrics(), /process_cpu/)
  })
})
