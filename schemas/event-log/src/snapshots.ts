import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Head, parseHead } from '@cavea/contracts/ledger'
import { isInLog, type LedgerStart, ledgerStart } from './ledger-reader.ts'
import type { EventLog } from './port.ts'

/** A fold of one partition up to a place in its chain, so that the next owner need not read from the beginning. */
export interface Snapshot {
  readonly start: LedgerStart
  /** What wrote the body: another schema is not read, the log is. */
  readonly schema: string
  readonly body: Buffer
}

export interface Snapshots {
  /** Durable when it resolves. The one before is kept as the fallback, older ones go. */
  save(topic: string, partition: number, snapshot: Snapshot): Promise<void>
  /** The newest first. Those that are torn or altered are reported and left out. */
  load(topic: string, partition: number): AsyncIterable<Snapshot>
}

const KEPT = 2
const FILE = /^(\d{16})\.snapshot$/

interface Header {
  readonly format: 1
  readonly topic: string
  readonly partition: number
  readonly schema: string
  readonly offset: number
  readonly head: string
  readonly headOffset: number
  readonly commandOffset: number
  readonly bodyBytes: number
}

/**
 * Snapshots as files under `dir`, which services on one machine or on a shared volume may have in common: a line with
 * the SHA-256 of all that follows, a line of JSON, the body.
 */
export function fileSnapshots(dir: string, report: (message: string) => void = () => {}): Snapshots {
  const folderOf = (topic: string, partition: number): string => join(dir, topic, String(partition))

  return {
    async save(topic, partition, { start, schema, body }) {
      const folder = folderOf(topic, partition)
      await mkdir(folder, { recursive: true })
      const header: Header = { format: 1, topic, partition, schema, ...start, bodyBytes: body.length }
      const content = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body])
      const file = join(folder, `${String(start.offset).padStart(16, '0')}.snapshot`)
      const unfinished = `${file}.${randomUUID()}.tmp` // Writers on a shared volume may have the same process id.
      const handle = await open(unfinished, 'w')
      try {
        await handle.writeFile(`${sha256(content)}\n`)
        await handle.writeFile(content)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(unfinished, file)
      for (const old of (await filesIn(folder)).slice(KEPT)) await rm(join(folder, old), { force: true })
    },

    async *load(topic, partition) {
      const folder = folderOf(topic, partition)
      // A folder that cannot be read costs a longer replay, not the partition.
      const names = await filesIn(folder).catch((error: Error) => {
        report(`Snapshots in ${folder} cannot be read: ${error.message}.`)
        return []
      })
      for (const name of names) {
        const file = join(folder, name)
        const snapshot = parse(await readFile(file).catch(() => Buffer.alloc(0)), topic, partition)
        if (typeof snapshot === 'string') report(`Snapshot ${file} is not used: ${snapshot}.`)
        else yield snapshot
      }
    },
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The newest first. */
async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names.filter((name) => FILE.test(name)).sort((a, b) => (a < b ? 1 : -1))
}

function parse(bytes: Buffer, topic: string, partition: number): Snapshot | string {
  const hashEnd = bytes.indexOf('\n')
  const headerEnd = bytes.indexOf('\n', hashEnd + 1)
  if (hashEnd < 0 || headerEnd < 0) return 'it is cut off'
  if (bytes.toString('latin1', 0, hashEnd) !== sha256(bytes.subarray(hashEnd + 1))) return 'its hash does not match'
  const header = JSON.parse(bytes.toString('utf8', hashEnd + 1, headerEnd)) as Header // The hash says that we wrote it.
  const head: Head | undefined = parseHead(header.head)
  if (header.format !== 1 || head === undefined) return 'its format is not known'
  if (header.topic !== topic || header.partition !== partition) return `it is of ${header.topic}/${header.partition}`
  const { offset, headOffset, commandOffset, schema } = header
  return { start: { offset, head, headOffset, commandOffset }, schema, body: bytes.subarray(headerEnd + 1) }
}

/** For who has no place to keep them: every start reads the whole log. */
export const NO_SNAPSHOTS: Snapshots = {
  save: () => Promise.resolve(),
  async *load() {},
}

/**
 * Where a reader that only follows may start: where the newest snapshot of the partition's owner ends, or at the
 * beginning. What it gets is a head that is known to count, which it could not find out by looking at the log.
 */
export function startsFrom(log: EventLog, snapshots: Snapshots): (topic: string, partition: number) => Promise<LedgerStart> {
  return async (topic, partition) => {
    for await (const { start } of snapshots.load(topic, partition)) if (await isInLog(log, topic, partition, start)) return start
    return ledgerStart(topic, partition)
  }
}
