export interface Elapsed {
  readonly ms: number
  /** Of this process with all its threads, the collector's and the compiler's too. On a machine that others use it is the surer figure. */
  readonly cpuMs: number
}

/** Starts now; each call answers what has passed since. */
export function stopwatch(): () => Elapsed {
  const startedMs = performance.now()
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return { ms: performance.now() - startedMs, cpuMs: (user + system) / 1_000 }
  }
}
