import { type ReactNode, type RefObject, useEffect, useId, useRef } from 'react'
import type { Hold } from '../data/holds.ts'
import { useSession } from '../data/session.ts'
import { useAnnounce } from '../frame/announcer.tsx'
import { timeText } from '../words/numbers.ts'
import { useWords } from '../words/words.tsx'
import { Countdown } from './countdown.tsx'
import { HoldLines } from './hold-lines.tsx'
import { Refusal } from './refusal.tsx'
import { useCommands } from './use-commands.ts'

interface HoldPanelProps {
  readonly hold: Hold
  /** What stands above the seats, where the page is not of this performance alone. */
  readonly heading?: ReactNode
  /** Made here just now: it takes the focus from the button that made it. */
  readonly isNew?: boolean
  /** Where one that has ended need not stay. */
  readonly onForget?: () => void
}

/** Seats that are ours for a while: how long, what they cost, and what can be done with them. */
export function HoldPanel({ hold, heading, isNew = false, onForget }: HoldPanelProps): ReactNode {
  const { t, locale } = useWords()
  const titleId = useId()
  const { status, expiresAt } = hold
  const box = useFocusKept(hold, isNew)
  useEndAnnounced(hold)
  return (
    <section
      className={`hold hold-${status}`}
      aria-labelledby={titleId}
      tabIndex={-1}
      ref={box}
      data-hold={hold.holdId}
      data-status={status}
    >
      <h2 id={titleId}>{heading ?? t(`hold.title.${status}`)}</h2>
      {heading === undefined ? null : <p className="badge">{t(`hold.title.${status}`)}</p>}
      {status === 'held' ? (
        <p className="remaining">
          <Countdown untilMs={Date.parse(expiresAt)} warning={t('hold.warning')} />
          <span>{t('hold.until', { time: timeText(expiresAt, 'time', locale) })}</span>
        </p>
      ) : null}
      <HoldLines hold={hold} />
      {status === 'held' ? <Living hold={hold} /> : <p className="quiet">{t(`hold.about.${status}`)}</p>}
      {onForget === undefined || status === 'held' || status === 'sold' ? null : (
        <button type="button" onClick={onForget}>
          {t('dismiss')}
        </button>
      )}
    </section>
  )
}

function Living({ hold }: { readonly hold: Hold }): ReactNode {
  const { t, locale } = useWords()
  const announce = useAnnounce()
  const session = useSession()
  const { doing, extend, release, sell, dismiss } = useCommands()
  const isBusy = doing.state === 'busy'
  return (
    <>
      <p className="quiet">{t('hold.about.held')}</p>
      {doing.state === 'refused' ? <Refusal error={doing.error} onDismiss={dismiss} /> : null}
      <div className="actions">
        {hold.extensionsLeft > 0 ? (
          <button
            type="button"
            aria-disabled={isBusy}
            onClick={() =>
              void extend(hold).then((now) => now && announce(t('hold.extended', { time: timeText(now.expiresAt, 'time', locale) })))
            }
          >
            {t('hold.extend')}
          </button>
        ) : null}
        {session?.kind === 'organiser' ? (
          <button type="button" className="primary" aria-disabled={isBusy} onClick={() => void sell(hold)}>
            {t('hold.sell')}
          </button>
        ) : null}
        <button type="button" aria-disabled={isBusy} onClick={() => void release(hold).then((now) => now && announce(t('hold.released')))}>
          {t('hold.release')}
        </button>
      </div>
      <p role="status" className="quiet">
        {doing.state === 'busy' && doing.isSlow ? t('basket.slow') : ''}
      </p>
    </>
  )
}

/** A button that did its work is gone, and would leave the focus nowhere. */
function useFocusKept({ status, extensionsLeft }: Hold, isNew: boolean): RefObject<HTMLElement | null> {
  const box = useRef<HTMLElement>(null)
  const wasInside = useRef(false)
  useEffect(() => {
    if (isNew) box.current?.focus()
  }, [isNew])
  // biome-ignore lint/correctness/useExhaustiveDependencies: these are what makes buttons come and go.
  useEffect(() => {
    if (wasInside.current && document.activeElement === document.body) box.current?.focus()
  }, [status, extensionsLeft])
  useEffect(() => {
    const element = box.current
    const enter = (): void => {
      wasInside.current = true
    }
    const leave = ({ relatedTarget }: FocusEvent): void => {
      if (relatedTarget !== null) wasInside.current = false
    }
    element?.addEventListener('focusin', enter)
    element?.addEventListener('focusout', leave)
    return () => {
      element?.removeEventListener('focusin', enter)
      element?.removeEventListener('focusout', leave)
    }
  }, [])
  return box
}

/** That a hold lapsed is news even to people who look elsewhere; what they did themselves is said where they do it. */
function useEndAnnounced({ status }: Hold): void {
  const { t } = useWords()
  const announce = useAnnounce()
  const before = useRef(status)
  useEffect(() => {
    if (before.current === status) return
    before.current = status
    if (status === 'expired') announce(t('hold.expired'), 'assertive')
    if (status === 'sold') announce(t('hold.about.sold'))
  }, [status, announce, t])
}
