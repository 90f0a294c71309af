import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { CliError, EXIT, sentenceOf } from '../failure.ts'

export const FORMATS = ['pretix', 'csv', 'cavea'] as const
export type Format = (typeof FORMATS)[number]

const MEDIA_TYPES: Readonly<Record<Format, string>> = {
  pretix: 'application/vnd.pretix.seating-plan+json',
  csv: 'text/csv',
  cavea: 'application/vnd.cavea.seat-map+json',
}
const SEAT_MAP_BYTES_MAX = 16 * 1024 * 1024

export interface SeatMapFile {
  readonly body: Buffer
  readonly mediaType: string
}

/** Reads the file. Where no format is given, its name tells CSV from JSON, and the gateway tells the JSON formats apart. */
export async function readSeatMapFile(path: string, format: Format | undefined): Promise<SeatMapFile> {
  let body: Buffer
  try {
    body = await readFile(path)
  } catch (error) {
    throw new CliError(EXIT.usage, `The file ${path} cannot be read. ${sentenceOf(error)}`, error)
  }
  if (body.length === 0) throw new CliError(EXIT.usage, `The file ${path} is empty.`)
  if (body.length > SEAT_MAP_BYTES_MAX)
    throw new CliError(EXIT.usage, `The file ${path} has ${body.length.toLocaleString('en')} bytes; a seat map may have 16 MiB.`)
  return { body, mediaType: format === undefined ? mediaTypeOf(path, body) : MEDIA_TYPES[format] }
}

function mediaTypeOf(path: string, body: Buffer): string {
  const extension = extname(path).toLowerCase()
  if (extension === '.csv' || extension === '.tsv') return MEDIA_TYPES.csv
  if (extension === '.json') return 'application/json'
  return /^\uFEFF?\s*[{[]/.test(body.toString('utf8', 0, 256)) ? 'application/json' : MEDIA_TYPES.csv
}

/** The same content for the same target is the same intent, so a repeated import goes on where the first one stopped. */
export function importKey(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return `cavea-import-${hash.digest('hex').slice(0, 40)}`
}
