import { hash } from 'node:crypto'
import type { Snapshot, Snapshots } from '@cavea/event-log/snapshots'
import type { Faults } from './faults.ts'
import type { Machine } from './machine.ts'

const KEPT = 2

interface Kept {
  readonly offset: number
  readonly bytes: Buffer
}

/** What every machine finds on the shared volume: bytes with their hash before them, of which some are torn. */
export class Volume {
  readonly #kept = new Map<string, Kept[]>()
  /** Told of every snapshot that somebody means to save. */
  readonly #onSaved: (topic: string, partition: number, snapshot: Snapshot) => void
  readonly isVerified: boolean

  constructor(onSaved: (topic: string, partition: number, snapshot: Snapshot) => void, isVerified = true) {
    this.#onSaved = onSaved
    this.isVerified = isVerified
  }

  save(topic: string, partition: number, snapshot: Snapshot, tear: (bytes: Buffer) => Buffer): void {
    this.#onSaved(topic, partition, snapshot)
    const { start, schema, body } = snapshot
    const content = Buffer.concat([Buffer.from(`${JSON.stringify({ start, schema })}\n`), body])
    const bytes = tear(Buffer.concat([Buffer.from(hash('sha256', content, 'hex')), content]))
    const place = `${topic}/${partition}`
    const others = (this.#kept.get(place) ?? []).filter(({ offset }) => offset !== start.offset)
    this.#kept.set(place, [...others, { offset: start.offset, bytes }].sort((a, b) => b.offset - a.offset).slice(0, KEPT))
  }

  /** The newest first; those that are torn are left out. */
  load(topic: string, partition: number): Snapshot[] {
    return (this.#kept.get(`${topic}/${partition}`) ?? []).flatMap(({ bytes }) => {
      const content = bytes.subarray(64)
      if (this.isVerified && hash('sha256', content, 'hex') !== bytes.toString('latin1', 0, 64)) return []
      const end = content.indexOf('\n')
      const { start, schema } = JSON.parse(content.toString('utf8', 0, end)) as Omit<Snapshot, 'body'>
      return [{ start, schema, body: Buffer.from(content.subarray(end + 1)) }]
    })
  }
}

const DISK_MS = 5

export function snapshotsOf(machine: Machine, volume: Volume, faults: Faults): Snapshots {
  function tear(bytes: Buffer): Buffer {
    if (!faults.happens('tornSnapshots', 0.7)) return bytes
    const at = Math.floor(faults.chance() * bytes.length)
    if (faults.chance() < 0.4) return bytes.subarray(0, at)
    bytes[at] = (bytes[at] ?? 0) ^ 0x10
    return bytes
  }
  return {
    save: (topic, partition, snapshot) =>
      new Promise((resolve, reject) => {
        machine.later(faults.askMs() + DISK_MS, () => {
          if (faults.happens('lostSnapshots', 0.3)) return reject(new Error('The volume is full.'))
          volume.save(topic, partition, snapshot, tear)
          resolve()
        })
      }),
    async *load(topic, partition) {
      const found = await new Promise<Snapshot[]>((resolve) => {
        machine.later(faults.askMs() + DISK_MS, () => resolve(volume.load(topic, partition)))
      })
      // The newest may not be there for everybody: so readers start from any.
      yield* faults.happens('lostSnapshots', 0.5) ? found.slice(1 + Math.floor(faults.chance() * 2)) : found
    },
  }
}
