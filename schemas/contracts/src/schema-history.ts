import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { faultsBetween, linkFaults } from './compatibility.ts'
import { DECISION_SUBJECT } from './subjects.ts'

export interface CommittedVersion {
  readonly version: number
  /** The file's text, which must be the canonical one. */
  readonly text: string
}

/** By subject, in the order of their versions. */
export type SchemaHistory = ReadonlyMap<string, readonly CommittedVersion[]>
export type Schemas = ReadonlyMap<string, unknown>

export interface Judgement {
  /** What no further commit mends: versions that cannot read each other, a removed subject, an altered file. */
  readonly faults: readonly string[]
  /** Changed and compatible, or new: what the next commit of schemas writes. */
  readonly pending: readonly { readonly subject: string; readonly version: number; readonly text: string }[]
}

const VERSION_FILE = /^v([1-9]\d*)\.avsc$/
const KEYS = ['name', 'namespace', 'type', 'size', 'symbols', 'items', 'values', 'fields', 'default']

/** One text for one schema: keys in a fixed order, two spaces, a line feed at the end. */
export function canonicalText(schema: unknown): string {
  return `${JSON.stringify(ordered(schema), null, 2)}\n`
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  const rank = ([key]: readonly [string, unknown]): number => (KEYS.includes(key) ? KEYS.indexOf(key) : KEYS.length)
  const entries = Object.entries(value).sort((a, b) => rank(a) - rank(b) || (a[0] < b[0] ? -1 : 1))
  return Object.fromEntries(entries.map(([key, part]) => [key, ordered(part)]))
}

/** Reads `<folder>/<subject>/v<n>.avsc`. Throws when anything else lies there. */
export function readHistory(folder: string): SchemaHistory {
  const history = new Map<string, CommittedVersion[]>()
  if (!existsSync(folder)) return history
  for (const subject of readdirSync(folder).sort()) {
    const versions = readdirSync(join(folder, subject)).map((file): CommittedVersion => {
      const version = VERSION_FILE.exec(file)?.[1]
      if (version === undefined) throw new Error(`${subject}/${file} is no version of a schema.`)
      return { version: Number(version), text: readFileSync(join(folder, subject, file), 'utf8') }
    })
    history.set(
      subject,
      versions.sort((a, b) => a.version - b.version),
    )
  }
  return history
}

/** Holds the current schemas against all that were ever committed: every pair of versions must read each other. */
export function judge(current: Schemas, history: SchemaHistory): Judgement {
  const faults: string[] = []
  const pending: Judgement['pending'][number][] = []
  for (const subject of history.keys())
    if (!current.has(subject)) faults.push(`${subject}: was removed, but the log holds records of it for ever`)
  for (const [subject, schema] of current) {
    const committed = history.get(subject) ?? []
    const text = canonicalText(schema)
    for (const [index, { version, text: file }] of committed.entries()) {
      if (version !== index + 1) faults.push(`${subject}: v${index + 1} is missing`)
      if (file !== canonicalText(JSON.parse(file))) faults.push(`${subject}: v${version} is not in its canonical form`)
    }
    const isChanged = committed.at(-1)?.text !== text
    const version = committed.length + 1
    if (isChanged) pending.push({ subject, version, text })
    faults.push(...faultsOfVersions(subject, isChanged ? [...committed, { version, text }] : committed))
  }
  return { faults, pending }
}

function faultsOfVersions(subject: string, versions: readonly CommittedVersion[]): string[] {
  const parsed = versions.map(({ version, text }) => ({ version, schema: JSON.parse(text) as unknown }))
  const pairs = parsed.flatMap((one, at) => parsed.slice(at + 1).map((other) => ({ one, other })))
  return [
    ...pairs.flatMap(({ one, other }) =>
      faultsBetween(one.schema, other.schema).map((fault) => `${subject}: v${one.version} and v${other.version}: ${fault}`),
    ),
    ...(subject === DECISION_SUBJECT
      ? parsed.flatMap(({ version, schema }) => linkFaults(schema).map((fault) => `${subject}: v${version}: ${fault}`))
      : []),
  ]
}

/** Writes what is pending, unless there are faults: then it writes nothing. A written version is never written again. */
export function commitSchemas(folder: string, current: Schemas): Judgement {
  const judgement = judge(current, readHistory(folder))
  if (judgement.faults.length > 0) return judgement
  for (const { subject, version, text } of judgement.pending) {
    mkdirSync(join(folder, subject), { recursive: true })
    writeFileSync(join(folder, subject, `v${version}.avsc`), text, { flag: 'wx' })
  }
  return judgement
}

/** Every version that was ever committed, so that a log that an earlier build wrote stays readable. */
export function committedSchemas(): readonly { readonly subject: string; readonly schema: object }[] {
  const history = readHistory(fileURLToPath(new URL('../avro', import.meta.url))) // The same from `src` and from `dist`.
  return [...history].flatMap(([subject, versions]) => versions.map(({ text }) => ({ subject, schema: JSON.parse(text) as object })))
}
