import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { useWords } from '../words/words.tsx'
import { useTitle } from './title.ts'

export function NotFoundPage(): ReactNode {
  const { t } = useWords()
  useTitle(t('missing.title'))
  return (
    <section className="empty">
      <h1>{t('missing.title')}</h1>
      <p>{t('missing.detail')}</p>
      <p>
        <Link href="/" className="button">
          {t('missing.back')}
        </Link>
      </p>
    </section>
  )
}
