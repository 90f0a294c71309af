import type { TableSpec } from '@cavea/contracts/read-models/table'
import type { LedgerStart } from '@cavea/event-log/ledger-reader'
import { ledgerStart } from '@cavea/event-log/ledger-reader'
import { Query } from 'mingo'
import { copyOf, createRowSet, type RowSet } from '../application/row-set.ts'
import type { DocumentReader, StoredDocument } from '../ports/document-reader.ts'
import type { Generation, ProjectionStore, Row } from '../ports/projection-store.ts'
import { documentId, toStored } from './documents.ts'

interface Making {
  readonly tables: readonly TableSpec[]
  readonly projection: string
  readonly version: number
  readonly number: number
  readonly rows: RowSet
  readonly checkpoints: Map<string, LedgerStart>
}

export interface MemoryDocuments extends ProjectionStore, DocumentReader {}

/** Documents in this process, which are gone with it: they are made from the log again at each start. */
export function openMemoryDocuments(): MemoryDocuments {
  const makings: Making[] = []
  const active = new Map<string, number>()

  function generationOf({ projection, version, number }: Making): Generation {
    const current = active.get(projection) ?? 0
    return { projection, version, number, status: number === current ? 'active' : number < current ? 'retired' : 'building' }
  }
  const makingOf = ({ projection, number }: Generation): Making | undefined =>
    makings.find((making) => making.projection === projection && making.number === number)

  return {
    kind: 'documents',
    prepare: () => Promise.resolve(),
    generations: () => Promise.resolve(makings.toSorted((a, b) => a.number - b.number).map(generationOf)),
    begin(projection, number) {
      let making = makings.find((one) => one.projection === projection.name && one.number === number)
      if (making === undefined) {
        const { name, version, tables } = projection
        making = { projection: name, version, number, tables, rows: createRowSet(projection), checkpoints: new Map() }
        makings.push(making)
      }
      return Promise.resolve(generationOf(making))
    },
    checkpoints: (generation) => Promise.resolve(new Map(makingOf(generation)?.checkpoints)),
    async write(_projection, generation, { topic, partition, from, to, changes }) {
      const making = makingOf(generation)
      if (making === undefined) return 'superseded'
      const place = `${topic}/${partition}`
      if (!isSame(making.checkpoints.get(place) ?? ledgerStart(topic, partition), from)) return 'superseded'
      for (const change of changes) making.rows.apply(change)
      making.checkpoints.set(place, to)
      return 'written'
    },
    async activate({ name }, { number }) {
      if (number > (active.get(name) ?? 0)) active.set(name, number)
    },
    async amend(_projection, generation, changes) {
      const rows = makingOf(generation)?.rows
      return rows === undefined ? [] : changes.filter((change) => !rows.apply(change, 'same-too'))
    },
    async drop({ name }, generation) {
      if (active.get(name) === generation.number) throw new Error(`Generation ${generation.number} of ${name} is active.`)
      const making = makingOf(generation)
      if (making !== undefined) makings.splice(makings.indexOf(making), 1)
    },
    async *rows(_projection, generation, table, source) {
      for (const row of makingOf(generation)?.rows.rows(table, source) ?? []) {
        const { key, version, fields } = row
        yield { key, version, fields: copyOf(fields) as Row['fields'] }
      }
    },
    async find(collection, { filter, sort, skip = 0, limit }) {
      for (const making of makings) {
        if (active.get(making.projection) !== making.number) continue
        const spec = making.tables.find(({ name }) => name === collection)
        if (spec === undefined) continue
        const cursor = new Query(filter).find<StoredDocument>(documentsOf(making.rows, spec))
        if (sort !== undefined) cursor.sort(sort)
        return structuredClone(cursor.skip(skip).limit(limit).all())
      }
      return undefined
    },
    close: () => Promise.resolve(),
  }
}

function* documentsOf(rows: RowSet, spec: TableSpec): Iterable<StoredDocument> {
  for (const { key, source, version, fields } of rows.all(spec.name)) {
    const stored = Object.entries(fields).map(([field, value]) => [field, toStored(spec, field, value)])
    yield { _id: documentId(key), source, version, ...Object.fromEntries(stored) }
  }
}

const isSame = (a: LedgerStart, b: LedgerStart): boolean => a.offset === b.offset && a.head === b.head
