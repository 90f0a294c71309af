import { resolve } from 'node:path'
import { type Codec, createCodec } from '@cavea/contracts/codec'
import { SUBJECTS } from '@cavea/contracts/subjects'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { openKafkaLog } from '@cavea/event-log/kafka/kafka-log'
import type { EventLog } from '@cavea/event-log/port'
import { confluentRegistry } from '@cavea/event-log/registry/confluent'
import { schemaId } from '@cavea/event-log/registry/in-process'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'
import { embeddedRegistry } from '@cavea/event-log/schemas'
import { fileSnapshots, type Snapshots } from '@cavea/event-log/snapshots'
import { CliError, EXIT, sentenceOf } from './failure.ts'
import type { Io } from './io.ts'

/** What the options and the environment say about where the log is. */
export interface ProfileOptions {
  readonly data?: string
  readonly brokers?: string
  readonly registry?: string
}

interface CommonSettings {
  readonly dataDir: string
  readonly logDir: string
  readonly snapshotsDir: string
  readonly tokenFile: string
  readonly topicPrefix: string
}

export type ProfileSettings =
  | (CommonSettings & { readonly kind: 'embedded' })
  | (CommonSettings & { readonly kind: 'kafka'; readonly brokers: readonly string[]; readonly registryUrl: string })

export interface Profile {
  readonly settings: ProfileSettings
  readonly log: EventLog
  readonly codec: Codec
  readonly registry: SchemaRegistry
  readonly snapshots: Snapshots
  readonly topicPrefix: string
  close(): Promise<void>
}

/** Options win over the environment. Where brokers are given, the log is Kafka. */
export function profileSettings(options: ProfileOptions, env: Io['env']): ProfileSettings {
  const dataDir = resolve(options.data ?? given(env, 'CAVEA_DATA_DIR') ?? '.cavea')
  const common: CommonSettings = {
    dataDir,
    logDir: resolve(dataDir, 'log'),
    snapshotsDir: resolve(given(env, 'CAVEA_SNAPSHOT_DIR') ?? resolve(dataDir, 'snapshots')),
    tokenFile: resolve(dataDir, 'admin-token'),
    topicPrefix: given(env, 'CAVEA_TOPIC_PREFIX') ?? '',
  }
  const brokers = (options.brokers ?? given(env, 'KAFKA_BROKERS') ?? '')
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '')
  if (brokers.length === 0) return { ...common, kind: 'embedded' }
  const registryUrl = options.registry ?? given(env, 'SCHEMA_REGISTRY_URL')
  if (registryUrl === undefined)
    throw new CliError(EXIT.usage, 'Kafka needs its schema registry too: give --registry <url> or set SCHEMA_REGISTRY_URL.')
  return { ...common, kind: 'kafka', brokers, registryUrl }
}

/** Opens the log to read it; nothing here writes, neither to the log nor to the registry. */
export async function openProfile(settings: ProfileSettings, io: Io): Promise<Profile> {
  const log = await openLog(settings)
  const { registry, codec } = schemasOf(settings)
  const snapshots = fileSnapshots(settings.snapshotsDir, (message) => io.err(`${message}\n`))
  return { settings, log, codec, registry, snapshots, topicPrefix: settings.topicPrefix, close: () => log.close() }
}

async function openLog(settings: ProfileSettings): Promise<EventLog> {
  try {
    if (settings.kind === 'embedded') return await openEmbeddedLog({ dir: settings.logDir, readOnly: true })
    return await openKafkaLog({ brokers: settings.brokers, clientId: 'cavea-cli' })
  } catch (error) {
    const hint =
      settings.kind === 'embedded'
        ? 'Start the server once with npm start, or name its data folder with --data.'
        : 'Check --brokers, and that this machine may connect to them.'
    throw new CliError(EXIT.unreachable, `${sentenceOf(error)} ${hint}`, error)
  }
}

export function schemasOf(settings: ProfileSettings): { readonly registry: SchemaRegistry; readonly codec: Codec } {
  if (settings.kind === 'embedded') {
    const registry = embeddedRegistry()
    return { registry, codec: createCodec((subject) => schemaId(subject, SUBJECTS.get(subject) as object)) }
  }
  // Ids below zero are nobody's: so every id in the log is looked up, and an older or newer tool than the services registers nothing.
  let id = 0
  return { registry: confluentRegistry({ url: settings.registryUrl }), codec: createCodec(() => --id) }
}

export function given(env: Io['env'], variable: string): string | undefined {
  const value = env[variable]?.trim()
  return value === '' ? undefined : value
}
