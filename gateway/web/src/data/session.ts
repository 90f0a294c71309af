import { useSyncExternalStore } from 'react'
import { ApiProblem, ask } from './api.ts'

export interface Session {
  readonly kind: 'buyer' | 'organiser'
  readonly id: string
  readonly organisation?: string
}

const PATH = '/v1/session'
/** Says that it is worth asking: the cookie itself cannot be seen from here. */
const HINT = 'cavea.session'

let current: Session | null | undefined
let asked: Promise<Session | null> | undefined
const listeners = new Set<() => void>()

function become(session: Session | null): Session | null {
  current = session
  if (session === null) localStorage.removeItem(HINT)
  else localStorage.setItem(HINT, session.kind)
  for (const listener of listeners) listener()
  return session
}

/** Whose session this browser has; null: nobody's. Asks the server once. */
export function loadSession(): Promise<Session | null> {
  if (localStorage.getItem(HINT) === null) asked ??= Promise.resolve(become(null))
  asked ??= ask<Session>('GET', PATH).then(
    ({ body }) => become(body),
    (error: unknown) => {
      asked = undefined
      if (error instanceof ApiProblem && error.body.status === 401) return become(null)
      throw error
    },
  )
  return asked
}

/** Signs in with a token, or without one becomes an anonymous buyer where this browser is nobody yet. Throws as `ask` does. */
export async function startSession(token?: string): Promise<Session> {
  const { body } = await ask<Session>('POST', PATH, token === undefined ? {} : { body: { token } })
  become(body)
  asked = Promise.resolve(body)
  return body
}

/** Makes this browser a buyer where it is known to be nobody yet. Throws as `ask` does. */
export async function requireSession(): Promise<void> {
  if ((await loadSession()) === null) await startSession()
}

export async function endSession(): Promise<void> {
  await ask('DELETE', PATH)
  become(null)
  asked = undefined
}

/** Undefined until it is known. */
export function useSession(): Session | null | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}

// Another tab of this browser signed in or out: the cookie is this tab's too.
if (typeof addEventListener === 'function')
  addEventListener('storage', ({ key }) => {
    if (key !== HINT) return
    asked = undefined
    loadSession().catch(() => undefined)
  })

/** Told when somebody else has taken over this browser, and what was asked before is to be asked again. */
export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}
