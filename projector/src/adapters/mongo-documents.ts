import type { Head } from '@cavea/contracts/ledger'
import type { TableSpec, Value } from '@cavea/contracts/read-models/table'
import { type LedgerStart, ledgerStart } from '@cavea/event-log/ledger-reader'
import {
  type AnyBulkWriteOperation,
  type Collection,
  type Db,
  type Filter,
  MongoBulkWriteError,
  MongoClient,
  MongoServerError,
} from 'mongodb'
import type { Projection } from '../application/projection.ts'
import type { DocumentReader, StoredDocument } from '../ports/document-reader.ts'
import {
  ChangesRefusedError,
  type Generation,
  type GenerationStatus,
  type KeyedChange,
  type ProjectionStore,
  type Row,
} from '../ports/projection-store.ts'
import { documentId, fieldsOf, toStored } from './documents.ts'

interface GenerationDocument {
  /** "halls/3" */
  readonly _id: string
  readonly projection: string
  readonly version: number
  readonly number: number
  /** By the name of the table the collection that has its documents. */
  readonly collections: Readonly<Record<string, string>>
}

/** Says which generation readers see: one document, so that it changes at once for all collections of a projection. */
interface PointerDocument {
  /** The projection. */
  readonly _id: string
  readonly number: number
  readonly version: number
  readonly collections: Readonly<Record<string, string>>
}

interface CheckpointDocument extends LedgerStart {
  /** "halls/3/catalog.events/0" */
  readonly _id: string
  readonly generation: string
  readonly place: string
}

type Document = { _id: string; source: string; version: number } & Record<string, Value | Date>

const DUPLICATE_KEY = 11_000
/**
 * The documents' fault, not the server's: BadValue, TypeMismatch, InvalidLength, a path into what is no object, two paths in each
 * other's way, a field name that cannot be, and a document that is too large by either of its numbers.
 */
const REFUSED_CODES: ReadonlySet<number> = new Set([2, 14, 16, 28, 40, 52, 54, 56, 57, 10_334, 17_280, 17_419, 17_420])
const CONNECT_WITHIN_MS = 5_000
const BULK_OPERATIONS_MAX = 1_000

export interface MongoDocuments extends ProjectionStore, DocumentReader {}

/**
 * Documents in MongoDB. The address names the database; without a name it is `cavea`. A collection is called after its table and
 * the generation, `performances_v2`; what readers follow is `projector_pointers`: `{ _id: "halls", collections: { performances: … } }`.
 */
