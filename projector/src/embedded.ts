import type { Logger } from '@cavea/service-kit/logger'
import type { Metrics } from '@cavea/service-kit/metrics'
import { createConsideratePace } from './adapters/considerate-pace.ts'
import { openMemoryDocuments } from './adapters/memory-documents.ts'
import { measureLag, prometheusTelemetry } from './adapters/prometheus-telemetry.ts'
import { systemClock } from './adapters/system-clock.ts'
import { appendDeadLetterEntry, deadLetterId, readDeadLetters } from './application/dead-letters.ts'
import type { LogDeps } from './application/facts.ts'
import { DEFAULT_LIMITS, type ProjectorLimits } from './application/projector-options.ts'
import { createProjectorService, type ProjectorService } from './application/projector-service.ts'
import type { DocumentReader } from './ports/document-reader.ts'
import type { ProjectionStore } from './ports/projection-store.ts'
import { PROJECTIONS } from './projections/all.ts'

/** Smaller steps, further apart: who decides in the same process has the first claim to it. */
const LIMITS: ProjectorLimits = { ...DEFAULT_LIMITS, batchRecordsMax: 250, pauseMs: 100 }

export interface EmbeddedProjector {
  readonly service: ProjectorService
  readonly documents: DocumentReader
}

/** The projector in a process with all other services: documents in memory, tables where there is a store for them. */
export function createEmbeddedProjector(
  deps: LogDeps & { readonly topicPrefix: string; readonly logger: Logger; readonly metrics: Metrics; readonly tables?: ProjectionStore },
): EmbeddedProjector {
  const { logger, metrics, tables } = deps
  const documents = openMemoryDocuments()
  const service = createProjectorService({
    ...deps,
    stores: tables === undefined ? [documents] : [documents, tables],
    projections: PROJECTIONS,
    clock: systemClock,
    telemetry: prometheusTelemetry(metrics, logger),
    limits: LIMITS,
    pace: createConsideratePace(),
  })
  measureLag(metrics, service)
  return {
    service: {
      ...service,
      async start() {
        await forgetDocuments(deps)
        await service.start()
      },
    },
    documents,
  }
}

/** Documents are made anew at each start: what they went on without before is tried again, and set aside again if need be. */
async function forgetDocuments({ log, topicPrefix }: LogDeps & { readonly topicPrefix: string }): Promise<void> {
  const names = new Set(PROJECTIONS.filter(({ store }) => store === 'documents').map(({ name }) => name))
  for (const letter of (await readDeadLetters(log, topicPrefix)).all())
    if (names.has(letter.projection))
      await appendDeadLetterEntry(log, topicPrefix, { type: 'replayed', id: deadLetterId(letter), atMs: Date.now() })
}
