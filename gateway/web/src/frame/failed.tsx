import type { ReactNode } from 'react'
import { ApiProblem, UnreachableError } from '../data/api.ts'
import { useWords } from '../words/words.tsx'

interface FailedProps {
  readonly error: unknown
  readonly onAgain: () => void
}

/** Something could not be loaded: what it was about, and a way to try again. */
export function Failed({ error, onAgain }: FailedProps): ReactNode {
  const { t } = useWords()
  const words =
    error instanceof UnreachableError
      ? t('failed.unreachable')
      : error instanceof ApiProblem && error.body.status === 429
        ? t('refusal.tooOften')
        : t('failed.detail')
  return (
    <section className="notice notice-bad" role="alert">
      <p>{words}</p>
      <button type="button" onClick={onAgain}>
        {t('again')}
      </button>
    </section>
  )
}
