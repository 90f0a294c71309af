import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@cavea/command-service/adapters/system-clock'
import { createCommandService } from '@cavea/command-service/application/command-service'
import { DEFAULT_LIMITS as WORKER_LIMITS } from '@cavea/command-service/application/worker-options'
import { allTopics, topicsOf } from '@cavea/contracts/topics'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import type { EventLog } from '@cavea/event-log/port'
import { NO_SNAPSHOTS } from '@cavea/event-log/snapshots'
import { openMemoryDocuments } from '@cavea/projector/adapters/memory-documents'
import { openMongoDocuments } from '@cavea/projector/adapters/mongo-documents'
import { openPostgresStore } from '@cavea/projector/adapters/postgres-store'
import { systemClock as projectorClock } from '@cavea/projector/adapters/system-clock'
import { DEFAULT_LIMITS } from '@cavea/projector/application/projector-options'
import { createProjectorService, type ProjectorService } from '@cavea/projector/application/projector-service'
import type { ProjectionStore } from '@cavea/projector/ports/projection-store'
import { PROJECTIONS } from '@cavea/projector/projections/all'
import pg from 'pg'
import type { BenchEngines } from './engines.ts'
import { codec, registry } from './partition.ts'

export const PARTITIONS = 4
/** Looked at so often that a lag is seen while it lasts. */
const POLL_MS = 20

const SEATING = topicsOf('seating')
const nothing = (): void => undefined

/** A log of its own in a folder of its own, without any record. */
export async function openLog(): Promise<{ readonly log: EventLog; close(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'cavea-bench-log-'))
  const log = await openEmbeddedLog({ dir })
  await log.ensureTopics(allTopics(PARTITIONS))
  return {
    log,
    async close() {
      await log.close()
      await rm(dir, { recursive: true })
    },
  }
}

/** The workers of all partitions, in this process. */
export function startDeciding(log: EventLog): ReturnType<typeof createCommandService> {
  const fail = (...told: readonly unknown[]): void => {
    throw new Error(`A worker is in trouble: ${told.map(String).join(' ')}`)
  }
  return createCommandService({
    ...{ log, codec, registry, snapshots: NO_SNAPSHOTS, clock: systemClock, limits: WORKER_LIMITS, topicPrefix: '', owner: 'bench' },
    telemetry: {
      ...{ folded: nothing, decided: nothing, voids: nothing, snapshot: nothing },
      ...{ dropped: fail, unreadable: fail, quarantined: fail, trouble: fail, failed: fail },
    },
  })
}

export function startProjecting(log: EventLog, store: ProjectionStore): ProjectorService {
  return createProjectorService({
    ...{ log, codec, registry, topicPrefix: '', stores: [store], projections: PROJECTIONS, clock: projectorClock },
    limits: { ...DEFAULT_LIMITS, pollMs: POLL_MS },
    telemetry: {
      ...{ written: nothing, superseded: nothing, generation: nothing },
      deadLetter: ({ projection, error }) => {
        throw new Error(`${projection} set a decision aside: ${error}`)
      },
      trouble: (_, error) => {
        throw error
      },
      failed: (_, error) => {
        throw error
      },
    },
  })
}

/** Resolves once each partition of seating has so many events records. */
export async function untilDecided(log: EventLog, decisions: number): Promise<void> {
  for (;;) {
    let count = 0
    for (let partition = 0; partition < PARTITIONS; partition++) count += await log.endOffset(SEATING.events, partition)
    if (count >= decisions) return
    await sleep(5)
  }
}

export async function untilCurrent(service: ProjectorService): Promise<void> {
  while (!service.readiness().ready) await sleep(5)
}

/** The stores that are measured, each opened empty. */
export interface StoreKind {
  readonly name: string
  readonly open: () => Promise<ProjectionStore>
}

export function storeKinds(engines: BenchEngines): readonly StoreKind[] {
  const fresh = (): string => `bench_${randomBytes(4).toString('hex')}`
  return [
    { name: 'documents in process (mingo)', open: async () => openMemoryDocuments() },
    {
      name: 'documents, MongoDB protocol (SecantusDB)',
      async open() {
        const url = new URL((await engines.mongo()).url)
        url.pathname = `/${fresh()}`
        return openMongoDocuments({ uri: url.href })
      },
    },
    {
      name: 'tables, PostgreSQL',
      async open() {
        const { url } = await engines.postgres()
        const database = fresh()
        const client = new pg.Client({ connectionString: url })
        await client.connect()
        await client.query(`CREATE DATABASE ${database}`)
        await client.end()
        const own = new URL(url)
        own.pathname = `/${database}`
        return openPostgresStore({ url: own.href, warn: nothing })
      },
    },
  ]
}
