import { useCallback, useRef, useState } from 'react'
import { ApiProblem } from '../data/api.ts'
import { command, newIntent } from '../data/command.ts'
import type { Hold } from '../data/holds.ts'
import { holdStore } from '../data/own-holds.ts'

/** What may be asked of a performance's seats, as the API takes it. */
export type HoldWish =
  | { readonly seats: readonly string[] }
  | {
      readonly bestAvailable: {
        readonly quantity: number
        readonly category?: string
        readonly section?: string
        readonly accessible?: boolean
      }
    }
  | { readonly area: string; readonly quantity: number }

export type Doing =
  | { readonly state: 'idle' }
  /** `isSlow`: it takes longer than usual, and goes on being tried. */
  | { readonly state: 'busy'; readonly isSlow: boolean }
  | { readonly state: 'refused'; readonly error: unknown; readonly wish: HoldWish | undefined }

interface Intent {
  readonly intent: string
  readonly method: string
  readonly path: string
  readonly wish: HoldWish | undefined
}

interface Decided<Body> {
  readonly body: Body
  readonly version?: string
}

export interface Commands {
  readonly doing: Doing
  /** Undefined when it was refused; then `doing` says why. */
  hold(performanceId: string, wish: HoldWish): Promise<Hold | undefined>
  extend(hold: Hold): Promise<Hold | undefined>
  release(hold: Hold): Promise<Hold | undefined>
  /** For organisers. */
  sell(hold: Hold): Promise<Hold | undefined>
  dismiss(): void
}

/** One at a time, in the order in which they were asked for. Who asks for the same again meanwhile asks for nothing new. */
export function useCommands(): Commands {
  const [doing, setDoing] = useState<Doing>({ state: 'idle' })
  const keys = useRef(new Map<string, string>())
  const waiting = useRef(new Set<string>())
  const last = useRef<Promise<unknown>>(Promise.resolve())

  /** Undefined when it was refused. */
  const send = useCallback(async <Body>({ intent, method, path, wish }: Intent): Promise<Decided<Body> | undefined> => {
    // Whoever tries again after nobody knows what became of it means the same intent, and gets its answer.
    const key = keys.current.get(intent) ?? newIntent()
    keys.current.set(intent, key)
    setDoing({ state: 'busy', isSlow: false })
    try {
      const { body, headers } = await command<Body>(method, path, {
        key,
        onPending: () => setDoing({ state: 'busy', isSlow: true }),
        ...(wish && { body: wish }),
      })
      keys.current.delete(intent)
      setDoing({ state: 'idle' })
      const version = headers.get('Cavea-Version')
      return { body, ...(version !== null && { version }) }
    } catch (error) {
      if (error instanceof ApiProblem) keys.current.delete(intent) // It was decided, or never will be under this key.
      setDoing({ state: 'refused', error, wish })
      return undefined
    }
  }, [])

  const run = useCallback(
    async <Body>(method: string, path: string, wish?: HoldWish): Promise<Decided<Body> | undefined> => {
      const intent = `${method} ${path} ${JSON.stringify(wish ?? null)}`
      if (waiting.current.has(intent)) return undefined
      waiting.current.add(intent)
      const sent = last.current.then(() => send<Body>({ intent, method, path, wish }))
      last.current = sent
      try {
        return await sent
      } finally {
        waiting.current.delete(intent)
      }
    },
    [send],
  )

  const change = useCallback(
    async (hold: Hold, method: string, verb: '' | '/extend' | '/sell'): Promise<Hold | undefined> => {
      const answer = await run<Partial<Hold>>(method, `/v1/holds/${encodeURIComponent(hold.holdId)}${verb}`)
      if (answer === undefined) return undefined
      const changed = { ...hold, ...answer.body }
      holdStore.put(changed, answer.version)
      return changed
    },
    [run],
  )

  return {
    doing,
    async hold(performanceId, wish) {
      const answer = await run<Hold>('POST', `/v1/performances/${encodeURIComponent(performanceId)}/holds`, wish)
      if (answer === undefined) return undefined
      holdStore.put(answer.body, answer.version)
      return answer.body
    },
    extend: (hold) => change(hold, 'POST', '/extend'),
    release: (hold) => change(hold, 'DELETE', ''),
    sell: (hold) => change(hold, 'POST', '/sell'),
    dismiss: useCallback(() => setDoing({ state: 'idle' }), []),
  }
}
