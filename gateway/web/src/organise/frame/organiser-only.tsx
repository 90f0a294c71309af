import { type ReactNode, useCallback } from 'react'
import { loadSession, useSession } from '../../data/session.ts'
import { Failed } from '../../frame/failed.tsx'
import { Waiting } from '../../frame/waiting.tsx'
import { useLoaded } from '../data/use-loaded.ts'
import { SignIn } from './sign-in.tsx'

/** Asks who is there before anything is shown. The server asks again with every request. */
export function OrganiserOnly({ children }: { readonly children: ReactNode }): ReactNode {
  const session = useSession()
  const asked = useLoaded(useCallback(() => loadSession(), []))
  if (session?.kind === 'organiser') return children
  if (session === undefined && asked.state === 'failed') return <Failed error={asked.error} onAgain={asked.again} />
  return session === undefined ? <Waiting /> : <SignIn />
}
