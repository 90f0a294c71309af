import { type ReactNode, useMemo } from 'react'
import { priceText } from '../../words/numbers.ts'
import { useWords } from '../../words/words.tsx'
import type { SeatMap } from '../data/answers.ts'
import { Swatch } from '../frame/swatch.tsx'
import { useOrganiseWords } from '../words.ts'
import { Field } from './field.tsx'
import { parseAmount } from './money-text.ts'
import { placesByCategory } from './priced-hall.ts'
import type { SaleField } from './sale-form.ts'

interface PriceFieldsProps {
  readonly map: SeatMap
  readonly currency: string
  readonly prices: Readonly<Record<string, string>>
  readonly faultOf: (field: SaleField) => string | undefined
  readonly onChange: (prices: Readonly<Record<string, string>>) => void
}

/** A price for each category, in its colour, and how it was understood. */
export function PriceFields({ map, currency, prices, faultOf, onChange }: PriceFieldsProps): ReactNode {
  const t = useOrganiseWords()
  const { locale } = useWords()
  const places = useMemo(() => placesByCategory(map), [map])
  return (
    <ul className="price-fields">
      {map.categories.map(({ name, color }, at) => {
        const text = prices[name] ?? ''
        const amount = parseAmount(text, currency)
        return (
          <li key={name}>
            <Swatch color={color ?? null} at={at} />
            <Field
              label={t('sale.priceOf', { category: name, count: places.get(name) ?? 0 })}
              hint={amount === undefined ? '' : priceText(amount, currency, locale)}
              fault={faultOf(`price-${at}`)}
            >
              {(control) => (
                <input
                  {...control}
                  inputMode="decimal"
                  autoComplete="off"
                  required
                  maxLength={20}
                  value={text}
                  onChange={({ target }) => onChange({ ...prices, [name]: target.value })}
                />
              )}
            </Field>
          </li>
        )
      })}
    </ul>
  )
}
