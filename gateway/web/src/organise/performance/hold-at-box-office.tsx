import { type ReactNode, useState } from 'react'
import { useSubscription } from 'urql'
import { type Hold, holdChanged } from '../../data/holds.ts'
import { useAnnounce } from '../../frame/announcer.tsx'
import { Waiting } from '../../frame/waiting.tsx'
import { Countdown } from '../../performance/countdown.tsx'
import { HoldLines } from '../../performance/hold-lines.tsx'
import { timeText } from '../../words/numbers.ts'
import { useWords } from '../../words/words.tsx'
import { useAction } from '../data/use-action.ts'
import { Refused } from '../frame/refused.tsx'
import { useOrganiseWords } from '../words.ts'

const HOLD_CHANGED = holdChanged('HoldAtBoxOffice')

interface HoldAtBoxOfficeProps {
  readonly holdId: string
  readonly performanceId: string
}

/** A buyer's hold as it changes. It is not kept among this browser's own. */
export function HoldAtBoxOffice({ holdId, performanceId }: HoldAtBoxOfficeProps): ReactNode {
  const t = useOrganiseWords()
  const [{ data, error }] = useSubscription<{ holdChanged: Hold }>({ query: HOLD_CHANGED, variables: { id: holdId } })
  const hold = data?.holdChanged
  if (hold === undefined) {
    if (error === undefined) return <Waiting />
    return (
      <p className="notice notice-bad" role="alert">
        {t('refused.noHold')}
      </p>
    )
  }
  if (hold.performanceId !== performanceId)
    return (
      <p className="notice notice-bad" role="alert">
        {t('box.elsewhere')}
      </p>
    )
  return <Shown hold={hold} />
}

function Shown({ hold }: { readonly hold: Hold }): ReactNode {
  const t = useOrganiseWords()
  const { t: say, locale } = useWords()
  const { status, expiresAt } = hold
  return (
    <section className={`hold hold-${status}`} aria-labelledby="hold-title" data-status={status}>
      <h2 id="hold-title">{t(`box.${status}`)}</h2>
      {status === 'held' ? (
        <p className="remaining">
          <Countdown untilMs={Date.parse(expiresAt)} />
          <span>{say('hold.until', { time: timeText(expiresAt, 'time', locale) })}</span>
        </p>
      ) : null}
      <HoldLines hold={hold} />
      {status === 'held' ? <Deciding hold={hold} /> : null}
    </section>
  )
}

function Deciding({ hold }: { readonly hold: Hold }): ReactNode {
  const t = useOrganiseWords()
  const { t: say } = useWords()
  const announce = useAnnounce()
  const { doing, run, dismiss } = useAction()
  const [isAsked, setAsked] = useState(false)
  const isBusy = doing.state === 'busy'
  const path = `/v1/holds/${encodeURIComponent(hold.holdId)}`

  async function decide(method: string, verb: '' | '/sell', said: string): Promise<void> {
    const answer = await run(method, `${path}${verb}`)
    if (answer !== undefined) announce(said)
  }

  return (
    <>
      {doing.state === 'refused' ? <Refused error={doing.error} onDismiss={dismiss} /> : null}
      <div className="actions">
        <button type="button" className="primary" aria-disabled={isBusy} onClick={() => void decide('POST', '/sell', t('box.sold'))}>
          {t('box.sell')}
        </button>
        {isAsked ? (
          <>
            <button type="button" aria-disabled={isBusy} onClick={() => void decide('DELETE', '', t('box.released'))}>
              {t('box.releaseSure')}
            </button>
            <button type="button" className="plain" onClick={() => setAsked(false)}>
              {t('box.keep')}
            </button>
          </>
        ) : (
          <button type="button" onClick={() => setAsked(true)}>
            {t('box.release')}
          </button>
        )}
      </div>
      <p role="status" className="quiet">
        {doing.state === 'busy' && doing.isSlow ? say('basket.slow') : ''}
      </p>
    </>
  )
}
