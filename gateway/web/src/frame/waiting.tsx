import { type ReactNode, useEffect, useState } from 'react'
import { useWords } from '../words/words.tsx'

const DELAY_MS = 300

/** Says that something comes, though not for what comes at once anyway. */
export function Waiting(): ReactNode {
  const { t } = useWords()
  const [isShown, show] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => show(true), DELAY_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <p className="waiting" role="status">
      {isShown ? (
        <>
          <span className="spinner" aria-hidden="true" /> {t('waiting')}
        </>
      ) : null}
    </p>
  )
}
