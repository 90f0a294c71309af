import type { EventLog } from '@cavea/event-log/port'

const RECORDS_MAX = 1_000
const BYTES_MAX = 512 * 1024
/** So many are not gathered further: while a crowd comes in to its last member, the workers would have nothing to do. */
const RECORDS_AT_ONCE = 32
/** A second batch goes out while the first is on its way; more would only wait in the broker instead of here. */
const IN_FLIGHT_MAX = 2

/** Resolves with the record's offset, or rejects with what the log's `append` threw. */
export type Append = (topic: string, partition: number, value: Uint8Array) => Promise<number>

interface Waiting {
  readonly value: Uint8Array
  readonly resolve: (offset: number) => void
  readonly reject: (error: unknown) => void
}

/** Gathers what is to be appended to one partition while earlier batches are on their way. Keeps the order of calls. */
export function createAppendBatcher(log: EventLog, onBatch: (records: number) => void = () => undefined): Append {
  const lanes = new Map<string, (value: Uint8Array) => Promise<number>>()
  return (topic, partition, value) => {
    const name = `${topic}/${partition}`
    const lane = lanes.get(name) ?? openLane(log, topic, partition, onBatch)
    lanes.set(name, lane)
    return lane(value)
  }
}

function openLane(
  log: EventLog,
  topic: string,
  partition: number,
  onBatch: (records: number) => void,
): (value: Uint8Array) => Promise<number> {
  let waiting: Waiting[] = []
  let inFlight = 0
  let scheduled = false

  function nextBatch(): readonly Waiting[] {
    let bytes = 0
    let count = 0
    for (const { value } of waiting) {
      if (count > 0 && (count >= RECORDS_MAX || bytes + value.length > BYTES_MAX)) break
      bytes += value.length
      count++
    }
    const batch = waiting.slice(0, count)
    waiting = waiting.slice(count)
    return batch
  }

  async function appendOne(batch: readonly Waiting[]): Promise<void> {
    try {
      const { baseOffset } = await log.append(
        topic,
        partition,
        batch.map(({ value }) => value),
      )
      for (const [index, { resolve }] of batch.entries()) resolve(baseOffset + index)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      inFlight--
      flush()
    }
  }

  function flush(): void {
    scheduled = false
    while (waiting.length > 0 && inFlight < IN_FLIGHT_MAX) {
      const batch = nextBatch()
      inFlight++
      onBatch(batch.length)
      void appendOne(batch) // It settles every waiter itself and never rejects.
    }
  }

  return (value) =>
    new Promise((resolve, reject) => {
      waiting.push({ value, resolve, reject })
      if (inFlight >= IN_FLIGHT_MAX) return
      if (waiting.length >= RECORDS_AT_ONCE) flush()
      else if (!scheduled) {
        scheduled = true
        setImmediate(flush) // Requests that arrived in the same turn of the event loop share a batch.
      }
    })
}
