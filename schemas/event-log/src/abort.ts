const listeners = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls `listener` once when the signal aborts, unless the returned function was called before. A signal that has aborted already
 * calls nothing. However many listen, the signal has one listener: Node warns of a leak at eleven, and a process reads more partitions.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  let all = listeners.get(signal)
  if (all === undefined) {
    const added = new Set<() => void>()
    signal.addEventListener(
      'abort',
      () => {
        for (const one of [...added]) one()
      },
      { once: true },
    )
    listeners.set(signal, added)
    all = added
  }
  // Wrapped, so that a function that listens twice is called twice.
  const own = () => listener()
  all.add(own)
  return () => void all.delete(own)
}
