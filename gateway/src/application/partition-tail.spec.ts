import assert from 'node:assert/strict'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { LogUnavailableError } from '@cavea/event-log/errors'
import { ledgerStart } from '@cavea/event-log/ledger-reader'
import type { EventLog } from '@cavea/event-log/port'
import { inProcessRegistry } from '@cavea/event-log/registry/in-process'
import { openSpecLog, type SpecLog } from '../testing/spec-log.ts'
import type { Clock } from './clock.ts'
import { followPartition, type PartitionTail } from './partition-tail.ts'

const TOPIC = 'catalog.events'

/** Waits for nothing: what is to be tried again after a pause is tried again at once. */
const hastyClock: Clock = {
  nowMs: () => 0,
  after(_, then) {
    const planned = setImmediate(then)
    return () => clearImmediate(planned)
  },
  random: () => 0,
}

describe('the tail of a partition', () => {
  let spec: SpecLog
  let stop: AbortController
  let tail: PartitionTail | undefined

  beforeEach(async () => {
    spec = await openSpecLog(1, { openLog: (dir) => openEmbeddedLog({ dir }), openRegistry: inProcessRegistry })
    stop = new AbortController()
  })
  afterEach(async () => {
    stop.abort()
    await tail?.done
    await spec.close()
  })

  function follow(log: EventLog, onRetry: () => void, onBatch: () => void = () => undefined): PartitionTail {
    return followPartition(
      { ...spec, log, clock: hastyClock },
      { topic: TOPIC, partition: 0, start: async () => ledgerStart(TOPIC, 0) },
      { signal: stop.signal, onBatch, onRetry, onFailed: (error) => assert.fail(String(error)) },
    )
  }

  // Found by the simulation with seed 105420: a gateway that started while the log was away stayed unready for ever.
  it('is reading again after trouble, also where nothing is there to be read', async () => {
    let asked = 0
    let retries = 0
    await new Promise<void>((resolve) => {
      const log: EventLog = {
        ...spec.log,
        async endOffset(topic, partition) {
          if (asked++ === 0) throw new LogUnavailableError('The log is away.')
          return await spec.log.endOffset(topic, partition)
        },
        read(...place) {
          resolve()
          return spec.log.read(...place)
        },
      }
      tail = follow(log, () => retries++)
    })
    assert.equal(retries, 1)
    assert.deepEqual([tail?.status(), tail?.caughtUp()], ['reading', true])
  })

  it('is not said to be reading for as long as a batch is refused', async () => {
    await spec.log.append(TOPIC, 0, [Buffer.from('void')])
    const statuses: string[] = []
    await new Promise<void>((resolve) => {
      tail = follow(
        spec.log,
        () => undefined,
        () => {
          statuses.push(tail?.status() ?? '')
          if (statuses.length < 3) throw new Error('Not yet.')
          resolve()
        },
      )
    })
    assert.deepEqual(statuses, ['reading', 'retrying', 'retrying'])
    await tail?.reached(1, stop.signal)
    assert.equal(tail?.status(), 'reading')
  })
})
