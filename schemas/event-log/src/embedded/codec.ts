import type { LogRecord } from '../port.ts'

/*
 * One entry per appended batch, so that a batch is there as a whole or not at all.
 * Key: topic id (2 bytes), partition (2), offset of the batch's last record (6), big-endian, so that byte order is offset order
 * and the first key at or after an offset is the batch that holds it.
 * Value: format (1), append time in ms (6), record count (4), then per record its length (4) and its bytes.
 */
const FORMAT = 1
const VALUE_HEADER_BYTES = 11
const KEY_BYTES = 10
const OFFSET_MAX = 2 ** 48 - 1

export function encodeKey(topicId: number, partition: number, lastOffset: number): Buffer {
  const key = Buffer.allocUnsafe(KEY_BYTES)
  key.writeUInt16BE(topicId, 0)
  key.writeUInt16BE(partition, 2)
  key.writeUIntBE(lastOffset, 4, 6)
  return key
}

/** A key after every batch of the partition. */
export function encodeKeyAfter(topicId: number, partition: number): Buffer {
  return encodeKey(topicId, partition, OFFSET_MAX)
}

export function lastOffsetOf(key: Uint8Array): number {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).readUIntBE(4, 6)
}

export function encodeBatch(values: readonly Uint8Array[], appendTimeMs: number): Buffer {
  let sizeBytes = VALUE_HEADER_BYTES
  for (const value of values) sizeBytes += 4 + value.length
  const entry = Buffer.allocUnsafe(sizeBytes)
  entry.writeUInt8(FORMAT, 0)
  entry.writeUIntBE(appendTimeMs, 1, 6)
  entry.writeUInt32BE(values.length, 7)
  let at = VALUE_HEADER_BYTES
  for (const value of values) {
    entry.writeUInt32BE(value.length, at)
    entry.set(value, at + 4)
    at += 4 + value.length
  }
  return entry
}

/** Adds the batch's records from `fromOffset` on to `records`, until there are `recordsMax`. The values are views of `entry`. */
export function decodeBatch(entry: Buffer, lastOffset: number, fromOffset: number, recordsMax: number, records: LogRecord[]): void {
  const format = entry.readUInt8(0)
  if (format !== FORMAT) throw new Error(`This version reads batches of format ${FORMAT}; the log holds one of format ${format}.`)
  const appendTimeMs = entry.readUIntBE(1, 6)
  const count = entry.readUInt32BE(7)
  let at = VALUE_HEADER_BYTES
  for (let offset = lastOffset - count + 1; offset <= lastOffset && records.length < recordsMax; offset++) {
    const length = entry.readUInt32BE(at)
    at += 4
    if (offset >= fromOffset) records.push({ offset, value: entry.subarray(at, at + length), appendTimeMs })
    at += length
  }
}
