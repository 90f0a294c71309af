import { type ReactNode, useEffect, useRef } from 'react'
import { ApiProblem, type ProblemBody, type SeatConflict } from '../data/api.ts'
import { timeText } from '../words/numbers.ts'
import { useWords } from '../words/words.tsx'
import type { NamedSeat } from './seat-names.ts'

interface RefusalProps {
  readonly error: unknown
  /** What seats are called, where the hall is known. */
  readonly nameOf?: (seatId: string) => NamedSeat | undefined
  /** Seats to be had instead. */
  readonly alternative?: readonly string[] | undefined
  readonly onChoose?: (seatIds: readonly string[]) => void
  readonly onAgain?: () => void
  readonly onDismiss: () => void
}

/** Why something was refused, in words, and what can be done about it. */
export function Refusal({ error, nameOf, alternative, onChoose, onAgain, onDismiss }: RefusalProps): ReactNode {
  const { t } = useWords()
  const box = useRef<HTMLElement>(null)
  const body = error instanceof ApiProblem ? error.body : undefined
  const isLost = body === undefined || body.retryable
  useEffect(() => box.current?.focus(), [])
  const say = useSeatName(nameOf)
  return (
    <section className="notice notice-bad refusal" role="alert" tabIndex={-1} ref={box} data-code={body?.code ?? 'UNREACHABLE'}>
      <p>{useReason(body, say)}</p>
      {body?.conflicts === undefined ? null : (
        <ul>
          {body.conflicts.map((conflict) => (
            <li key={conflict.seatId}>
              <ConflictWords conflict={conflict} name={say(conflict.seatId)} />
            </li>
          ))}
        </ul>
      )}
      {alternative === undefined || alternative.length === 0 || onChoose === undefined ? null : (
        <>
          <p>{t('refusal.instead', { count: alternative.length })}</p>
          <ul>
            {alternative.map((seatId) => (
              <li key={seatId}>{say(seatId)}</li>
            ))}
          </ul>
        </>
      )}
      <div className="actions">
        {alternative === undefined || alternative.length === 0 || onChoose === undefined ? null : (
          <button type="button" className="primary" onClick={() => onChoose(alternative)}>
            {t('refusal.choose', { count: alternative.length })}
          </button>
        )}
        {isLost && onAgain !== undefined ? (
          <button type="button" className="primary" onClick={onAgain}>
            {t('again')}
          </button>
        ) : null}
        <button type="button" className="plain" onClick={onDismiss}>
          {t('dismiss')}
        </button>
      </div>
    </section>
  )
}

function useSeatName(nameOf: RefusalProps['nameOf']): (seatId: string) => string {
  const { t } = useWords()
  return (seatId) => {
    const seat = nameOf?.(seatId)
    return seat === undefined ? seatId : t('seat.name', { section: seat.section, row: seat.row, number: seat.number })
  }
}

function useReason(body: ProblemBody | undefined, say: (seatId: string) => string): string {
  const { t, locale } = useWords()
  if (body === undefined) return t('failed.unreachable')
  const { code, conflicts, orphans, missing, limit, have, asked, opensAt } = body
  const list = (seatIds: readonly string[] | undefined): string => new Intl.ListFormat(locale).format((seatIds ?? []).map(say))
  switch (code) {
    case 'SEAT_UNAVAILABLE':
      return t('refusal.taken', { count: conflicts?.length ?? 1 })
    case 'ORPHAN_SEAT':
      return t('refusal.orphan', { count: orphans?.length ?? 1, seats: list(orphans) })
    case 'TABLE_SOLD_WHOLE':
      return t('refusal.table', { seats: list(missing) })
    case 'NOT_ENOUGH_SEATS':
      return t('refusal.notEnough', { have: have ?? 0, asked: asked ?? 0 })
    case 'PURCHASE_LIMIT':
      return t('refusal.limit', { limit: limit ?? 0, have: have ?? 0 })
    case 'SALE_NOT_OPEN':
      return opensAt === undefined || body.closedAt !== undefined
        ? t('sale.closed')
        : t('sale.from', { time: timeText(opensAt, 'full', locale) })
    case 'PERFORMANCE_OPENING':
      return t('sale.preparing')
    case 'PART_UNANSWERED':
      return t('refusal.unanswered')
    case 'HOLD_EXPIRED':
      return t('hold.expired')
    case 'HOLD_RELEASED':
      return t('hold.released')
    case 'HOLD_SOLD':
      return t('hold.about.sold')
    case 'HOLD_NOT_EXTENDABLE':
      return t('refusal.notExtendable')
    case 'RATE_LIMITED':
      return t('refusal.tooOften')
    case 'FORBIDDEN':
      return t('refusal.forbidden')
    default:
      return body.retryable ? t('refusal.later') : t('refusal.other', { detail: body.detail })
  }
}

function ConflictWords({ conflict, name }: { readonly conflict: SeatConflict; readonly name: string }): ReactNode {
  const { t, locale } = useWords()
  const { reason, mayFreeAt } = conflict
  if (reason === 'held' && mayFreeAt !== undefined)
    return t('conflict.heldUntil', { seat: name, time: timeText(mayFreeAt, 'time', locale) })
  return t(`conflict.${reason}`, { seat: name })
}
