import { type ReactNode, useSyncExternalStore } from 'react'
import { useWords } from '../words/words.tsx'

function subscribe(listener: () => void): () => void {
  addEventListener('online', listener)
  addEventListener('offline', listener)
  return () => {
    removeEventListener('online', listener)
    removeEventListener('offline', listener)
  }
}

export function OfflineBanner(): ReactNode {
  const { t } = useWords()
  const isOnline = useSyncExternalStore(subscribe, () => navigator.onLine)
  return (
    <div role="status" className="banner-place">
      {isOnline ? null : <p className="banner">{t('offline')}</p>}
    </div>
  )
}
