import { type ReactNode, useCallback, useEffect, useRef } from 'react'
import { Link } from 'wouter'
import { ask } from '../../data/api.ts'
import { Failed } from '../../frame/failed.tsx'
import { useTitle } from '../../frame/title.ts'
import type { PerformanceSummary } from '../data/answers.ts'
import { useLoaded } from '../data/use-loaded.ts'
import { ShareLink } from '../frame/share-link.tsx'
import { useOrganiseWords } from '../words.ts'

const ASK_AGAIN_MS = 400

/** Waits until every section of the hall answered; then anybody may take seats. */
async function whenOnSale(performanceId: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const path = `/v1/performances/${encodeURIComponent(performanceId)}`
    const status = await ask<PerformanceSummary>('GET', path, { signal }).then(({ body }) => body.status, missing)
    if (status === 'scheduled') return
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
    signal.throwIfAborted()
  }
}

/** A performance that was just decided may not have reached the reader yet. */
function missing(error: unknown): undefined {
  if (error instanceof Error && 'body' in error && (error.body as { status?: number }).status === 404) return undefined
  throw error
}

export function Opened({ performance }: { readonly performance: PerformanceSummary }): ReactNode {
  const t = useOrganiseWords()
  const { performanceId, name, saleStartsAt } = performance
  const loading = useLoaded(useCallback((signal: AbortSignal) => whenOnSale(performanceId, signal), [performanceId]))
  const heading = useRef<HTMLHeadingElement>(null)
  const isReady = loading.state === 'ready'
  const title = isReady ? t(saleStartsAt === null ? 'opened.title' : 'opened.titleLater', { name }) : t('opened.opening', { name })
  useTitle(title)
  useEffect(() => heading.current?.focus(), [])
  return (
    <section className="opened" data-ready={isReady}>
      <h1 tabIndex={-1} ref={heading} aria-live="polite">
        {title}
      </h1>
      {loading.state === 'failed' ? <Failed error={loading.error} onAgain={loading.again} /> : null}
      {isReady ? (
        <>
          <p>{t('opened.about')}</p>
          <ShareLink performanceId={performanceId} />
          <div className="actions">
            <Link className="button primary" href={`/organise/performances/${encodeURIComponent(performanceId)}`}>
              {t('opened.watch')}
            </Link>
            <Link className="button" href={`/performances/${encodeURIComponent(performanceId)}`}>
              {t('opened.see')}
            </Link>
          </div>
        </>
      ) : (
        <p className="waiting">
          <span className="spinner" aria-hidden="true" /> {t('opened.wait')}
        </p>
      )}
    </section>
  )
}
