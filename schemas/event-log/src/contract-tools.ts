import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { type EventLog, type LogRecord, readRange } from './port.ts'

export const TEST_TIMEOUT_MS = 30_000

let topicsMade = 0

/** A topic name that no other test uses. */
export function freshTopic(): string {
  return `contract.${process.pid}.${Date.now()}.${topicsMade++}`
}

export function bytes(...texts: readonly string[]): Buffer[] {
  return texts.map((text) => Buffer.from(text))
}

/** Waits until `check` answers true. */
export async function eventually(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + TEST_TIMEOUT_MS - 2_000
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`This did not happen: ${what}.`)
    await sleep(10)
  }
}

/** Reads what is there now, to the end. */
export async function readAll(log: EventLog, topic: string, partition: number, fromOffset = 0): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  const end = await log.endOffset(topic, partition)
  for await (const batch of readRange(log, topic, partition, fromOffset, end)) records.push(...batch.records)
  return records
}

/** Reads in the background into `records`, until `stop`. */
export function follow(
  log: EventLog,
  topic: string,
  partition: number,
  fromOffset: number,
  options: { readonly pauseMs?: number; readonly batchRecordsMax?: number } = {},
) {
  const controller = new AbortController()
  const records: LogRecord[] = []
  const { pauseMs, ...read } = options
  const done = (async () => {
    for await (const batch of log.read(topic, partition, fromOffset, { signal: controller.signal, ...read })) {
      assert.ok(batch.records.length > 0, 'a batch without records was yielded')
      records.push(...batch.records)
      if (pauseMs !== undefined) await sleep(pauseMs)
    }
  })()
  // Whoever stops the reader sees the error; until then it must not count as unhandled.
  done.catch(() => undefined)
  return {
    records,
    texts: () => records.map(({ value }) => value.toString()),
    stop: async () => {
      controller.abort()
      await done
    },
  }
}

/** Counts what a member owns by what its handler was told. */
export function ownership() {
  const owned = new Set<string>()
  const calls: string[] = []
  return {
    owned,
    calls,
    handler: {
      assigned(topic: string, partition: number) {
        assert.ok(!owned.has(`${topic}/${partition}`), 'assigned twice')
        owned.add(`${topic}/${partition}`)
        calls.push(`+${partition}`)
      },
      revoked(topic: string, partition: number) {
        assert.ok(owned.delete(`${topic}/${partition}`), 'revoked without having been assigned')
        calls.push(`-${partition}`)
      },
    },
  }
}

/** The first record that a read from this offset yields, or undefined after ten seconds without one. */
export async function firstOf(log: EventLog, topic: string, partition: number, fromOffset: number): Promise<LogRecord | undefined> {
  for await (const { records } of log.read(topic, partition, fromOffset, { signal: AbortSignal.timeout(10_000) })) return records[0]
  return undefined
}
