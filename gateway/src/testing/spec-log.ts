import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Codec, createCodec } from '@cavea/contracts/codec'
import { SUBJECTS } from '@cavea/contracts/subjects'
import { CONTEXTS, topicsOf } from '@cavea/contracts/topics'
import type { EventLog } from '@cavea/event-log/port'
import type { SchemaRegistry } from '@cavea/event-log/registry/port'

/** Which log and registry a spec runs on: it wires them itself, as a main file does. */
export interface LogAdapters {
  readonly openLog: (dir: string) => Promise<EventLog>
  readonly openRegistry: (subjects: readonly { readonly subject: string; readonly schema: object }[]) => SchemaRegistry
}

export interface SpecLog {
  readonly dir: string
  readonly log: EventLog
  readonly codec: Codec
  readonly registry: SchemaRegistry
  close(): Promise<void>
}

/** A real log in a folder of its own, with the topics of every context. */
export async function openSpecLog(partitions: number, adapters: LogAdapters): Promise<SpecLog> {
  const dir = await mkdtemp(join(tmpdir(), 'cavea-gateway-'))
  const log = await adapters.openLog(join(dir, 'log'))
  const topics = CONTEXTS.flatMap((context) => Object.values(topicsOf(context)))
  await log.ensureTopics(topics.map((topic) => ({ topic, partitions })))
  const subjects = [...SUBJECTS].map(([subject, schema]) => ({ subject, schema: schema as object }))
  const registry = adapters.openRegistry(subjects)
  const ids = new Map<string, number>()
  for (const { subject, schema } of subjects) ids.set(subject, await registry.register(subject, schema))
  return {
    dir,
    log,
    registry,
    codec: createCodec((subject) => ids.get(subject) ?? 0),
    async close() {
      await log.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
