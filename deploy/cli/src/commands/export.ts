import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Directory } from '@cavea/contracts/catalog/directory'
import type { PublicEvent, PublicOrigin } from '@cavea/contracts/public/events'
import { PUBLIC_SCHEMAS, publicSubjectOf } from '@cavea/contracts/public/schemas'
import { publicRecordsOf } from '@cavea/contracts/public/translate'
import { CONTEXTS, type Context, topicsOf } from '@cavea/contracts/topics'
import { followLedger, ledgerStart } from '@cavea/event-log/ledger-reader'
import { readCatalog } from '@cavea/projector/public-topics/catalog-reader'
import { factsOf } from '@cavea/projector/public-topics/facts'
import { ParquetFile } from '../export/parquet-file.ts'
import { CliError, EXIT, type ExitCode, sentenceOf } from '../failure.ts'
import { type Io, progressOf, table, tell } from '../io.ts'
import type { Profile } from '../profile.ts'

export interface ExportOptions {
  readonly json: boolean
  /** The folder of the files. */
  readonly parquet: string
  readonly context?: Context
  readonly performance?: string
  readonly force?: boolean
}

interface Extent {
  readonly context: Context
  readonly topic: string
  readonly partition: number
  readonly end: number
}

interface Written {
  readonly event: string
  readonly file: string
  readonly rows: number
  readonly bytes: number
}

type Exported = PublicEvent & PublicOrigin

const PART = '.part'

/** Writes what outside readers get of the log, as the public topics say it, into one Parquet file for each type of event. */
export async function exportParquet(io: Io, profile: Profile, options: ExportOptions): Promise<ExitCode> {
  const contexts = options.context === undefined ? CONTEXTS : [options.context]
  const files = new ExportFiles(resolve(options.parquet), contexts, options.force === true)
  const extents = await extentsOf(profile, contexts) // Before the catalog is read, so that the catalog has all that is named before here.
  const stop = new AbortController()
  const signal = AbortSignal.any([io.signal, stop.signal])
  const catalog = await readCatalog({
    ...profile,
    trouble: (error) => io.err(`The catalog is not read at the moment. ${sentenceOf(error)}\n`),
  })
  const progress = progressOf(io, 'Exporting')
  const startedMs = performance.now()
  const total = extents.reduce((sum, { end }) => sum + end, 0)
  let done = 0
  try {
    await catalog.readOn()
    const isWanted = filterOf(catalog.directory, options.performance)
    files.open()
    for (const extent of extents)
      await exportPartition(profile, extent, catalog.directory, signal, {
        event: (event) => {
          if (isWanted(event)) files.add(extent.context, event)
        },
        read: (records) => {
          done += records
          progress.at(done, total)
        },
      })
    if (signal.aborted) throw new CliError(EXIT.unreachable, 'The export was interrupted; nothing was written.')
    const written = files.finish()
    progress.end()
    const seconds = (performance.now() - startedMs) / 1_000
    const rows = written.reduce((sum, one) => sum + one.rows, 0)
    const eventsPerSecond = seconds > 0 ? Math.round(rows / seconds) : 0
    tell(io, options.json, { folder: files.folder, files: written, records: done, events: rows, seconds, eventsPerSecond }, () => {
      const lines = written.map((one) => [one.event, one.rows, one.bytes, one.file])
      const rate = `${rows.toLocaleString('en')} events of ${done.toLocaleString('en')} records in ${seconds.toFixed(2)} s: ${eventsPerSecond.toLocaleString('en')} events/s.`
      return `${table(['event', 'rows', 'bytes', 'file'], lines)}\n\n${rate}`
    })
    return EXIT.ok
  } finally {
    progress.end()
    stop.abort()
    files.discard()
    await catalog.stop()
  }
}

async function extentsOf({ log, topicPrefix }: Profile, contexts: readonly Context[]): Promise<Extent[]> {
  const extents: Extent[] = []
  for (const context of contexts) {
    const topic = topicsOf(context, topicPrefix).events
    const partitions = await log.partitionCount(topic)
    for (let partition = 0; partition < partitions; partition++)
      extents.push({ context, topic, partition, end: await log.endOffset(topic, partition) })
  }
  return extents
}

async function exportPartition(
  profile: Profile,
  { context, topic, partition, end }: Extent,
  directory: Directory,
  signal: AbortSignal,
  on: { readonly event: (event: Exported) => void; readonly read: (records: number) => void },
): Promise<void> {
  if (end === 0) return
  for await (const { decisions, position, voided } of followLedger(profile, topic, partition, ledgerStart(topic, partition), { signal })) {
    const known = decisions.filter(({ offset }) => offset < end)
    for (const fact of await factsOf(profile, context, partition, known, signal))
      for (const { event } of publicRecordsOf(fact, directory).records) on.event(event)
    on.read(decisions.length + voided)
    if (position.offset >= end) return
  }
}

/** Of one performance: what happens in it, and the hall that it is in. */
function filterOf(directory: Directory, performanceId: string | undefined): (event: Exported) => boolean {
  if (performanceId === undefined) return () => true
  const performance = directory.performance(performanceId)
  if (performance === undefined) throw new CliError(EXIT.usage, `The log knows no performance "${performanceId}".`)
  return (event) => {
    if (event.type === 'VenueCreated') return event.venueId === performance.venueId
    if (event.type === 'SeatMapPublished') return event.seatMapId === performance.seatMapId
    return event.performanceId === performanceId
  }
}

/** One file for each type of event, under its name when all of them are whole. */
class ExportFiles {
  readonly folder: string
  readonly #contexts: readonly Context[]
  readonly #files = new Map<string, ParquetFile>()

  /** Throws when it would overwrite a file, unless that is wanted. */
  constructor(folder: string, contexts: readonly Context[], force: boolean) {
    this.folder = folder
    this.#contexts = contexts
    const existing = this.#names().filter((name) => existsSync(join(folder, name)))
    if (existing.length > 0 && !force)
      throw new CliError(EXIT.usage, `${join(folder, existing[0] ?? '')} is there already: name another folder, or overwrite with --force.`)
  }

  open(): void {
    mkdirSync(this.folder, { recursive: true })
    for (const context of this.#contexts)
      for (const [type, schema] of Object.entries(PUBLIC_SCHEMAS[context])) {
        const name = nameOf(context, type)
        const path = join(this.folder, `${name}${PART}`)
        rmSync(path, { force: true }) // Of an export that was killed.
        const subject = publicSubjectOf(context, type)
        this.#files.set(name, new ParquetFile(path, schema, { subject, 'avro.schema': JSON.stringify(schema) }))
      }
  }

  add(context: Context, event: Exported): void {
    this.#files.get(nameOf(context, event.type))?.add(event)
  }

  finish(): Written[] {
    for (const file of this.#files.values()) file.finish()
    const written = [...this.#files].map(([name, { rows }]): Written => {
      const file = join(this.folder, name)
      renameSync(`${file}${PART}`, file)
      return { event: name.replace(/\.parquet$/, ''), file, rows, bytes: statSync(file).size }
    })
    this.#files.clear()
    return written
  }

  /** Leaves nothing half behind. */
  discard(): void {
    for (const [name, file] of this.#files) {
      file.close()
      rmSync(join(this.folder, `${name}${PART}`), { force: true })
    }
    this.#files.clear()
  }

  #names(): string[] {
    return this.#contexts.flatMap((context) => Object.keys(PUBLIC_SCHEMAS[context]).map((type) => nameOf(context, type)))
  }
}

const nameOf = (context: Context, type: string): string => `${context}.${type}.parquet`
