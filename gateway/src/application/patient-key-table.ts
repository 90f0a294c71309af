import type { Logger } from '@cavea/service-kit/logger'
import type { Claim, KeyTable } from '../ports/key-table.ts'

const PATIENCE_MS = 50
/** While a table is down every request meets it: one line a second says as much as thousands. */
const WARN_INTERVAL_MS = 1_000

/** Takes a table that fails or is slow for one that does not know the key: the decider still knows its own. */
export function patientKeyTable(table: KeyTable, logger: Logger): KeyTable {
  let warnedMs = Number.NEGATIVE_INFINITY
  let unknown = 0

  function warn(err: unknown): void {
    unknown++
    if (performance.now() - warnedMs < WARN_INTERVAL_MS) return
    logger.warn({ err, unknown }, 'Idempotency keys could not be looked up.')
    warnedMs = performance.now()
    unknown = 0
  }

  return {
    close: () => table.close(),
    claim: (commandId, bodyHash, ttlMs) =>
      new Promise<Claim>((resolve) => {
        const giveUp = (err: unknown): void => {
          clearTimeout(timer)
          warn(err)
          resolve('new')
        }
        const timer = setTimeout(() => giveUp(new Error(`No answer within ${PATIENCE_MS} ms.`)), PATIENCE_MS)
        table.claim(commandId, bodyHash, ttlMs).then((claim) => {
          clearTimeout(timer)
          resolve(claim)
        }, giveUp)
      }),
  }
}
