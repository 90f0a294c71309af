import type { Logger } from './logger.ts'

export interface Closer {
  /** Named in the log: `http server`. */
  readonly name: string
  readonly close: () => Promise<void> | void
}

const INTERRUPTED = 130
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * At the first signal runs the closers one after the other, then exits: with 0, or with 1 when one of them failed or all
 * together took longer than `deadlineMs`. A second signal exits at once with 130. Returns how to start the same without a
 * signal, for a service that finds out by itself that it cannot go on.
 */
export function closeOnSignal(options: {
  readonly closers: readonly Closer[]
  readonly deadlineMs: number
  readonly log: Logger
}): (reason: string, exitCode?: number) => void {
  let closing = false

  function begin(reason: string, exitCode = 0): void {
    if (closing) return
    closing = true
    options.log.info({ reason }, 'Shutting down.')
    const overdue = setTimeout(() => {
      options.log.error({ deadlineMs: options.deadlineMs }, 'Shutting down took too long.')
      process.exit(1)
    }, options.deadlineMs)
    void closeAll(options.closers, options.log).then((failed) => {
      clearTimeout(overdue)
      options.log.info({ reason }, 'Shut down.')
      process.exit(failed ? 1 : exitCode)
    })
  }

  for (const signal of SIGNALS)
    process.on(signal, () => {
      if (closing) process.exit(INTERRUPTED)
      begin(signal)
    })
  return begin
}

/** A closer that fails does not keep the others from closing. */
async function closeAll(closers: readonly Closer[], log: Logger): Promise<boolean> {
  let failed = false
  for (const { name, close } of closers) {
    try {
      await close()
    } catch (err) {
      failed = true
      log.error({ err, closer: name }, 'Closing failed.')
    }
  }
  return failed
}
