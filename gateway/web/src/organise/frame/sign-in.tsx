import { type FormEvent, type ReactNode, useId, useRef, useState } from 'react'
import { ApiProblem } from '../../data/api.ts'
import { endSession, startSession } from '../../data/session.ts'
import { useTitle } from '../../frame/title.ts'
import { useOrganiseWords } from '../words.ts'
import { Refused } from './refused.tsx'

/** Takes the organiser's token once and changes it for a session, which no script can read. */
export function SignIn(): ReactNode {
  const t = useOrganiseWords()
  const id = useId()
  const field = useRef<HTMLInputElement>(null)
  const [token, setToken] = useState('')
  const [state, setState] = useState<'idle' | 'busy' | 'wrong' | 'not organiser' | { readonly error: unknown }>('idle')
  useTitle(t('signIn.title'))

  async function signIn(event: FormEvent): Promise<void> {
    event.preventDefault()
    if (state === 'busy' || token.trim() === '') return
    setState('busy')
    try {
      const session = await startSession(token.trim())
      if (session.kind === 'organiser') return
      await endSession()
      setState('not organiser')
    } catch (error) {
      const isWrong = error instanceof ApiProblem && [400, 401].includes(error.body.status)
      setState(isWrong ? 'wrong' : { error })
    }
    field.current?.focus()
  }

  const fault = state === 'wrong' ? t('signIn.wrong') : state === 'not organiser' ? t('signIn.notOrganiser') : ''
  return (
    <section className="sign-in">
      <h1>{t('signIn.title')}</h1>
      <p>{t('signIn.about')}</p>
      <form onSubmit={(event) => void signIn(event)}>
        <div className="field">
          <label htmlFor={id}>{t('signIn.token')}</label>
          <input
            id={id}
            ref={field}
            type="password"
            autoComplete="current-password"
            spellCheck={false}
            required
            maxLength={1_000}
            value={token}
            aria-invalid={fault !== ''}
            aria-describedby={`${id}-hint ${id}-fault`}
            onChange={({ target }) => setToken(target.value)}
          />
          <p id={`${id}-fault`} className="fault" role="alert">
            {fault}
          </p>
          <p id={`${id}-hint`} className="quiet">
            {t('signIn.hint')}
          </p>
        </div>
        {typeof state === 'object' ? <Refused error={state.error} onDismiss={() => setState('idle')} /> : null}
        <button type="submit" className="primary" aria-disabled={state === 'busy'}>
          {t('signIn.go')}
        </button>
      </form>
    </section>
  )
}
