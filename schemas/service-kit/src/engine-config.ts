import type { ConfigReader } from './config.ts'
import { LOG_LEVELS, type LogLevel } from './logger.ts'

/** What every service reads from its environment when it runs against real engines. */
export interface EngineConfig {
  readonly brokers: readonly string[]
  readonly registryUrl: string
  readonly topicPrefix: string
  readonly partitions: number
  /** Absent: every start reads the whole log. */
  readonly snapshotDir: string | undefined
  readonly logLevel: LogLevel
}

const PARTITIONS = 16

export function readEngineConfig(read: ConfigReader): EngineConfig {
  return {
    brokers: read.list('KAFKA_BROKERS', { example: '127.0.0.1:9092' }),
    registryUrl: read.text('SCHEMA_REGISTRY_URL', { example: 'http://127.0.0.1:8081/apis/ccompat/v7' }),
    topicPrefix: read.text('CAVEA_TOPIC_PREFIX', { default: '', pattern: /^[A-Za-z0-9._-]{0,100}$/ }),
    partitions: read.integer('CAVEA_PARTITIONS', { default: PARTITIONS, min: 1, max: 1024 }),
    snapshotDir: read.optionalText('CAVEA_SNAPSHOT_DIR'),
    logLevel: read.oneOf('CAVEA_LOG_LEVEL', LOG_LEVELS, { default: 'info' }),
  }
}

/** Which organisation the one organiser's token of today speaks for. */
export function readOrganisation(read: ConfigReader): string {
  return read.text('CAVEA_ORGANISATION', { default: 'org_house', pattern: /^org_[a-z0-9]{1,32}$/ })
}
