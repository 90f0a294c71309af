import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createCommandService } from '@cavea/command-service/application/command-service'
import { DEFAULT_LIMITS, type WorkerTelemetry } from '@cavea/command-service/application/worker-options'
import type { Actor } from '@cavea/contracts/envelope'
import { commandIdOf } from '@cavea/contracts/ids'
import { SUBJECTS } from '@cavea/contracts/subjects'
import { CONTEXTS, type Context, topicsOf } from '@cavea/contracts/topics'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { inProcessRegistry } from '@cavea/event-log/registry/in-process'
import { fileSnapshots } from '@cavea/event-log/snapshots'
import { codecOfThisBuild, type Message, ORGANISATION } from './planted-log.fixture.ts'
import type { AuditDeps } from './verify.ts'

const telemetry: WorkerTelemetry = {
  folded: () => {},
  decided: () => {},
  dropped: () => {},
  voids: () => {},
  unreadable: () => {},
  quarantined: () => {},
  snapshot: () => {},
  trouble: () => {},
  failed: () => {},
}

const codec = codecOfThisBuild()

/** A command under an id that derives from its name. */
export function command(context: Context, name: string, actor: Actor, message: Message): Buffer {
  const commandId = commandIdOf(name)
  const envelope = { commandId, commandType: message.type, actor, organisation: actor.kind === 'buyer' ? '' : ORGANISATION }
  const rest = { bodyHash: '', causationId: '', correlationId: commandId, traceparent: '' }
  return codec.encodeCommand(context, { envelope: { ...envelope, ...rest }, message })
}

/** Has the real workers decide in a new log what `ask` asks for, until it is done; then `use` may have the log's folder. */
export async function decided(ask: (deps: AuditDeps) => Promise<void>, use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'cavea-decided-'))
  try {
    const log = await openEmbeddedLog({ dir: join(dir, 'log') })
    for (const context of CONTEXTS) await log.ensureTopics(Object.values(topicsOf(context)).map((topic) => ({ topic, partitions: 1 })))
    const registry = inProcessRegistry([...SUBJECTS].map(([subject, schema]) => ({ subject, schema: schema as object })))
    const clock = {
      nowMs: () => Date.now(),
      sleep: (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => {}),
      random: () => Math.random(),
    }
    const deps = { log, codec, registry, topicPrefix: '' }
    const common = { ...deps, clock, telemetry, limits: DEFAULT_LIMITS, owner: 'spec' }
    const service = createCommandService({ ...common, snapshots: fileSnapshots(join(dir, 'snapshots')) })
    await service.start()
    try {
      await ask(deps)
    } finally {
      await service.stop()
      await log.close()
    }
    await use(join(dir, 'log'))
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
