import { closeSync, openSync, writeSync } from 'node:fs'
import type { AvroSchema } from '@cavea/contracts/avro'
import type { PublicEvent, PublicOrigin } from '@cavea/contracts/public/events'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { type ParquetColumn, parquetSchemaOf } from './parquet-schema.ts'

type Row = Readonly<Record<string, unknown>>
type Exported = PublicEvent & PublicOrigin

/** So many rows, or so many seats and the like in them, are held in memory and then become a row group. */
const ROW_GROUP_WEIGHT = 20_000
const CHUNK_BYTES = 1_000_000

/** The events of one type as a Parquet file. Memory holds one row group, and a few hundred bytes for each that is written. */
export class ParquetFile {
  rows = 0
  readonly #columns: readonly ParquetColumn[]
  readonly #file: number
  #isOpen = true
  readonly #writer: ParquetWriter
  #pending: Row[] = []
  #weight = 0

  /** The file must not exist. */
  constructor(path: string, schema: AvroSchema, metadata: Readonly<Record<string, string>>) {
    const { elements, columns } = parquetSchemaOf(schema)
    this.#columns = columns
    this.#file = openSync(path, 'wx')
    const kvMetadata = Object.entries(metadata).map(([key, value]) => ({ key, value }))
    this.#writer = new ParquetWriter({ writer: fileWriter(this.#file), schema: [...elements], kvMetadata, createdBy: 'cavea' })
  }

  add(event: Exported): void {
    const row = event as unknown as Row
    this.#pending.push(row)
    this.#weight += weightOf(row)
    this.rows++
    if (this.#weight >= ROW_GROUP_WEIGHT) this.#flush()
  }

  finish(): void {
    this.#flush()
    void this.#writer.finish() // It writes to a file that answers at once, so there is nothing to wait for.
    this.close()
  }

  /** As it is, whole or not. Idempotent. */
  close(): void {
    if (this.#isOpen) closeSync(this.#file)
    this.#isOpen = false
  }

  #flush(): void {
    const rows = this.#pending
    if (rows.length === 0) return
    this.#pending = []
    this.#weight = 0
    const columnData = this.#columns.map(({ name, convert }) => ({ name, data: rows.map((row) => convert(row[name])) }))
    void this.#writer.write({ columnData, rowGroupSize: rows.length })
  }
}

function weightOf(row: Row): number {
  let weight = 1
  for (const value of Object.values(row)) if (Array.isArray(value)) weight += value.length
  return weight
}

/** Like the library's own, but on a file that is opened once: that one opens it anew for each megabyte. */
function fileWriter(file: number): ByteWriter {
  const writer = new ByteWriter()
  function flush(): void {
    const bytes = new Uint8Array(writer.buffer, 0, writer.index)
    for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from)
    writer.index = 0
  }
  const grow = writer.ensure.bind(writer)
  writer.ensure = (size) => {
    if (writer.index > CHUNK_BYTES) flush()
    grow(size)
  }
  writer.finish = flush
  return writer
}
