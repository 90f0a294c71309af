import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { ensureTopics, PARTITIONS, partsOf, type RigParts, TOPIC_PREFIX } from './query-rig.ts'
import { type ScriptedLedger, scriptLedger } from './scripted-ledger.ts'

export interface SpecLog {
  readonly dir: string
  readonly parts: RigParts
  readonly ledger: ScriptedLedger
  close(): Promise<void>
}

/** A real log in a folder of its own, and who decides in it. */
export async function openSpecLog(): Promise<SpecLog> {
  const dir = await mkdtemp(join(tmpdir(), 'cavea-query-'))
  const log = await openEmbeddedLog({ dir: join(dir, 'log') })
  const parts = await partsOf(log)
  await ensureTopics(log)
  return {
    dir,
    parts,
    ledger: scriptLedger({ ...parts, topicPrefix: TOPIC_PREFIX, partitions: PARTITIONS }),
    async close() {
      await log.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
