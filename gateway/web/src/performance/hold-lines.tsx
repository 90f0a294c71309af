import type { Money } from '@cavea/contracts/answers'
import type { ReactNode } from 'react'
import type { Hold } from '../data/holds.ts'
import { priceText } from '../words/numbers.ts'
import { useWords } from '../words/words.tsx'

/** The places of a hold, each with its price, and what they cost together. */
export function HoldLines({ hold: { seats, areas, total } }: { readonly hold: Hold }): ReactNode {
  const { t, locale } = useWords()
  return (
    <>
      <ul className="lines">
        {seats.map(({ seatId, section, row, number, category, price: { amount, currency } }) => (
          <Line
            key={seatId}
            name={t('seat.name', { section, row, number })}
            category={category}
            price={priceText(amount, currency, locale)}
          />
        ))}
        {areas.map(({ sectionId, name, category, quantity, price: { amount, currency } }) => (
          <Line
            key={`${sectionId} ${amount}`}
            name={t('area.name', { name, count: quantity })}
            category={category}
            price={priceText(amount * quantity, currency, locale)}
          />
        ))}
      </ul>
      <Total {...total} />
    </>
  )
}

interface LineProps {
  readonly name: string
  readonly category: string
  readonly price: string
  /** What can be done with it. */
  readonly children?: ReactNode
}

/** An item of a list of class `lines`. */
export function Line({ name, category, price, children }: LineProps): ReactNode {
  return (
    <li>
      <span className="line-name">
        {name}
        <small>{category}</small>
      </span>
      <span className="line-price">{price}</span>
      {children}
    </li>
  )
}

export function Total({ amount, currency }: Money): ReactNode {
  const { t, locale } = useWords()
  return (
    <p className="total">
      <span>{t('basket.total')}</span>
      <strong>{priceText(amount, currency, locale)}</strong>
    </p>
  )
}
