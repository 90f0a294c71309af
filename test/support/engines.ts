import { type KafkaEngine, startKafka } from '@cavea/engines/kafka'
import type { Engine } from '@cavea/engines/process'
import { startRedis } from '@cavea/engines/redis'
import { startRegistry } from '@cavea/engines/registry'
import { atTheEnd } from './endings.ts'

export interface SharedEngines {
  readonly kafka: KafkaEngine
  readonly registry: Engine
  /** Undefined where there is none: everything works without it. */
  readonly redis: Engine | undefined
}

const skipped = new Set((process.env['CAVEA_SKIP_ENGINES'] ?? '').split(','))
let shared: Promise<SharedEngines> | undefined

/** Whether this engine cannot be had here. */
export const skipsEngine = (engine: string): boolean => skipped.has(engine)

/** Why tests on Kafka cannot run here, or undefined when they can. */
export function whyNoCluster(): string | undefined {
  const missing = ['kafka', 'registry'].filter(skipsEngine)
  return missing.length === 0 ? undefined : `CAVEA_SKIP_ENGINES names ${missing.join(' and ')}`
}

/** The engines that all tests of this process use, started when the first one asks. */
export function sharedEngines(): Promise<SharedEngines> {
  shared ??= start()
  return shared
}

async function start(): Promise<SharedEngines> {
  const [kafka, registry, redis] = await Promise.all([startKafka(), startRegistry(), skipsEngine('redis') ? undefined : startRedis()])
  return { kafka, registry, redis }
}

atTheEnd(async function stopEngines() {
  const engines = await shared?.catch(() => undefined)
  if (engines === undefined) return
  await Promise.all([engines.kafka.stop(), engines.registry.stop(), engines.redis?.stop()])
})
