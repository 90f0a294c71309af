import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@cavea/projector/adapters/system-clock'
import { readDeadLetters } from '@cavea/projector/application/dead-letters'
import type { Making } from '@cavea/projector/application/generations'
import { DEFAULT_LIMITS, type ProjectorTelemetry } from '@cavea/projector/application/projector-options'
import { beginAnother, buildGeneration, progressOf as extentOf } from '@cavea/projector/application/rebuild'
import { type Difference, type Verified, verifyGeneration } from '@cavea/projector/application/verify'
import type { Generation } from '@cavea/projector/ports/projection-store'
import { PROJECTIONS } from '@cavea/projector/projections/all'
import { CliError, EXIT, type ExitCode, sentenceOf } from '../failure.ts'
import { type Io, progressOf, table, tell } from '../io.ts'
import type { Profile } from '../profile.ts'
import { IN_MEMORY, makingsOf, openStores, type Stores } from '../stores.ts'

const WATCH_MS = 500
/** A projector that runs notices a new generation within a second. */
const PATIENCE_MS = 5_000

async function withStores<Result>(io: Io, { settings }: Profile, action: (stores: Stores) => Promise<Result>): Promise<Result> {
  const stores = await openStores(io, settings)
  try {
    return await action(stores)
  } finally {
    await stores.close()
  }
}

interface ListedGeneration extends Generation {
  readonly store: 'documents' | 'tables'
  /** Null where this build does not know the projection. */
  readonly records: number | null
  readonly behind: number | null
  readonly deadLetters: number
}

/** Tells which generations there are, and how far each has come. */
export async function listProjections(io: Io, profile: Profile, options: { readonly json: boolean }): Promise<ExitCode> {
  return await withStores(io, profile, async ({ all }) => {
    const letters = await readDeadLetters(profile.log, profile.topicPrefix)
    const generations: ListedGeneration[] = []
    for (const store of all)
      for (const generation of await store.generations()) {
        const known = PROJECTIONS.find(({ name }) => name === generation.projection)
        const extent = known === undefined ? undefined : await extentOf(profile, { store, projection: known, generation })
        const deadLetters = letters.countOf(generation.projection, (number) => number === generation.number)
        const behind = extent === undefined ? null : extent.total - extent.done
        generations.push({ ...generation, store: store.kind, records: extent?.done ?? null, behind, deadLetters })
      }
    generations.sort((a, b) => (a.projection < b.projection ? -1 : a.projection > b.projection ? 1 : a.number - b.number))
    tell(io, options.json, { projections: generations }, () => {
      const rows = generations.map(({ projection, store, version, number, status, records, behind, deadLetters }) => {
        return [projection, store, version, number, status, records ?? '?', behind ?? '?', deadLetters]
      })
      const head = ['projection', 'store', 'version', 'generation', 'status', 'records', 'behind', 'dead letters']
      return profile.settings.kind === 'embedded' ? `${table(head, rows)}\n\n${IN_MEMORY}` : table(head, rows)
    })
    return EXIT.ok
  })
}

/** Makes a read model again beside the one that readers see, and switches when it is done. */
export async function rebuildProjection(io: Io, profile: Profile, name: string, options: { readonly json: boolean }): Promise<ExitCode> {
  const projection = projectionNamed(name)
  return await withStores(io, profile, async ({ all }) => {
    const store = all.find(({ kind }) => kind === projection.store)
    if (store === undefined) throw new CliError(EXIT.usage, whyNoStore(profile, projection.store))
    const making = { store, projection, generation: await beginAnother({ store, projection }) }
    const startedMs = performance.now()
    const by = (await watch(io, profile, making)) ? 'projector' : 'command'
    if (by === 'command') await build(io, profile, making)
    const { done: records } = await extentOf(profile, making)
    const seconds = (performance.now() - startedMs) / 1_000
    const { number, version } = making.generation
    tell(io, options.json, { projection: name, version, generation: number, records, seconds, by }, () => {
      const who = by === 'projector' ? 'by the projector that runs' : 'by this command, since no projector runs'
      return `Generation ${number} of ${name} was made ${who}, from ${records.toLocaleString('en')} records in ${seconds.toFixed(1)} s, and is what readers see now.`
    })
    return EXIT.ok
  })
}

/** Answers whether a projector made it; false when none is at work. */
async function watch(io: Io, profile: Profile, making: Making): Promise<boolean> {
  const progress = progressOf(io, `Making ${making.projection.name} again`)
  let before = -1
  let movedMs = performance.now()
  try {
    for (;;) {
      if (await isActive(making)) return true
      const { done, total } = await extentOf(profile, making)
      progress.at(done, total)
      if (done > before) movedMs = performance.now()
      before = done
      if (performance.now() - movedMs > PATIENCE_MS) return false
      await sleep(WATCH_MS)
    }
  } finally {
    progress.end()
  }
}

async function isActive({ store, generation }: Making): Promise<boolean> {
  const all: readonly Generation[] = await store.generations()
  return all.some(({ projection, number, status }) => {
    return projection === generation.projection && number >= generation.number && status === 'active'
  })
}

async function build(io: Io, profile: Profile, making: Making): Promise<void> {
  const progress = progressOf(io, `Making ${making.projection.name} again`)
  try {
    await buildGeneration(
      { ...profile, clock: systemClock, telemetry: telemetryOf(io), limits: DEFAULT_LIMITS },
      making,
      ({ done, total }) => progress.at(done, total),
    )
  } catch (error) {
    const { code } = error as { readonly code?: unknown }
    if (code !== 'APPEND_REFUSED') throw error
    const why = 'A decision cannot be projected, and where it would be set aside cannot be written to. Start the server: it does both.'
    throw new CliError(EXIT.broken, why, error)
  } finally {
    progress.end()
  }
}

