import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { useWords } from '../words/words.tsx'

export function Footer(): ReactNode {
  const { t } = useWords()
  return (
    <footer className="site-footer">
      <Link href="/organise">{t('footer.organisers')}</Link>
      <a href="/docs">{t('footer.api')}</a>
    </footer>
  )
}
