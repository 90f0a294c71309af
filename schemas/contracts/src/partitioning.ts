/**
 * From a key to its partition, by way of a fixed number of buckets: ids carry the bucket, which outlives any count of
 * partitions. The test vectors beside this file pin the function; another client must reproduce them.
 */
export const BUCKETS = 1024

/** FNV-1a, 32 bits, over the UTF-8 bytes of the key, folded to 10 bits by xor. */
export function bucketOf(key: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(key, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193)
  return ((hash >>> 10) ^ (hash >>> 20) ^ hash) & (BUCKETS - 1)
}

/** Neighbouring buckets share a partition, so every count of partitions up to 1,024 splits them evenly. */
export function partitionOf(bucket: number, partitions: number): number {
  return Math.floor((bucket * partitions) / BUCKETS)
}

export const sectionKey = (performanceId: string, sectionId: string): string => `${performanceId}/${sectionId}`