export function openMongoDocuments(options: { readonly uri: string }): MongoDocuments {
  const client = new MongoClient(options.uri, {
    serverSelectionTimeoutMS: CONNECT_WITHIN_MS,
    // A checkpoint must not survive what it stands for.
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'majority' },
    ignoreUndefined: true,
  })
  const named = client.options.dbName
  const db: Db = client.db(named === 'test' ? 'cavea' : named) // The driver's name for none.
  const generationDocuments = db.collection<GenerationDocument>('projector_generations')
  const pointers = db.collection<PointerDocument>('projector_pointers')
  const checkpointDocuments = db.collection<CheckpointDocument>('projector_checkpoints')
  const known = new Map<string, Readonly<Record<string, string>>>()

  async function collectionsOf(generation: Generation): Promise<Readonly<Record<string, string>> | undefined> {
    const id = idOf(generation)
    const collections = known.get(id) ?? (await generationDocuments.findOne({ _id: id }))?.collections
    if (collections !== undefined) known.set(id, collections)
    return collections
  }

  async function statusOf({ projection, number }: Pick<Generation, 'projection' | 'number'>): Promise<GenerationStatus> {
    return statusBeside(number, (await pointers.findOne({ _id: projection }))?.number)
  }

  const collectionOf = (collections: Readonly<Record<string, string>>, table: string): Collection<Document> => {
    const name = collections[table]
    if (name === undefined) throw new ChangesRefusedError(`There is no collection for "${table}".`)
    return db.collection<Document>(name)
  }

  /** Writes changes by a guard of the row's version and answers those whose rows have a version that the guard does not allow. */
  async function writeRows(
    projection: Projection,
    collections: Readonly<Record<string, string>>,
    changes: readonly KeyedChange[],
    guard: '$lt' | '$lte',
  ): Promise<KeyedChange[]> {
    const newer: KeyedChange[] = []
    for (const spec of projection.tables) {
      const own = changes.filter(({ table }) => table === spec.name)
      for (let at = 0; at < own.length; at += BULK_OPERATIONS_MAX) {
        const some = own.slice(at, at + BULK_OPERATIONS_MAX)
        const operations = some.map((change) => upsertOf(spec, change, guard))
        const refused = await bulkWrite(collectionOf(collections, spec.name), operations)
        for (const index of refused) {
          const change = some[index]
          if (change !== undefined) newer.push(change)
        }
      }
    }
    return newer
  }

  return {
    kind: 'documents',
    async prepare() {
      await checkpointDocuments.createIndex({ generation: 1 })
    },
    async generations() {
      const [all, active] = await Promise.all([generationDocuments.find().sort({ number: 1 }).toArray(), pointers.find().toArray()])
      const numbers = new Map(active.map(({ _id, number }) => [_id, number]))
      return all.map(({ projection, version, number }) => {
        return { projection, version, number, status: statusBeside(number, numbers.get(projection)) }
      })
    },
    async begin(projection, number) {
      const { name, version, tables } = projection
      const _id = idOf({ projection: name, number })
      const isAgain = (await generationDocuments.findOne({ projection: name, version, number: { $ne: number } })) !== null
      const suffix = isAgain ? `_v${version}_${number}` : `_v${version}`
      const collections = Object.fromEntries(tables.map((table) => [table.name, `${table.name}${suffix}`]))
      await generationDocuments.insertOne({ _id, projection: name, version, number, collections }).catch((error: unknown) => {
        if (!isDuplicate(error)) throw error
      })
      const begun = await generationDocuments.findOne({ _id })
      if (begun === null) throw new Error(`Generation ${_id} was dropped while it was begun.`)
      // Another version of the projection, which came first with this number, has tables of its own.
      for (const { name, key } of begun.version === version ? tables : []) {
        const inOrder = Object.fromEntries(key.map((column) => [column, 1 as const]))
        await collectionOf(begun.collections, name).createIndex({ source: 1, ...inOrder })
      }
      return { projection: name, version: begun.version, number, status: await statusOf(begun) }
    },
    async checkpoints(generation) {
      const found = await checkpointDocuments.find({ generation: idOf(generation) }).toArray()
      return new Map(
        found.map(({ place, offset, head, headOffset, commandOffset }) => [
          place,
          { offset, head: head as Head, headOffset, commandOffset },
        ]),
      )
    },
    async write(projection, generation, { topic, partition, from, to, changes }) {
      const id = idOf(generation)
      const place = `${topic}/${partition}`
      const _id = `${id}/${place}`
      // Looked at first, so that who is late or writes to what was dropped leaves nothing behind; what counts is the move at the end.
      const checkpoint = await checkpointDocuments.findOne({ _id })
      if (checkpoint === null) known.delete(id) // It may be gone.
      const collections = await collectionsOf(generation)
      const start = checkpoint ?? ledgerStart(topic, partition)
      if (collections === undefined || start.offset !== from.offset || start.head !== from.head) return 'superseded'
      await writeRows(projection, collections, changes, '$lt')
      if (checkpoint === null) {
        const inserted = checkpointDocuments.insertOne({ _id, generation: id, place, ...to }).then(
          () => 'written' as const,
          (error: unknown) => {
            if (isDuplicate(error)) return 'superseded' as const
            throw error
          },
        )
        return await inserted
      }
      const moved = await checkpointDocuments.updateOne({ _id, offset: from.offset, head: from.head }, { $set: { ...to } })
      return moved.matchedCount === 1 ? 'written' : 'superseded'
    },
    async activate({ name }, generation) {
      const collections = await collectionsOf(generation)
      if (collections === undefined) throw new Error(`Generation ${idOf(generation)} is not there.`)
      const { number, version } = generation
      await pointers
        .updateOne({ _id: name, number: { $lt: number } }, { $set: { number, version, collections } }, { upsert: true })
        .catch((error: unknown) => {
          if (!isDuplicate(error)) throw error // It is active already, or a later one is.
        })
    },
    async amend(projection, generation, changes) {
      const collections = await collectionsOf(generation)
      return collections === undefined ? [] : await writeRows(projection, collections, changes, '$lte')
    },
    async drop(_projection, generation) {
      const id = idOf(generation)
      if ((await statusOf(generation)) === 'active') throw new Error(`Generation ${id} is active.`)
      const found = await generationDocuments.findOne({ _id: id })
      if (found === null) return
      await generationDocuments.deleteOne({ _id: id }) // First, so that nobody writes to what is being dropped.
      known.delete(id)
      for (const collection of Object.values(found.collections)) await db.collection(collection).drop()
      await checkpointDocuments.deleteMany({ generation: id })
    },
    async *rows(projection, generation, table, source) {
      const collections = await collectionsOf(generation)
      const spec = projection.tables.find(({ name }) => name === table)
      if (collections === undefined || spec === undefined) return
      const sort = Object.fromEntries(spec.key.map((column) => [column, 1 as const]))
      for await (const document of collectionOf(collections, table).find({ source }).sort(sort).allowDiskUse()) yield rowOf(spec, document)
    },
    async find(collection, { filter, sort, skip = 0, limit }) {
      const pointer = await pointers.findOne({ [`collections.${collection}`]: { $exists: true } })
      const name = pointer?.collections[collection]
      if (name === undefined) return undefined
      const cursor = db.collection<Document>(name).find(filter as Filter<Document>)
      if (sort !== undefined) cursor.sort(sort)
      return (await cursor.skip(skip).limit(limit).toArray()) as StoredDocument[]
    },
    close: () => client.close(),
  }
}

