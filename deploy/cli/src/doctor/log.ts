import { FRAME_BYTES } from '@cavea/contracts/ledger'
import { DECISION_SUBJECT } from '@cavea/contracts/subjects'
import { CONTEXTS, topicsOf } from '@cavea/contracts/topics'
import { TopicMissingError } from '@cavea/event-log/errors'
import { describeTopics, type TopicDescription } from '@cavea/event-log/kafka/inspect'
import { type LogRecord, readRange } from '@cavea/event-log/port'
import { sentenceOf } from '../failure.ts'
import type { Profile, ProfileSettings } from '../profile.ts'
import { type Check, fail, ok, warn } from './check.ts'

const RECENT_MS = 60_000
const AHEAD_MAX_MS = 1_000
const WANTED_REPLICAS = 3

/** Both topics of each context, with as many partitions. */
export async function checkTopics({ log, topicPrefix }: Profile): Promise<Check[]> {
  const checks: Check[] = []
  for (const context of CONTEXTS) {
    const { commands, events } = topicsOf(context, topicPrefix)
    const name = `topics of ${context}`
    try {
      const [asked, decided] = [await log.partitionCount(commands), await log.partitionCount(events)]
      checks.push(
        asked === decided
          ? ok(name, `${asked} partitions each`)
          : fail(
              name,
              `${commands} has ${asked} partitions and ${events} has ${decided}`,
              'A decision is in the partition of its command, so the counts must be equal: move to new topics.',
            ),
      )
    } catch (error) {
      if (!(error instanceof TopicMissingError)) throw error
      checks.push(fail(name, sentenceOf(error), 'Start the server once; check CAVEA_TOPIC_PREFIX if it ran before.'))
    }
  }
  return checks
}

/** The newest record's time against this machine's clock, where it is recent enough to say anything. */
export async function checkClock(profile: Profile, nowMs: number): Promise<Check> {
  const name = 'clock'
  const newest = await newestRecord(profile)
  if (newest === undefined) return ok(name, 'the log is empty, so there is nothing to compare with')
  const ageMs = nowMs - newest.appendTimeMs
  if (ageMs < -AHEAD_MAX_MS)
    return warn(
      name,
      `the newest record is ${(-ageMs / 1_000).toFixed(1)} s in the future of this machine`,
      'Set the clocks by NTP on this machine and on those that keep the log.',
    )
  if (ageMs > RECENT_MS)
    return ok(name, `the newest record is from ${new Date(newest.appendTimeMs).toISOString()}, too old to compare clocks`)
  return ok(name, `the newest record is ${Math.max(0, ageMs / 1_000).toFixed(1)} s old`)
}

async function newestRecord({ log, topicPrefix }: Profile): Promise<LogRecord | undefined> {
  let newest: LogRecord | undefined
  for (const context of CONTEXTS) {
    for (const topic of Object.values(topicsOf(context, topicPrefix))) {
      const partitions = await log.partitionCount(topic).catch(() => 0)
      for (let partition = 0; partition < partitions; partition++) {
        const last = await lastRecord(log, topic, partition)
        if (last !== undefined && last.appendTimeMs > (newest?.appendTimeMs ?? 0)) newest = last
      }
    }
  }
  return newest
}

async function lastRecord(log: Profile['log'], topic: string, partition: number): Promise<LogRecord | undefined> {
  const end = await log.endOffset(topic, partition)
  for await (const { records } of readRange(log, topic, partition, Math.max(0, end - 1), end)) return records.at(-1)
  return undefined
}

/** The registry is asked for the schema of a decision that is in the log; without one, whether it answers at all. */
export async function checkRegistry(profile: Profile): Promise<Check> {
  const name = 'schema registry'
  if (profile.settings.kind === 'embedded') return ok(name, 'in process')
  const { registryUrl } = profile.settings
  try {
    const id = await someSchemaId(profile)
    if (id !== undefined) {
      await profile.registry.schemaOf(id)
      return ok(name, `${registryUrl} knows ${DECISION_SUBJECT} as ${id}`)
    }
    const answer = await fetch(`${registryUrl.replace(/\/+$/, '')}/subjects`, { signal: AbortSignal.timeout(5_000) })
    await answer.arrayBuffer()
    return answer.ok
      ? ok(name, `${registryUrl} answers`)
      : fail(name, `${registryUrl} answers ${answer.status}`, 'Check SCHEMA_REGISTRY_URL: it is the base of a Confluent-compatible API.')
  } catch (error) {
    return fail(name, sentenceOf(error), 'Check SCHEMA_REGISTRY_URL, and that the registry runs.')
  }
}

async function someSchemaId({ log, topicPrefix }: Profile): Promise<number | undefined> {
  for (const context of CONTEXTS) {
    const { events } = topicsOf(context, topicPrefix)
    const partitions = await log.partitionCount(events).catch(() => 0)
    for (let partition = 0; partition < partitions; partition++) {
      const value = (await lastRecord(log, events, partition))?.value
      if (value !== undefined && value.length >= FRAME_BYTES && value[0] === 0) return value.readUInt32BE(1)
    }
  }
  return undefined
}

/** What the ledger needs of Kafka: time given by the log, nothing deleted or compacted, nothing acknowledged by one broker alone. */
export async function checkTopicSettings(settings: ProfileSettings): Promise<Check[]> {
  if (settings.kind === 'embedded') return []
  const wanted = CONTEXTS.flatMap((context) => Object.values(topicsOf(context, settings.topicPrefix)))
  try {
    return (await describeTopics({ brokers: settings.brokers, clientId: 'cavea-doctor' }, wanted)).map(judgeTopic)
  } catch (error) {
    return [warn('topic settings', sentenceOf(error), 'Allow this client to describe topics, or check their settings by hand.')]
  }
}

export function judgeTopic({ topic, replicas, inSync, settings }: TopicDescription): Check {
  const name = `settings of ${topic}`
  if (settings.size === 0) return warn(name, 'the brokers do not tell them', 'Allow this client to describe configs.')
  const faults: string[] = []
  const fixes: string[] = []
  const expect = (setting: string, value: string, why: string): void => {
    const found = settings.get(setting)
    if (found === undefined || found === value) return
    faults.push(`${setting} is ${found}: ${why}`)
    fixes.push(`${setting}=${value}`)
  }
  expect('message.timestamp.type', 'LogAppendTime', 'writers, not the log, tell the time')
  expect('cleanup.policy', 'delete', 'compaction breaks the chain')
  expect('retention.ms', '-1', 'history is deleted after that time')
  expect('retention.bytes', '-1', 'history is deleted beyond that size')
  expect('unclean.leader.election.enable', 'false', 'an acknowledged decision may be lost')
  if (faults.length > 0) return fail(name, faults.join('; '), `Set ${fixes.join(', ')} on ${topic}.`)

  const minInSync = Number(settings.get('min.insync.replicas') ?? 1)
  const detail = `${replicas} replicas, ${inSync} in sync, min.insync.replicas ${minInSync}`
  if (inSync < minInSync) return fail(name, detail, 'Too few replicas are in sync, so appends are refused: bring the brokers back.')
  if (replicas < WANTED_REPLICAS || minInSync < WANTED_REPLICAS - 1)
    return warn(
      name,
      detail,
      `In production use ${WANTED_REPLICAS} replicas and min.insync.replicas ${WANTED_REPLICAS - 1}: with fewer, one lost disk can lose decisions.`,
    )
  return inSync < replicas ? warn(name, detail, 'A replica lags or is gone: look at the brokers.') : ok(name, detail)
}
