import assert from 'node:assert/strict'
import { eventually } from '@cavea/event-log/contract-tools'
import { createLogger } from '@cavea/service-kit/logger'
import { createMetrics } from '@cavea/service-kit/metrics'
import { readDeadLetters } from './application/dead-letters.ts'
import { createEmbeddedProjector, type EmbeddedProjector } from './embedded.ts'
import { heldEvent, openRig, type Rig } from './testing/projector-rig.ts'

describe('The projector in a process with all other services', () => {
  let rig: Rig
  const running: EmbeddedProjector[] = []
  beforeEach(async () => {
    rig = await openRig(1)
  })
  afterEach(async () => {
    await Promise.all(running.splice(0).map(({ service }) => service.stop()))
    await rig.close()
  })

  async function start(): Promise<EmbeddedProjector & { readonly metrics: ReturnType<typeof createMetrics> }> {
    const metrics = createMetrics('spec')
    const projector = createEmbeddedProjector({
      ...rig,
      topicPrefix: '',
      metrics,
      logger: createLogger({ service: 'spec', level: 'silent' }),
    })
    running.push(projector)
    await projector.service.start()
    await eventually('it is ready', () => projector.service.readiness().ready)
    return { ...projector, metrics }
  }

  it('makes documents that can be asked for, from a log that it has never seen', async () => {
    await rig.ledger.append('seating', 0, [[heldEvent('a', 1)], [heldEvent('b', 2)]])
    const { documents } = await start()
    const [section] = (await documents.find('sections', { filter: { 'seats.1': 'held' }, limit: 2 })) ?? []
    assert.deepEqual([section?.['section_id'], section?.['seats']], ['stalls', { 1: 'held', 2: 'held' }])
  })

  it('tries dead letters of documents again at each start, and counts each once', async () => {
    await rig.ledger.appendUnreadableEvent('seating', 0, 'SeatsHeld')
    for (let life = 1; life <= 2; life++) {
      const { service, metrics } = await start()
      await eventually('it counts', () => service.deadLetters().get('sections') === 1)
      assert.match(await metrics.registry.metrics(), /cavea_projection_dead_letters\{projection="sections",service="spec"\} 1\n/)
      assert.equal((await readDeadLetters(rig.log, '')).all().length, 1)
      await running.pop()?.service.stop()
    }
  })

  it('measures how far behind readers are, by read model and partition', async () => {
    const { metrics } = await start()
    const text = await metrics.registry.metrics()
    for (const name of ['cavea_projection_lag_records', 'cavea_projection_lag_seconds'])
      assert.match(text, new RegExp(`${name}\\{projection="halls",topic="catalog.events",partition="0",service="spec"\\} 0\n`))
  })
})
