import { Component, type ReactNode } from 'react'
import { useWords } from '../words/words.tsx'

interface Props {
  readonly fallback: ReactNode
  readonly children: ReactNode
}

/** A fault in a page leaves the frame around it in order. */
export class ErrorBoundary extends Component<Props, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false }

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true }
  }

  override render(): ReactNode {
    return this.state.hasFailed ? this.props.fallback : this.props.children
  }
}

export function Crashed(): ReactNode {
  const { t } = useWords()
  return (
    <section className="notice notice-bad" role="alert">
      <h1>{t('fault.title')}</h1>
      <p>{t('fault.detail')}</p>
      <button type="button" onClick={() => location.reload()}>
        {t('fault.reload')}
      </button>
    </section>
  )
}
