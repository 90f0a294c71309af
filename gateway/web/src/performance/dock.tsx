import { type ReactNode, type RefObject, useEffect, useState } from 'react'
import { priceText } from '../words/numbers.ts'
import { useWords } from '../words/words.tsx'
import type { NamedSeat } from './seat-names.ts'

interface DockProps {
  readonly seats: readonly NamedSeat[]
  readonly currency: string
  readonly basket: RefObject<HTMLElement | null>
}

/** On a phone the basket is a long way below the plan: what is in it stays in sight, and is one step away. */
export function Dock({ seats, currency, basket }: DockProps): ReactNode {
  const { t, locale } = useWords()
  const isInSight = useInSight(basket)
  if (seats.length === 0 || isInSight) return null
  const total = seats.reduce((sum, { price }) => sum + (price ?? 0), 0)
  const show = (): void => {
    basket.current?.scrollIntoView({ block: 'center' })
    basket.current?.focus({ preventScroll: true })
  }
  return (
    <div className="dock">
      <button type="button" className="primary" onClick={show}>
        {t('dock.show', { count: seats.length, total: priceText(total, currency, locale) })}
      </button>
    </div>
  )
}

function useInSight(element: RefObject<HTMLElement | null>): boolean {
  const [isInSight, setInSight] = useState(false)
  useEffect(() => {
    if (element.current === null) return
    const observer = new IntersectionObserver(([entry]) => setInSight(entry?.isIntersecting === true))
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return isInSight
}
