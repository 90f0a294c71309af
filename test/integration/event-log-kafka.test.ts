import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { type KafkaEngine, startKafka } from '@cavea/engines/kafka'
import { describeEventLog, type LogHarness } from '@cavea/event-log/contract'
import { describeLogFaults } from '@cavea/event-log/contract-faults'
import { LogUnavailableError } from '@cavea/event-log/errors'
import { openKafkaLog } from '@cavea/event-log/kafka/kafka-log'

const APPEND_TIMEOUT_MS = 2_000
const SESSION_TIMEOUT_MS = 2_000

function harnessOf(kafka: KafkaEngine): LogHarness {
  const open = () =>
    openKafkaLog({
      brokers: [kafka.brokers],
      clientId: 'contract',
      appendTimeoutMs: APPEND_TIMEOUT_MS,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      heartbeatIntervalMs: 200,
    })
  return { open, openBeside: open, stop: () => kafka.stop() }
}

describeEventLog('Kafka', async () => harnessOf(await startKafka()))

describeLogFaults('Kafka', async () => {
  const kafka = await startKafka()
  return {
    ...harnessOf(kafka),
    pause: () => kafka.pause(),
    resume: () => kafka.resume(),
    kill: () => kafka.kill(),
    start: () => kafka.start(),
    appendTimeoutMs: APPEND_TIMEOUT_MS,
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
  }
})

describe('Opening Kafka', function () {
  this.timeout(30_000)

  const isNamed = (brokers: string) => (error: unknown) =>
    error instanceof LogUnavailableError && error.retryable && error.message.includes(brokers)

  it('fails with the names of the brokers when nobody listens', async () => {
    await assert.rejects(openKafkaLog({ brokers: ['127.0.0.1:1'], clientId: 'contract' }), isNamed('127.0.0.1:1'))
  })

  it('fails with the names of the brokers when somebody listens but does not answer', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    assert.ok(address !== null && typeof address === 'object')
    const brokers = `127.0.0.1:${address.port}`
    try {
      await assert.rejects(openKafkaLog({ brokers: [brokers], clientId: 'contract' }), isNamed(brokers))
    } finally {
      server.close()
    }
  })
})