function telemetryOf(io: Io): ProjectorTelemetry {
  const nothing = (): void => undefined
  return {
    written: nothing,
    superseded: nothing,
    generation: nothing,
    deadLetter: ({ topic, partition, offset, error }) => io.err(`${topic}/${partition} at ${offset} is set aside: ${error}\n`),
    trouble: (_where, error) => io.err(`${sentenceOf(error)} Trying again.\n`),
    failed: nothing,
  }
}

/** Compares read models with the fold of the log. */
export async function verifyProjections(
  io: Io,
  profile: Profile,
  options: { readonly json: boolean; readonly name?: string },
): Promise<ExitCode> {
  if (options.name !== undefined) projectionNamed(options.name)
  return await withStores(io, profile, async ({ all }) => {
    const letters = await readDeadLetters(profile.log, profile.topicPrefix)
    const verified: VerifiedProjection[] = []
    for (const making of await seen(all, options.name)) {
      const { projection, generation } = making
      const progress = progressOf(io, `Comparing ${projection.name}`)
      const { done: total } = await extentOf(profile, making)
      let done = 0
      const result = await verifyGeneration(profile, making, (records) => {
        done += records
        progress.at(done, total)
      })
      progress.end()
      const deadLetters = letters.countOf(projection.name, (number) => number === generation.number)
      verified.push({ projection: projection.name, version: generation.version, generation: generation.number, deadLetters, ...result })
    }
    if (verified.length === 0)
      throw new CliError(EXIT.broken, 'There is no read model of this version to compare. cavea projections list tells what there is.')
    const same = verified.every(({ differenceCount }) => differenceCount === 0)
    tell(io, options.json, { same, projections: verified }, () =>
      [tableOf(verified), ...verified.flatMap(describe), conclusion(verified, same)].join('\n\n'),
    )
    return same ? EXIT.ok : EXIT.broken
  })
}

type VerifiedProjection = Verified & {
  readonly projection: string
  readonly version: number
  readonly generation: number
  readonly deadLetters: number
}

/** What readers see, or will see when there is nothing yet. */
async function seen(stores: Stores['all'], name: string | undefined): Promise<Making[]> {
  const makings: Making[] = []
  for (const store of stores) {
    const all = makingsOf(store, await store.generations())
    for (const projection of PROJECTIONS) {
      const own = all.filter((making) => making.projection === projection && (name === undefined || name === projection.name))
      const one = own.find(({ generation }) => generation.status === 'active') ?? own.at(-1)
      if (one !== undefined) makings.push(one)
    }
  }
  return makings
}

function tableOf(verified: readonly VerifiedProjection[]): string {
  const rows = verified.map(({ projection, version, generation, decisions, rows, newer, deadLetters, differenceCount }) => {
    return [projection, version, generation, decisions, rows, newer, deadLetters, differenceCount]
  })
  return table(['projection', 'version', 'generation', 'decisions', 'rows compared', 'changed since', 'dead letters', 'differences'], rows)
}

function describe({ projection, differences, differenceCount }: VerifiedProjection): string[] {
  if (differenceCount === 0) return []
  const more = differenceCount > differences.length ? [`… and ${differenceCount - differences.length} more.`] : []
  return [[`${projection}:`, ...differences.map((difference) => `  ${sentence(difference)}`), ...more].join('\n')]
}

function sentence({ kind, table: name, key, topic, partition, expectedVersion, foundVersion, fields }: Difference): string {
  const row = `${name} ${key.join(' / ')} of ${topic}/${partition}`
  switch (kind) {
    case 'log':
      return `${topic}/${partition}: it was made from another log, or this one lost its tail.`
    case 'missing':
      return `${row} is missing; decision ${expectedVersion} changed it last.`
    case 'unexpected':
      return `${row} is there, and no decision made it.`
    case 'version':
      return `${row} says that decision ${foundVersion} changed it last; it was decision ${expectedVersion}.`
    case 'fields':
      return `${row} differs in ${fields.join(', ')}, at decision ${expectedVersion}.`
    default:
      return kind satisfies never
  }
}

function conclusion(verified: readonly VerifiedProjection[], same: boolean): string {
  if (!same) return 'The read models are NOT what the log says. cavea projections rebuild makes one again.'
  const rows = verified.reduce((sum, one) => sum + one.rows, 0).toLocaleString('en')
  const letters = verified.reduce((sum, { deadLetters }) => sum + deadLetters, 0)
  const note = letters === 0 ? '' : ` ${letters} dead letters are left out: cavea dlq list shows them.`
  return `The read models are what the log says: ${rows} rows compared.${note}`
}

function projectionNamed(name: string): (typeof PROJECTIONS)[number] {
  const projection = PROJECTIONS.find((one) => one.name === name)
  if (projection !== undefined) return projection
  throw new CliError(EXIT.usage, `There is no read model "${name}"; there are ${PROJECTIONS.map((one) => one.name).join(', ')}.`)
}

function whyNoStore({ settings }: Profile, kind: 'documents' | 'tables'): string {
  if (settings.kind === 'embedded') return IN_MEMORY
  return `Its store is not named: set ${kind === 'documents' ? 'MONGODB_URI' : 'DATABASE_URL'}.`
}
