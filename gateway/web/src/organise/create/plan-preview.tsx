import { SeatPicker } from '@cavea/seat-picker'
import { type ReactNode, useDeferredValue, useMemo } from 'react'
import { useWords } from '../../words/words.tsx'
import type { SeatMap } from '../data/answers.ts'
import { stillHall } from '../data/still-hall.ts'
import { useOrganiseWords } from '../words.ts'
import { parseAmount } from './money-text.ts'
import { pricedHall } from './priced-hall.ts'

interface PlanPreviewProps {
  readonly map: SeatMap
  readonly prices: Readonly<Record<string, string>>
  readonly currency: string
}

const NOBODY: ReadonlySet<string> = new Set()

/** The hall as buyers will see it, with the prices as far as they are filled in. */
export function PlanPreview({ map, prices, currency }: PlanPreviewProps): ReactNode {
  const t = useOrganiseWords()
  const { locale } = useWords()
  const calm = useDeferredValue(prices)
  const hall = useMemo(() => {
    const amounts = map.categories.map(({ name }) => [name, parseAmount(calm[name] ?? '', currency) ?? null] as const)
    return pricedHall(map, new Map(amounts), currency)
  }, [map, calm, currency])
  const state = useMemo(() => stillHall(hall), [hall])
  return (
    <details className="preview wide">
      <summary>{t('plan.preview')}</summary>
      <SeatPicker
        hall={hall}
        state={state}
        mine={NOBODY}
        selected={NOBODY}
        onSelect={() => undefined}
        quantityMax={1}
        locale={locale}
        mode="inspect"
        onInspect={() => undefined}
      />
    </details>
  )
}
