import { SeatPicker } from '@cavea/seat-picker'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { useWords } from '../../words/words.tsx'
import type { PlanFault } from '../data/answers.ts'
import { stillHall } from '../data/still-hall.ts'
import { hasWords, useOrganiseWords } from '../words.ts'
import { drawPlan } from './drawn-plan.ts'
import type { PlanFile } from './plan-file.ts'

interface FaultyPlanProps {
  readonly file: PlanFile
  readonly faults: readonly PlanFault[]
}

const NOBODY: ReadonlySet<string> = new Set()
/** Kinds of faults that have words of their own; others are told in the server's alone. */
const KINDS = [
  ...(['MALFORMED_JSON', 'MALFORMED_CSV', 'UNKNOWN_FORMAT', 'NOT_A_PLAN', 'NO_HEADER', 'MISSING_COLUMN', 'DUPLICATE_COLUMN'] as const),
  ...(['NO_SEATS', 'EMPTY_SECTION', 'EMPTY_ROW', 'MISSING', 'BLANK', 'TOO_LONG', 'UNKNOWN_FIELD', 'MORE_FAULTS'] as const),
  ...(['DUPLICATE_SEAT_ID', 'DUPLICATE_SEAT_LABEL', 'DUPLICATE_CATEGORY', 'DUPLICATE_SECTION_ID', 'UNKNOWN_CATEGORY'] as const),
  ...(['UNKNOWN_SEAT_TYPE', 'POSITION_MISSING', 'POSITION_NOT_A_NUMBER', 'NOT_A_CAPACITY', 'NOT_A_COLOR'] as const),
] as const

/** What is wrong with a plan, in words and, where it has a place, on the drawing. */
export function FaultyPlan({ file, faults }: FaultyPlanProps): ReactNode {
  const t = useOrganiseWords()
  const { locale } = useWords()
  const heading = useRef<HTMLHeadingElement>(null)
  const list = useRef<HTMLOListElement>(null)
  const drawn = useMemo(() => drawPlan(file), [file])
  const places = useMemo(() => faults.map(({ pointer }) => drawn?.seatsAt(pointer) ?? []), [drawn, faults])
  const [shown, setShown] = useState(-1)
  const ringed = useMemo(() => new Set(shown === -1 ? places.flat() : places[shown]), [places, shown])
  const state = useMemo(() => drawn && stillHall(drawn.hall), [drawn])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another answer is read from its beginning.
  useEffect(() => {
    heading.current?.focus()
    setShown(-1)
  }, [faults])

  return (
    <section className="faulty">
      <h3 tabIndex={-1} ref={heading}>
        {t('plan.faulty', { count: faults.length })}
      </h3>
      <p>{t('plan.faultyAbout')}</p>
      <ol className="faults" ref={list}>
        {faults.map((fault, at) => (
          <li key={`${fault.pointer} ${fault.code}`} data-code={fault.code} aria-current={at === shown ? 'true' : undefined}>
            <FaultWords fault={fault} />
            {(places[at] ?? []).length === 0 ? null : (
              <button type="button" className="plain" aria-pressed={at === shown} onClick={() => setShown(at === shown ? -1 : at)}>
                {t('plan.showFault')}
              </button>
            )}
          </li>
        ))}
      </ol>
      {drawn === undefined || state === undefined || places.every((seats) => seats.length === 0) ? null : (
        <figure className="preview">
          <figcaption>{t('plan.ringed')}</figcaption>
          <SeatPicker
            hall={drawn.hall}
            state={state}
            mine={NOBODY}
            selected={ringed}
            onSelect={() => undefined}
            quantityMax={1}
            locale={locale}
            mode="inspect"
            onInspect={(seatId) => {
              const at = places.findIndex((seats) => seats.includes(seatId))
              if (at === -1) return
              setShown(at)
              list.current?.children[at]?.scrollIntoView({ block: 'nearest' })
            }}
          />
        </figure>
      )}
    </section>
  )
}

/** What kind of fault it is in the reader's language; the particulars as the server says them. */
function FaultWords({ fault }: { readonly fault: PlanFault }): ReactNode {
  const t = useOrganiseWords()
  return (
    <div>
      {hasWords(KINDS, fault.code) ? <p className="fault-kind">{t(`planFault.${fault.code}`)}</p> : null}
      <p lang="en">{fault.detail}</p>
      <p className="quiet">
        <code>{fault.pointer === '' ? '/' : fault.pointer}</code>
      </p>
    </div>
  )
}
