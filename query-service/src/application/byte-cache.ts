/** Encoded answers by key and version: a newer version replaces the older one; the longest unused go when it is full. */
export interface ByteCache {
  /** The bytes of this version, made by `encode` unless they are there. */
  get(key: string, version: number, encode: () => Buffer): Buffer
}

interface Entry {
  readonly version: number
  readonly bytes: Buffer
}

export function createByteCache(bytesMax: number): ByteCache {
  const entries = new Map<string, Entry>() // Iterates in order of insertion: the first is the longest unused.
  let sizeBytes = 0

  function remove(key: string): void {
    sizeBytes -= entries.get(key)?.bytes.length ?? 0
    entries.delete(key)
  }

  return {
    get(key, version, encode) {
      const known = entries.get(key)
      const entry = known?.version === version ? known : { version, bytes: encode() }
      remove(key)
      entries.set(key, entry)
      sizeBytes += entry.bytes.length
      for (const oldest of entries.keys()) {
        if (sizeBytes <= bytesMax) break
        remove(oldest)
      }
      return entry.bytes
    },
  }
}
