import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { bytes, eventually, firstOf, follow, freshTopic, ownership, readAll, TEST_TIMEOUT_MS } from './contract-tools.ts'
import { AppendRefusedError, EventLogError, LogUnavailableError, OffsetOutOfRangeError, TopicMissingError } from './errors.ts'
import { APPEND_BYTES_MAX } from './limits.ts'
import { type EventLog, readRange } from './port.ts'

export interface LogHarness {
  /** Opens the log under test. All instances see the same data. */
  open(): Promise<EventLog>
  /** What another process would use beside `log`; the same instance where only one process may write. */
  openBeside(log: EventLog): Promise<EventLog>
  stop(): Promise<void>
}

/** What every adapter promises. */
export function describeEventLog(name: string, setup: () => Promise<LogHarness>): void {
  describe(`${name} as an event log`, function () {
    this.timeout(TEST_TIMEOUT_MS)
    let harness: LogHarness
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

    describe('appending', () => {
      it('gives offsets without gaps from 0 on, and answers the offset of the first record', async () => {
        assert.equal(await log.endOffset(topic, 0), 0)
        assert.deepEqual(await log.append(topic, 0, bytes('a', 'b')), { baseOffset: 0 })
        assert.deepEqual(await log.append(topic, 0, bytes('c')), { baseOffset: 2 })
        assert.equal(await log.endOffset(topic, 0), 3)
        assert.deepEqual(
          (await readAll(log, topic, 0)).map(({ offset, value }) => `${offset}${value}`),
          ['0a', '1b', '2c'],
        )
      })

      it('keeps partitions apart', async () => {
        await Promise.all([0, 1, 2, 3].map((partition) => log.append(topic, partition, bytes(`p${partition}`))))
        for (const partition of [0, 1, 2, 3]) assert.equal(String((await readAll(log, topic, partition))[0]?.value), `p${partition}`)
      })

      it('writes appends of one caller in the order of the calls, without waiting for the answers', async () => {
        const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => log.append(topic, 0, bytes(`${n}`, `${n}'`))))
        assert.deepEqual(
          answers.map(({ baseOffset }) => baseOffset),
          Array.from({ length: 50 }, (_, n) => 2 * n),
        )
        assert.deepEqual(
          (await readAll(log, topic, 0)).map(({ value }) => String(value)),
          Array.from({ length: 50 }, (_, n) => [`${n}`, `${n}'`]).flat(),
        )
      })

      it('keeps the records of one append together while many append to one partition', async () => {
        const writers = Array.from({ length: 8 }, async (_, writer) => {
          for (let n = 0; n < 10; n++) {
            const { baseOffset } = await log.append(topic, 0, bytes(...Array.from({ length: 5 }, (_, k) => `${writer}.${n}.${k}`)))
            assert.equal(baseOffset % 5, 0)
          }
        })
        await Promise.all(writers)
        const records = await readAll(log, topic, 0)
        assert.equal(records.length, 400)
        for (const [index, { offset, value }] of records.entries()) {
          assert.equal(offset, index)
          const first = String(records[index - (index % 5)]?.value)
          assert.equal(String(value), `${first.slice(0, -1)}${index % 5}`)
        }
      })

      it('carries bytes as they are: empty, binary, large', async () => {
        const values = [Buffer.alloc(0), Buffer.from([0, 255, 128, 10]), Buffer.alloc(3_000_000, 7)]
        await log.append(topic, 0, values)
        assert.deepEqual(
          (await readAll(log, topic, 0)).map(({ value }) => value),
          values,
        )
      })

      it('takes a batch of thousands of records as one', async () => {
        await log.append(topic, 0, bytes('before'))
        const texts = Array.from({ length: 5_000 }, (_, n) => `${n}`.padStart(200))
        assert.deepEqual(await log.append(topic, 0, bytes(...texts)), { baseOffset: 1 })
        const records = await readAll(log, topic, 0, 1)
        assert.deepEqual(
          records.map(({ value }) => String(value)),
          texts,
        )
      })

      it('stamps the time at which the log took the record, the same for a whole batch', async () => {
        const fromMs = Date.now()
        await log.append(topic, 0, bytes('a', 'b'))
        const untilMs = Date.now()
        const [a, b] = await readAll(log, topic, 0)
        assert.ok(a !== undefined && b !== undefined)
        assert.ok(a.appendTimeMs >= fromMs && a.appendTimeMs <= untilMs, `${fromMs} <= ${a.appendTimeMs} <= ${untilMs}`)
        assert.equal(a.appendTimeMs, b.appendTimeMs)
      })

      it('refuses what can never be written, and says that nothing was', async () => {
        const refused = (appending: Promise<unknown>) =>
          assert.rejects(appending, (error) => error instanceof AppendRefusedError && error.code === 'APPEND_REFUSED' && !error.retryable)
        await refused(log.append(topic, 0, []))
        await refused(log.append(topic, 0, [Buffer.alloc(APPEND_BYTES_MAX)]))
        await refused(log.append(topic, 4, bytes('a')))
        await refused(log.append(freshTopic(), 0, bytes('a')))
        assert.equal(await log.endOffset(topic, 0), 0)
        assert.deepEqual(await log.append(topic, 0, bytes('after')), { baseOffset: 0 })
      })
    })

    describe('reading', () => {
      it('starts at any offset, also in the middle of a batch, and yields no more at once than asked for', async () => {
        await log.append(topic, 0, bytes('a', 'b', 'c', 'd', 'e'))
        await log.append(topic, 0, bytes('f'))
        const sizes: number[] = []
        const texts: string[] = []
        for await (const { records } of log.read(topic, 0, 2, { signal: new AbortController().signal, batchRecordsMax: 2 })) {
          sizes.push(records.length)
          texts.push(...records.map(({ value }) => String(value)))
          if (texts.length >= 4) break
        }
        assert.deepEqual(texts, ['c', 'd', 'e', 'f'])
        assert.ok(sizes.every((size) => size <= 2))
      })

      it('waits at the end and goes on when something is appended', async () => {
        const reader = follow(log, topic, 0, 0)
        await sleep(100)
        assert.deepEqual(reader.records, [])
        await log.append(topic, 0, bytes('a'))
        await eventually('the reader sees a', () => reader.records.length === 1)
        await log.append(topic, 0, bytes('b', 'c'))
        await eventually('the reader sees b and c', () => reader.records.length === 3)
        await reader.stop()
        assert.deepEqual(reader.texts(), ['a', 'b', 'c'])
      })

      it('gives every reader each record once and in order, whatever their speed and start, while two write', async () => {
        await log.append(topic, 0, bytes(...Array.from({ length: 300 }, (_, n) => `early ${n}`)))
        const readers = [
          follow(log, topic, 0, 0),
          follow(log, topic, 0, 0, { pauseMs: 5, batchRecordsMax: 20 }),
          follow(log, topic, 0, 150, { batchRecordsMax: 7 }),
          follow(log, topic, 0, 300),
        ]
        const write = async (writer: string) => {
          for (let n = 0; n < 60; n++)
            await log.append(topic, 0, bytes(...Array.from({ length: 1 + (n % 9) }, (_, k) => `${writer} ${n} ${k}`)))
        }
        await Promise.all([write('x'), write('y')])
        const end = await log.endOffset(topic, 0)
        await eventually('all readers reach the end', () => readers.every(({ records }) => records.at(-1)?.offset === end - 1))
        const whole = (await readAll(log, topic, 0)).map(({ offset, value }) => `${offset} ${value}`)
        for (const [index, start] of [0, 0, 150, 300].entries()) {
          await readers[index]?.stop()
          assert.deepEqual(
            readers[index]?.records.map(({ offset, value }) => `${offset} ${value}`),
            whole.slice(start),
          )
        }
      })

      it('serves short reads beside a reader that tails', async () => {
        const reader = follow(log, topic, 1, 0)
        for (let n = 0; n < 20; n++) {
          const { baseOffset } = await log.append(topic, 1, bytes(`${n}`))
          const [record] = await readAll(log, topic, 1, baseOffset)
          assert.equal(String(record?.value), `${n}`)
        }
        await eventually('the reader has all', () => reader.records.length === 20)
        await reader.stop()
      })

      it('ends promptly when its signal aborts: before it starts, while it waits, between two batches', async () => {
        const aborted = AbortSignal.abort()
        for await (const _ of log.read(topic, 0, 0, { signal: aborted })) assert.fail('read after the abort')

        const waiting = follow(log, topic, 0, 0)
        await sleep(50)
        await waiting.stop()

        await log.append(topic, 0, bytes('a', 'b', 'c'))
        const controller = new AbortController()
        let batches = 0
        for await (const _ of log.read(topic, 0, 0, { signal: controller.signal, batchRecordsMax: 1 })) {
          batches++
          controller.abort()
        }
        assert.equal(batches, 1)
      })

      it('serves more readers with one signal than Node lets listen without a warning', async () => {
        const warnings: Error[] = []
        const onWarning = (warning: Error) => warnings.push(warning)
        process.on('warning', onWarning)
        const controller = new AbortController()
        const readers = Array.from({ length: 30 }, async (_, n) => {
          for await (const _batch of log.read(topic, n % 4, 0, { signal: controller.signal })) assert.fail('there is nothing to read')
        })
        await sleep(100)
        controller.abort()
        await Promise.all(readers)
        process.off('warning', onWarning)
        assert.deepEqual(warnings, [])
      })

      it('stops readRange at the offset named', async () => {
        await log.append(topic, 0, bytes('a', 'b', 'c', 'd'))
        const texts: string[] = []
        for await (const { records } of readRange(log, topic, 0, 1, 3)) texts.push(...records.map(({ value }) => String(value)))
        assert.deepEqual(texts, ['b', 'c'])
      })

      it('says that an offset is out of range instead of starting elsewhere', async () => {
        await log.append(topic, 0, bytes('a'))
        await assert.rejects(
          firstOf(log, topic, 0, 2),
          (error) => error instanceof OffsetOutOfRangeError && error.message.includes(`${topic}/0`),
        )
        assert.equal(await log.append(topic, 0, bytes('b')).then(({ baseOffset }) => baseOffset), 1)
      })

      it('names what is missing', async () => {
        const missing = freshTopic()
        await assert.rejects(log.partitionCount(missing), (error) => error instanceof TopicMissingError && error.message.includes(missing))
        await assert.rejects(log.endOffset(missing, 0), TopicMissingError)
        await assert.rejects(firstOf(log, missing, 0, 0), TopicMissingError)
        await assert.rejects(log.endOffset(topic, 4), (error) => error instanceof EventLogError && error.code === 'PARTITION_MISSING')
        await assert.rejects(firstOf(log, topic, 4, 0), (error) => error instanceof EventLogError && error.code === 'PARTITION_MISSING')
      })
    })

    describe('topics', () => {
      it('are created once and keep their partition count', async () => {
        assert.equal(await log.partitionCount(topic), 4)
        const other = freshTopic()
        await log.ensureTopics([
          { topic, partitions: 9 },
          { topic: other, partitions: 2 },
        ])
        assert.equal(await log.partitionCount(topic), 4)
        assert.equal(await log.partitionCount(other), 2)
      })
    })

    describe('membership', () => {
      it('gives all partitions to a lone member, shares with a newcomer, and hands over when one leaves', async () => {
        const beside = await harness.openBeside(log)
        const [first, second] = [ownership(), ownership()]
        const group = `${topic}.group`
        const one = await log.join(group, [topic], first.handler)
        await eventually('the first member owns all', () => first.owned.size === 4)
        assert.deepEqual(
          [0, 1, 2, 3].map((partition) => one.owns(topic, partition)),
          [true, true, true, true],
        )

        const two = await beside.join(group, [topic], second.handler)
        await eventually('the members share', () => first.owned.size === 2 && second.owned.size === 2)
        assert.equal(new Set([...first.owned, ...second.owned]).size, 4)
        assert.equal(first.calls.filter((call) => call.startsWith('-')).length, 2, 'more moved than had to')
        assert.deepEqual(
          [0, 1, 2, 3].map((partition) => two.owns(topic, partition)),
          [0, 1, 2, 3].map((partition) => second.owned.has(`${topic}/${partition}`)),
        )

        const kept = [...second.owned]
        const callsBefore = first.calls.length
        await one.leave()
        await one.leave()
        await eventually('the second member owns all', () => second.owned.size === 4)
        assert.ok(kept.every((key) => second.owned.has(key)))
        assert.equal(second.calls.filter((call) => call.startsWith('-')).length, 0)
        assert.equal(first.calls.length, callsBefore, 'leaving called a handler')
        assert.equal(one.owns(topic, 0), false)
        await two.leave()
        if (beside !== log) await beside.close()
      })

      it('keeps groups apart, and lets a member take part for several topics', async () => {
        const other = freshTopic()
        await log.ensureTopics([{ topic: other, partitions: 3 }])
        const [first, second] = [ownership(), ownership()]
        const one = await log.join(`${topic}.a`, [topic, other], first.handler)
        const two = await log.join(`${topic}.b`, [topic], second.handler)
        await eventually('both own all', () => first.owned.size === 7 && second.owned.size === 4)
        await Promise.all([one.leave(), two.leave()])
      })

      it('is refused for a topic that is missing', async () => {
        await assert.rejects(log.join('any', [freshTopic()], ownership().handler), TopicMissingError)
      })
    })

    describe('closing', () => {
      it('ends readers and memberships, refuses what comes later, can be repeated, and loses nothing', async () => {
        await log.append(topic, 2, bytes('a', 'b'))
        const reader = follow(log, topic, 2, 0)
        const member = ownership()
        const membership = await log.join(`${topic}.closing`, [topic], member.handler)
        await eventually('the reader and the member are under way', () => reader.records.length === 2 && member.owned.size === 4)
        await Promise.all([log.close(), log.close()])
        await log.close()
        await reader.stop()
        assert.equal(membership.owns(topic, 0), false)
        await assert.rejects(log.append(topic, 2, bytes('late')), AppendRefusedError)
        await assert.rejects(firstOf(log, topic, 2, 0), LogUnavailableError)

        log = await harness.open()
        assert.equal(await log.partitionCount(topic), 4)
        assert.deepEqual(
          (await readAll(log, topic, 2)).map(({ value }) => String(value)),
          ['a', 'b'],
        )
        assert.deepEqual(await log.append(topic, 2, bytes('c')), { baseOffset: 2 })
      })
    })
  })
}
