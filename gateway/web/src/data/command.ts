import { type Answered, ApiProblem, type Asked, ask, retryAfterOf, UnreachableError } from './api.ts'
import { requireSession, startSession } from './session.ts'

export interface CommandOptions extends Asked {
  /** Of one intent: whoever repeats it gets the answer that was recorded first, whatever became of the first try. */
  readonly key: string
  /** Told when the decision takes longer than usual. */
  readonly onPending?: () => void
}

export const newIntent = (): string => crypto.randomUUID()

const TRIES_MAX = 8
/** Together with the tries longer than a server takes to start again. */
const WAIT_MAX_MS = 4_000
/** A refusal that asks for more patience is told to the person instead. */
const PATIENCE_MS = 5_000

/**
 * Sends a command until it is decided: again with the same key while it is undecided, the server cannot be reached or says
 * that trying again helps. Makes this browser a buyer when it is nobody yet. Throws `ApiProblem` and `UnreachableError`.
 */
export async function command<Body>(method: string, path: string, { key, onPending, ...asked }: CommandOptions): Promise<Answered<Body>> {
  const headers = { ...asked.headers, 'Idempotency-Key': key }
  let wasNobody = false
  for (let tries = 1; ; tries++) {
    try {
      await requireSession()
      const answer = await ask<Body>(method, path, { ...asked, headers })
      if (answer.status !== 202 || tries >= TRIES_MAX) return answer
      onPending?.()
      await wait(retryAfterOf(answer.headers), asked.signal)
    } catch (error) {
      if (error instanceof ApiProblem && error.body.status === 401 && !wasNobody) {
        wasNobody = true
        await startSession()
        continue
      }
      const waitMs = waitBefore(error, tries)
      if (waitMs === undefined || tries >= TRIES_MAX) throw error
      onPending?.()
      await wait(waitMs, asked.signal)
    }
  }
}

/** How long to wait before the same is tried again; undefined when that helps nothing. */
function waitBefore(error: unknown, tries: number): number | undefined {
  if (error instanceof UnreachableError) return Math.min(WAIT_MAX_MS, 250 * 2 ** tries)
  if (!(error instanceof ApiProblem) || !error.body.retryable || error.body.code === 'SALE_NOT_OPEN') return undefined
  return error.retryAfterMs <= PATIENCE_MS ? error.retryAfterMs : undefined
}

function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    })
  })
}
