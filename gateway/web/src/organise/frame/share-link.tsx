import { type ReactNode, useId, useRef } from 'react'
import { useAnnounce } from '../../frame/announcer.tsx'
import { useOrganiseWords } from '../words.ts'

/** The address for buyers, to be copied. Where the browser gives no clipboard it is selected instead. */
export function ShareLink({ performanceId }: { readonly performanceId: string }): ReactNode {
  const t = useOrganiseWords()
  const announce = useAnnounce()
  const id = useId()
  const field = useRef<HTMLInputElement>(null)
  const address = `${location.origin}/performances/${encodeURIComponent(performanceId)}`
  const select = (): void => field.current?.select()

  async function copy(): Promise<void> {
    select()
    try {
      await navigator.clipboard.writeText(address)
      announce(t('share.copied'))
    } catch {
      field.current?.focus()
      announce(t('share.selected'))
    }
  }

  return (
    <div className="share">
      <label htmlFor={id}>{t('share.label')}</label>
      <div className="share-row">
        <input id={id} ref={field} readOnly value={address} onFocus={select} />
        <button type="button" onClick={() => void copy()}>
          {t('share.copy')}
        </button>
      </div>
    </div>
  )
}
