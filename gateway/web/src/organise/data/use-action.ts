import { useCallback, useMemo, useRef, useState } from 'react'
import { type Answered, ApiProblem } from '../../data/api.ts'
import { command, newIntent } from '../../data/command.ts'

type Doing =
  | { readonly state: 'idle' }
  /** `isSlow`: it takes longer than usual, and goes on being tried. */
  | { readonly state: 'busy'; readonly isSlow: boolean }
  | { readonly state: 'refused'; readonly error: unknown }

interface Action {
  readonly doing: Doing
  /** Undefined when it was refused, and then `doing` says why; or when another is on its way. */
  run<Body>(method: string, path: string, body?: object | Blob): Promise<Answered<Body> | undefined>
  dismiss(): void
}

/** Sends commands one at a time. Whoever asks for the same again after an unknown end asks with the same key. */
export function useAction(): Action {
  const [doing, setDoing] = useState<Doing>({ state: 'idle' })
  const keys = useRef(new Map<string, string>())
  const isBusy = useRef(false)

  const run = useCallback(async <Body>(method: string, path: string, body?: object | Blob): Promise<Answered<Body> | undefined> => {
    if (isBusy.current) return undefined
    isBusy.current = true
    const intent = `${method} ${path} ${body instanceof Blob ? 'file' : JSON.stringify(body ?? null)}`
    const key = (body instanceof Blob ? undefined : keys.current.get(intent)) ?? newIntent()
    keys.current.set(intent, key)
    setDoing({ state: 'busy', isSlow: false })
    try {
      const onPending = (): void => setDoing({ state: 'busy', isSlow: true })
      const answer = await command<Body>(method, path, { key, onPending, ...(body && { body }) })
      keys.current.delete(intent)
      setDoing({ state: 'idle' })
      return answer
    } catch (error) {
      if (error instanceof ApiProblem) keys.current.delete(intent) // It was decided, or never will be under this key.
      setDoing({ state: 'refused', error })
      return undefined
    } finally {
      isBusy.current = false
    }
  }, [])
  const dismiss = useCallback(() => setDoing({ state: 'idle' }), [])
  return useMemo(() => ({ doing, run, dismiss }), [doing, run, dismiss])
}
