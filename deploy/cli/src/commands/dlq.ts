import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { LogUnavailableError } from '@cavea/event-log/errors'
import type { EventLog } from '@cavea/event-log/port'
import { appendDeadLetterEntry, type DeadLetter, deadLetterId, readDeadLetters } from '@cavea/projector/application/dead-letters'
import { type Replayed, replayDeadLetter } from '@cavea/projector/application/replay-dead-letters'
import { PROJECTIONS } from '@cavea/projector/projections/all'
import { CliError, EXIT, type ExitCode } from '../failure.ts'
import { type Io, progressOf, table, tell } from '../io.ts'
import type { Profile } from '../profile.ts'
import { IN_MEMORY, makingsOf, openStores, type Stores } from '../stores.ts'

export interface DlqOptions {
  readonly json: boolean
  readonly projection?: string
}

/** Tells which decisions read models went on without. */
export async function listDeadLetters(io: Io, profile: Profile, options: DlqOptions): Promise<ExitCode> {
  const letters = await lettersOf(profile, options)
  const deadLetters = letters.map(({ value, ...letter }) => ({ ...letter, value: value.toString('base64') }))
  tell(io, options.json, { deadLetters }, () => {
    if (letters.length === 0) return 'There are no dead letters.'
    const rows = letters.map(({ projection, generation, topic, partition, offset, reason, atMs, error }) => {
      return [projection, generation, `${topic}/${partition}`, offset, reason, new Date(atMs).toISOString(), error]
    })
    return table(['projection', 'generation', 'events topic', 'offset', 'reason', 'set aside', 'error'], rows)
  })
  return EXIT.ok
}

/** Projects dead letters again with the code of today. */
export async function replayDeadLetters(io: Io, profile: Profile, options: DlqOptions): Promise<ExitCode> {
  const letters = await lettersOf(profile, options)
  if (letters.length === 0) {
    tell(io, options.json, { replayed: [] }, () => 'There are no dead letters.')
    return EXIT.ok
  }
  const stores = await openStores(io, profile.settings)
  try {
    const replayed = await withWritableLog(profile, (log) => replayAll(io, { ...profile, log }, stores, letters))
    tell(io, options.json, { replayed: replayed.map(({ letter, ...said }) => ({ id: deadLetterId(letter), ...said })) }, () => {
      const rows = replayed.map(({ letter, outcome, why }) => [
        letter.projection,
        `${letter.topic}/${letter.partition}`,
        letter.offset,
        outcome,
        why,
      ])
      return table(['projection', 'events topic', 'offset', 'outcome', 'why'], rows)
    })
    return replayed.every(({ outcome }) => outcome === 'replayed' || outcome === 'obsolete') ? EXIT.ok : EXIT.broken
  } finally {
    await stores.close()
  }
}

async function lettersOf({ log, topicPrefix }: Profile, { projection }: DlqOptions): Promise<readonly DeadLetter[]> {
  const letters = (await readDeadLetters(log, topicPrefix)).all()
  return letters.filter((letter) => projection === undefined || letter.projection === projection)
}

async function replayAll(
  io: Io,
  profile: Profile,
  { all }: Stores,
  letters: readonly DeadLetter[],
): Promise<(Replayed & { readonly letter: DeadLetter })[]> {
  const known = []
  for (const store of all) known.push({ store, generations: await store.generations() })
  const makings = known.flatMap(({ store, generations }) => makingsOf(store, generations))
  const progress = progressOf(io, 'Replaying')
  const replayed = []
  for (const [at, letter] of letters.entries()) {
    const isOf = ({ projection, number }: { readonly projection: string; readonly number: number }): boolean =>
      projection === letter.projection && number === letter.generation
    const kind = PROJECTIONS.find(({ name }) => name === letter.projection)?.store
    const home = known.find(({ store }) => store.kind === kind)
    if (home === undefined) {
      const why = profile.settings.kind === 'embedded' ? IN_MEMORY : 'Its store is not named.'
      replayed.push({ letter, outcome: 'obsolete' as const, why })
      continue
    }
    const making = makings.find(({ generation }) => isOf(generation))
    replayed.push({ letter, ...(await replayDeadLetter({ ...profile, nowMs: Date.now }, making, letter)) })
    if (!home.generations.some(isOf))
      // What it was missing in is gone, so nobody needs to see it again.
      await appendDeadLetterEntry(profile.log, profile.topicPrefix, { type: 'replayed', id: deadLetterId(letter), atMs: Date.now() })
    progress.at(at + 1, letters.length)
  }
  progress.end()
  return replayed
}

/** The embedded log has one writer, which is the server while it runs. */
async function withWritableLog<Result>({ settings, log }: Profile, action: (log: EventLog) => Promise<Result>): Promise<Result> {
  if (settings.kind !== 'embedded') return await action(log)
  await log.close() // A process opens the embedded log once.
  let writable: EventLog
  try {
    writable = await openEmbeddedLog({ dir: settings.logDir })
  } catch (error) {
    if (!(error instanceof LogUnavailableError)) throw error
    throw new CliError(EXIT.unreachable, 'While the server runs it alone may write to its log. Stop it, replay, and start it again.', error)
  }
  try {
    return await action(writable)
  } finally {
    await writable.close()
  }
}
