import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LogHarness } from './contract.ts'
import { bytes, eventually, follow, freshTopic, ownership, readAll } from './contract-tools.ts'
import { AppendRefusedError, AppendUnknownError, EventLogError } from './errors.ts'
import type { EventLog } from './port.ts'

/** A log that is served by another process, which these functions torment. */
export interface FaultyHarness extends LogHarness {
  /** It stops answering but keeps its connections, as a machine does that hangs. */
  pause(): void
  resume(): void
  /** It is gone at once. */
  kill(): Promise<void>
  /** It comes back with its data. */
  start(): Promise<void>
  /** How long an append and a silent membership of `open`'s logs last at most. */
  readonly appendTimeoutMs: number
  readonly sessionTimeoutMs: number
}

/** What an adapter promises whose log is somewhere else. */
export function describeLogFaults(name: string, setup: () => Promise<FaultyHarness>): void {
  describe(`${name} in trouble`, function () {
    this.timeout(90_000)
    let harness: FaultyHarness
    let log: EventLog
    let topic: string

    before(async function () {
      this.timeout(120_000)
      harness = await setup()
      log = await harness.open()
    })
    after(async () => {
      await log.close()
      await harness.stop()
    })
    beforeEach(async () => {
      topic = freshTopic()
      await log.ensureTopics([{ topic, partitions: 4 }])
    })

    /** A process stops some moments after the signal, and could still answer in these. */
    async function pause(): Promise<void> {
      harness.pause()
      await sleep(200)
    }

    /** Appends until it works, as a caller may that does not mind duplicates. */
    async function appendAtLast(text: string): Promise<number> {
      let offset = -1
      await eventually(`${text} is appended`, async () => {
        try {
          offset = (await log.append(topic, 0, bytes(text))).baseOffset
          return true
        } catch (error) {
          assert.ok(error instanceof EventLogError)
          return false
        }
      })
      return offset
    }

    it('says that the result of an append is unknown when no answer comes, and works again when the log answers again', async () => {
      await log.append(topic, 0, bytes('before'))
      const reader = follow(log, topic, 0, 0)
      await eventually('the reader is under way', () => reader.records.length === 1)
      await pause()
      try {
        await assert.rejects(log.append(topic, 0, bytes('unknown')), AppendUnknownError)
      } finally {
        harness.resume()
      }
      const offset = await appendAtLast('after')
      await eventually('the reader goes on', () => reader.records.at(-1)?.offset === offset)
      await reader.stop()
      assert.deepEqual(new Set(reader.texts()), new Set((await readAll(log, topic, 0)).map(({ value }) => String(value))))
      assert.equal(reader.texts().filter((text) => text === 'before').length, 1)
    })

    it('stamps records with the time of the log, not with that of the writer', async () => {
      await log.append(topic, 0, bytes('before'))
      await pause()
      const appending = log.append(topic, 0, bytes('during'))
      await sleep(harness.appendTimeoutMs / 2)
      const resumedAtMs = Date.now()
      harness.resume()
      const { baseOffset } = await appending
      const [record] = await readAll(log, topic, 0, baseOffset)
      assert.ok((record?.appendTimeMs ?? 0) >= resumedAtMs, 'the time is the one at which the writer sent the record')
    })

    it('keeps every acknowledged record, lets readers go on and members own again, when the log was killed and started again', async () => {
      const reader = follow(log, topic, 0, 0)
      const member = ownership()
      const membership = await log.join(`${topic}.group`, [topic], member.handler)
      await eventually('the member owns all', () => member.owned.size === 4)
      const acknowledged: string[] = []
      for (let n = 0; n < 20; n++) {
        await log.append(topic, 0, bytes(`early ${n}`))
        acknowledged.push(`early ${n}`)
      }
      await harness.kill()
      const errors: unknown[] = []
      for (let n = 0; n < 5; n++) await log.append(topic, 0, bytes(`lost ${n}`)).catch((error: unknown) => errors.push(error))
      assert.equal(errors.length, 5)
      assert.ok(errors.every((error) => error instanceof AppendRefusedError || error instanceof AppendUnknownError))
      assert.ok(errors.at(-1) instanceof AppendRefusedError, 'with nobody there, nothing can have been written')
      await harness.start()
      await appendAtLast('late')
      acknowledged.push('late')
      await eventually('the reader sees what came late', () => reader.texts().includes('late'))
      await eventually('the member owns all', () => member.owned.size === 4)
      assert.ok(membership.owns(topic, 0))
      await membership.leave()
      await reader.stop()
      assert.deepEqual(
        reader.texts().filter((text) => !text.startsWith('lost')),
        acknowledged,
      )
      assert.deepEqual(
        reader.records.map(({ offset }) => offset),
        reader.records.map((_, index) => index),
      )
    })

    it('begins to read and to take part once the log is there, when it was not at first', async () => {
      await log.append(topic, 0, bytes('a'))
      const other = await harness.open()
      await harness.kill()
      const reader = follow(other, topic, 0, 0)
      const member = ownership()
      const joining = other.join(`${topic}.group`, [topic], member.handler)
      await sleep(500)
      await harness.start()
      await eventually('the reader has read', () => reader.texts().includes('a'))
      await joining
      await eventually('the member owns all', () => member.owned.size === 4)
      await reader.stop()
      await other.close()
    })

    it('takes the partitions from a member that the group has not answered for too long, and gives them back later', async () => {
      const member = ownership()
      const membership = await log.join(`${topic}.group`, [topic], member.handler)
      await eventually('the member owns all', () => member.owned.size === 4)
      await pause()
      try {
        await eventually('the member gives up', () => member.owned.size === 0)
      } finally {
        harness.resume()
      }
      await eventually('the member owns all again', () => member.owned.size === 4)
      await membership.leave()
    })

    it('lets a member leave and the log close soon even while nothing answers', async () => {
      const other = await harness.open()
      const membership = await other.join(`${topic}.group`, [topic], ownership().handler)
      await eventually('the member owns all', () => membership.owns(topic, 0) && membership.owns(topic, 3))
      const reader = follow(other, topic, 0, 0)
      await pause()
      try {
        const hasEnded = await Promise.race([
          membership
            .leave()
            .then(() => other.close())
            .then(() => reader.stop())
            .then(() => true),
          sleep(10_000, false),
        ])
        assert.ok(hasEnded)
      } finally {
        harness.resume()
      }
    })
  })
}
