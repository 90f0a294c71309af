import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { useSearchParams } from 'wouter'
import { useOrganiseWords } from '../words.ts'
import { HoldAtBoxOffice } from './hold-at-box-office.tsx'

/** Sells or gives back what a buyer holds, by the id that the buyer names or the seat's history tells. */
export function BoxOfficePage({ performanceId }: { readonly performanceId: string }): ReactNode {
  const t = useOrganiseWords()
  const id = useId()
  const [params, setParams] = useSearchParams()
  const holdId = params.get('hold') ?? ''
  const [text, setText] = useState(holdId)
  const find = (event: FormEvent): void => {
    event.preventDefault()
    setParams(text.trim() === '' ? {} : { hold: text.trim() }, { replace: true })
  }
  return (
    <div className="box-office">
      <form className="panel" onSubmit={find}>
        <h2>{t('box.title')}</h2>
        <p className="quiet">{t('box.about')}</p>
        <div className="field">
          <label htmlFor={id}>{t('box.hold')}</label>
          <div className="share-row">
            <input
              id={id}
              value={text}
              required
              maxLength={100}
              autoComplete="off"
              spellCheck={false}
              placeholder="hold_…"
              onChange={({ target }) => setText(target.value)}
            />
            <button type="submit" className="primary">
              {t('box.find')}
            </button>
          </div>
        </div>
      </form>
      {holdId === '' ? null : <HoldAtBoxOffice key={holdId} holdId={holdId} performanceId={performanceId} />}
    </div>
  )
}
