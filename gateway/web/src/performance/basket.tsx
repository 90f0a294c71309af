import type { ReactNode, RefObject } from 'react'
import { priceText } from '../words/numbers.ts'
import { useWords } from '../words/words.tsx'
import { Line, Total } from './hold-lines.tsx'
import type { NamedSeat } from './seat-names.ts'
import type { Doing } from './use-commands.ts'

interface BasketProps {
  readonly box: RefObject<HTMLElement | null>
  readonly seats: readonly NamedSeat[]
  readonly currency: string
  readonly doing: Doing
  /** Why nothing can be held now, in words; undefined when it can. */
  readonly closed: string | undefined
  readonly onRemove: (seatId: string) => void
  readonly onClear: () => void
  readonly onHold: () => void
}

/** What is chosen and not held yet, with all that it costs. */
export function Basket({ box, seats, currency, doing, closed, onRemove, onClear, onHold }: BasketProps): ReactNode {
  const { t, locale } = useWords()
  const total = seats.reduce((sum, { price }) => sum + (price ?? 0), 0)
  const isBusy = doing.state === 'busy'
  return (
    <section className="basket" aria-labelledby="basket-title" tabIndex={-1} ref={box}>
      <h2 id="basket-title">{t('basket.title')}</h2>
      {seats.length === 0 ? <p className="quiet">{t('basket.empty')}</p> : null}
      {seats.length === 0 ? null : (
        <>
          <ul className="lines">
            {seats.map(({ seatId, section, row, number, category, price }) => {
              const name = t('seat.name', { section, row, number })
              return (
                <Line key={seatId} name={name} category={category} price={price === null ? '' : priceText(price, currency, locale)}>
                  <button type="button" className="remove" aria-label={t('basket.remove', { seat: name })} onClick={() => onRemove(seatId)}>
                    <span aria-hidden="true">×</span>
                  </button>
                </Line>
              )
            })}
          </ul>
          <Total amount={total} currency={currency} />
          <p className="quiet">{t('basket.allIn')}</p>
        </>
      )}
      {closed === undefined ? null : <p className="quiet">{closed}</p>}
      {seats.length === 0 ? null : (
        <div className="actions">
          <button type="button" className="primary" disabled={closed !== undefined} aria-disabled={isBusy} onClick={onHold}>
            {isBusy ? t('basket.holding') : t('basket.hold', { count: seats.length })}
          </button>
          <button type="button" className="plain" onClick={onClear}>
            {t('basket.clear')}
          </button>
        </div>
      )}
      <p role="status" className="quiet">
        {isBusy && doing.isSlow ? t('basket.slow') : ''}
      </p>
    </section>
  )
}
