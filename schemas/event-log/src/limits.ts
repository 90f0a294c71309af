/** The most that one `append` may carry, in bytes, counting `RECORD_OVERHEAD_BYTES` per record. */
export const APPEND_BYTES_MAX = 8 * 1024 * 1024

/** The most records that one `append` may carry. */
export const APPEND_RECORDS_MAX = 50_000

/** The most bytes of appends that may wait to be sent. Beyond it, appends are refused: whoever sends faster must slow down. */
export const WAITING_BYTES_MAX = 64 * 1024 * 1024

/** What a record costs beside its value, rounded up so that every adapter can frame what passes the check. */
export const RECORD_OVERHEAD_BYTES = 32

/** Says why a batch cannot be appended, or `undefined` when it can. */
export function batchFault(values: readonly Uint8Array[]): string | undefined {
  if (values.length === 0) return 'A batch needs at least one record.'
  if (values.length > APPEND_RECORDS_MAX) return `A batch holds at most ${APPEND_RECORDS_MAX} records; this one has ${values.length}.`
  let sizeBytes = 0
  for (const value of values) sizeBytes += value.length + RECORD_OVERHEAD_BYTES
  if (sizeBytes > APPEND_BYTES_MAX) return `A batch holds at most ${APPEND_BYTES_MAX} bytes; this one has ${sizeBytes}.`
  return undefined
}
