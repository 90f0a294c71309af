import assert from 'node:assert/strict'
import { commandIdOf } from '@cavea/contracts/ids'
import { topicsOf } from '@cavea/contracts/topics'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { readRange } from '@cavea/event-log/port'
import { inProcessRegistry } from '@cavea/event-log/registry/in-process'
import { openSpecLog, type SpecLog } from '../testing/spec-log.ts'
import { createAppendBatcher } from './append-batcher.ts'

const TOPIC = topicsOf('seating').commands

describe('The batcher of appends', () => {
  let spec: SpecLog
  let batches: number[]
  beforeEach(async () => {
    spec = await openSpecLog(2, { openLog: (dir) => openEmbeddedLog({ dir }), openRegistry: inProcessRegistry })
    batches = []
  })
  afterEach(() => spec.close())

  async function appendAtOnce(count: number): Promise<readonly string[]> {
    const append = createAppendBatcher(spec.log, (records) => batches.push(records))
    const values = Array.from({ length: count }, (_, at) => commandIdOf(`value ${at}`))
    const offsets = await Promise.all(values.map((value) => append(TOPIC, 1, Buffer.from(value))))
    const read: string[] = []
    for await (const { records } of readRange(spec.log, TOPIC, 1, 0, count))
      for (const { offset, value } of records) read[offset] = value.toString()
    assert.deepEqual(
      offsets.map((offset) => read[offset]),
      values,
      'an offset is another value’s',
    )
    return read
  }

  it('gathers what comes in one turn of the event loop', async () => {
    await appendAtOnce(20)
    assert.deepEqual(batches, [20])
  })

  it('sends the first of a crowd before the last has come, and then what gathered meanwhile', async () => {
    await appendAtOnce(500)
    assert.deepEqual(batches, [32, 32, 436])
  })

  it('keeps the order of calls', async () => {
    const read = await appendAtOnce(300)
    assert.deepEqual(
      read,
      Array.from({ length: 300 }, (_, at) => commandIdOf(`value ${at}`)),
    )
  })
})
