import { type KafkaEngine, startKafka } from '@cavea/engines/kafka'
import { startMongo } from '@cavea/engines/mongo'
import { startPostgres } from '@cavea/engines/postgres'
import type { Engine } from '@cavea/engines/process'
import { startRedis } from '@cavea/engines/redis'
import { startRegistry } from '@cavea/engines/registry'

/** Real engines, each started when it is first asked for and stopped together at the end. */
export interface BenchEngines {
  kafka(): Promise<KafkaEngine>
  /** Calls fsync for every record before it answers, instead of leaving that to the replicas. */
  kafkaFlushed(): Promise<KafkaEngine>
  registry(): Promise<Engine>
  /** Cavea's own, for rate limits and keys. */
  redis(): Promise<Engine>
  /** A contender's, with a log that is synced before each answer. */
  redisStore(): Promise<Engine>
  postgres(): Promise<Engine>
  mongo(): Promise<Engine>
  stop(): Promise<void>
}

export function benchEngines(): BenchEngines {
  const started: Promise<{ stop(): Promise<void> }>[] = []
  function once<Started extends { stop(): Promise<void> }>(start: () => Promise<Started>): () => Promise<Started> {
    let running: Promise<Started> | undefined
    return () => {
      if (running === undefined) {
        running = start()
        started.push(running)
      }
      return running
    }
  }
  return {
    kafka: once(() => startKafka()),
    kafkaFlushed: once(() => startKafka({ overrides: { 'log.flush.interval.messages': '1' } })),
    registry: once(() => startRegistry()),
    redis: once(() => startRedis()),
    redisStore: once(() => startRedis()),
    postgres: once(() => startPostgres()),
    mongo: once(() => startMongo()),
    async stop() {
      for (const engine of await Promise.allSettled(started)) if (engine.status === 'fulfilled') await engine.value.stop()
    },
  }
}

export const pidOf = (engine: { readonly pid: number | undefined }): readonly number[] => (engine.pid === undefined ? [] : [engine.pid])