const idOf = ({ projection, number }: Pick<Generation, 'projection' | 'number'>): string => `${projection}/${number}`

function statusBeside(number: number, active: number | undefined): GenerationStatus {
  if (number === active) return 'active'
  return active !== undefined && number < active ? 'retired' : 'building'
}

/** A document that is not there is made; one that is newer is not found, so it would be made again, which fails by its id. */
function upsertOf(spec: TableSpec, { key, set, source, version }: KeyedChange, guard: '$lt' | '$lte'): AnyBulkWriteOperation<Document> {
  const fields: Record<string, Value | Date> = { source, version }
  for (const [at, column] of spec.key.entries()) fields[column] = key[at] ?? null
  for (const [field, value] of Object.entries(set)) fields[field] = toStored(spec, field, value)
  const filter = { _id: documentId(key), version: { [guard]: version } }
  return { updateOne: { filter, update: { $set: fields }, upsert: true } } as AnyBulkWriteOperation<Document>
}

/** Answers the places of those operations whose documents are newer. */
async function bulkWrite(collection: Collection<Document>, operations: AnyBulkWriteOperation<Document>[]): Promise<readonly number[]> {
  try {
    await collection.bulkWrite(operations, { ordered: false })
    return []
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw isRefusal(error) ? new ChangesRefusedError(messageOf(error), error) : error
    const errors = [error.writeErrors].flat()
    const refused = errors.find(({ code }) => REFUSED_CODES.has(code))
    if (refused !== undefined) throw new ChangesRefusedError(refused.errmsg ?? error.message, error)
    if (errors.length === 0 || errors.some(({ code }) => code !== DUPLICATE_KEY)) throw error
    return errors.map(({ index }) => index)
  }
}

const isDuplicate = (error: unknown): boolean => error instanceof MongoServerError && error.code === DUPLICATE_KEY
/** Also what the driver itself finds before it sends: a document that cannot be encoded. */
const isRefusal = (error: unknown): boolean =>
  (error instanceof MongoServerError && REFUSED_CODES.has(Number(error.code))) ||
  (error instanceof Error && ['BSONError', 'BSONRuntimeError', 'MongoInvalidArgumentError'].includes(error.name))
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function rowOf(spec: TableSpec, document: StoredDocument): Row {
  const fields = fieldsOf(document)
  const key = spec.key.map((column) => fields[column] as string | number)
  return { key, version: Number(document['version']), fields }
}
