import { type ReactNode, useEffect, useRef } from 'react'
import { ApiProblem, type ProblemBody } from '../../data/api.ts'
import { useWords } from '../../words/words.tsx'
import { useOrganiseWords } from '../words.ts'

interface RefusedProps {
  readonly error: unknown
  /** What seats are called, where the hall is known. */
  readonly nameOf?: (seatId: string) => string
  readonly onDismiss: () => void
}

/** Why something was refused, in words. */
export function Refused({ error, nameOf = (seatId) => seatId, onDismiss }: RefusedProps): ReactNode {
  const { t: say } = useWords()
  const box = useRef<HTMLElement>(null)
  const body = error instanceof ApiProblem ? error.body : undefined
  const reason = useReason(body)
  useEffect(() => box.current?.focus(), [])
  const seats = (body?.conflicts ?? []).map(({ seatId }) => seatId)
  return (
    <section className="notice notice-bad" role="alert" tabIndex={-1} ref={box} data-code={body?.code ?? 'UNREACHABLE'}>
      <p>{reason}</p>
      {seats.length === 0 ? null : (
        <ul>
          {seats.slice(0, CONFLICTS_MAX).map((seatId) => (
            <li key={seatId}>{nameOf(seatId)}</li>
          ))}
          {seats.length > CONFLICTS_MAX ? <li>…</li> : null}
        </ul>
      )}
      <button type="button" onClick={onDismiss}>
        {say('dismiss')}
      </button>
    </section>
  )
}

const CONFLICTS_MAX = 12

function useReason(body: ProblemBody | undefined): string {
  const { t: say } = useWords()
  const t = useOrganiseWords()
  if (body === undefined) return t('refused.unreachable')
  switch (body.code) {
    case 'SEAT_UNAVAILABLE':
      return t('refused.taken', { count: body.conflicts?.length ?? 1 })
    case 'HOLD_NOT_FOUND':
      return t('refused.noHold')
    case 'HOLD_EXPIRED':
      return t('refused.expired')
    case 'HOLD_RELEASED':
      return t('refused.released')
    case 'HOLD_SOLD':
      return t('refused.sold')
    case 'HOLD_NOT_EXTENDABLE':
      return say('refusal.notExtendable')
    case 'BLOCK_NOT_FOUND':
      return t('refused.noBlock')
    case 'FORBIDDEN':
    case 'UNAUTHENTICATED':
      return t('refused.signedOut')
    case 'RATE_LIMITED':
      return say('refusal.tooOften')
    case 'PERFORMANCE_OPENING':
      return t('refused.opening')
    case 'PAYLOAD_TOO_LARGE':
    case 'BODY_TOO_LARGE':
      return t('plan.tooLarge')
    default:
      return body.retryable ? say('refusal.later') : say('refusal.other', { detail: body.errors?.[0]?.detail ?? body.detail })
  }
}
