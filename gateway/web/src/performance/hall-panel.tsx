import { SeatPicker } from '@cavea/seat-picker'
import type { HallState, PickerHall } from '@cavea/seat-picker/types.ts'
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { ApiProblem } from '../data/api.ts'
import type { Hold } from '../data/holds.ts'
import { serverClock } from '../data/server-clock.ts'
import { useAnnounce } from '../frame/announcer.tsx'
import { timeText } from '../words/numbers.ts'
import { useWords } from '../words/words.tsx'
import { alternativeTo } from './alternative.ts'
import { Basket } from './basket.tsx'
import { Dock } from './dock.tsx'
import { type FreeingTimes, watchFreeing } from './explain.ts'
import { HoldPanel } from './hold-panel.tsx'
import { Refusal } from './refusal.tsx'
import { type NamedSeat, seatBook } from './seat-names.ts'
import { type HoldWish, useCommands } from './use-commands.ts'
import type { Terms } from './use-terms.ts'

interface HallPanelProps {
  readonly performanceId: string
  readonly hall: PickerHall
  readonly live: HallState
  readonly terms: Terms
  /** This browser's own, of this performance. */
  readonly holds: readonly Hold[]
  readonly onForget: (holdId: string) => void
  /** Why nothing can be held now, in words; undefined when it can. */
  readonly closed: string | undefined
}

/** The plan of the hall with what was chosen, what is held, and what went wrong. */
export function HallPanel({ performanceId, hall, live, terms, holds, onForget, closed }: HallPanelProps): ReactNode {
  const { t, locale } = useWords()
  const announce = useAnnounce()
  const commands = useCommands()
  const book = useMemo(() => seatBook(hall), [hall])
  const mine = useMemo(() => seatsOf(holds), [holds])
  const { selected, choose, follow, lost } = useSelection(live, mine)
  const freeing = useFreeing(live, terms)
  const [newest, setNewest] = useState('')
  const basket = useRef<HTMLElement>(null)
  const { doing } = commands

  /** What had the focus goes away together with it, so the focus goes to what the person will look at next. */
  const leaveRefusal = (): void => {
    commands.dismiss()
    basket.current?.focus()
  }

  const hold = useCallback(
    async (wish: HoldWish) => {
      const made = await commands.hold(performanceId, wish)
      if (made === undefined) return
      choose(new Set())
      setNewest(made.holdId)
      announce(t('hold.made', { count: made.quantity, time: timeText(made.expiresAt, 'time', locale) }))
    },
    [commands, performanceId, choose, announce, t, locale],
  )

  useEffect(() => {
    if (doing.state !== 'refused' || !(doing.error instanceof ApiProblem)) return
    for (const { seatId, mayFreeAt } of doing.error.body.conflicts ?? [])
      if (mayFreeAt !== undefined) freeing.current?.learn(seatId, Date.parse(mayFreeAt))
  }, [doing, freeing])

  const explain = useCallback(
    async (seatId: string) => {
      const free = freeing.current?.of(seatId)
      if (free === undefined || mine.has(seatId)) return null
      return t(free.isLatest ? 'explain.latest' : 'explain.mayFree', { time: timeText(free.atMs, 'time', locale) })
    },
    [freeing, mine, t, locale],
  )

  const chosen = [...selected].flatMap((seatId) => book.get(seatId) ?? [])
  const wanted = doing.state === 'refused' && doing.wish !== undefined && 'seats' in doing.wish ? doing.wish.seats : []
  const instead = doing.state === 'refused' ? insteadOf(doing.error, wanted, hall, live, mine) : undefined
  return (
    <>
      <SoldOut hall={hall} live={live} />
      <div className="hall">
        {holds.length === 0 ? null : (
          <div className="mine">
            {holds.map((each) => (
              <HoldPanel
                key={each.holdId}
                hold={each}
                isNew={each.holdId === newest}
                onForget={() => {
                  onForget(each.holdId)
                  basket.current?.focus()
                }}
              />
            ))}
          </div>
        )}
        <section className="plan" aria-labelledby="plan-title">
          <h2 id="plan-title" className="unseen">
            {t('plan.title')}
          </h2>
          <SeatPicker
            hall={hall}
            state={live}
            mine={mine}
            selected={selected}
            onSelect={follow}
            quantityMax={terms.seatsPerHold}
            locale={locale}
            onExplain={explain}
            onArea={(area, quantity) => void hold({ area, quantity })}
            onBestAvailable={(quantity, category, accessible) =>
              void hold({ bestAvailable: { quantity, ...(category !== null && { category }), ...(accessible && { accessible }) } })
            }
          />
        </section>
        <aside className="side" aria-label={t('side.label')}>
          {doing.state === 'refused' ? (
            <Refusal
              key={String(doing.wish === undefined ? '' : JSON.stringify(doing.wish))}
              error={doing.error}
              nameOf={(seatId) => book.get(seatId)}
              alternative={instead}
              onChoose={(seatIds) => {
                choose(new Set(seatIds))
                leaveRefusal()
              }}
              onAgain={() => doing.wish !== undefined && void hold(doing.wish)}
              onDismiss={leaveRefusal}
            />
          ) : null}
          <LostSeats seats={lost.flatMap((seatId) => book.get(seatId) ?? [])} />
          <Basket
            box={basket}
            seats={chosen}
            currency={hall.currency}
            doing={doing}
            closed={closed}
            onRemove={(seatId) => choose(new Set([...selected].filter((each) => each !== seatId)))}
            onClear={() => choose(new Set())}
            onHold={() => void hold({ seats: [...selected] })}
          />
        </aside>
        <Dock seats={chosen} currency={hall.currency} basket={basket} />
      </div>
    </>
  )
}

/** Counted anew with each change, which no more than ten a second are. */
function SoldOut({ hall, live }: Pick<HallPanelProps, 'hall' | 'live'>): ReactNode {
  const { t } = useWords()
  const isSoldOut = useSyncExternalStore(
    live.subscribe,
    () => !live.stale && hall.sections.every(({ sectionId }) => live.counts(sectionId).available === 0),
  )
  return <div role="status">{isSoldOut ? <p className="notice">{t('sale.soldOutNow')}</p> : null}</div>
}

/** Held and sold ones alike: neither looks like anybody else's. */
function seatsOf(holds: readonly Hold[]): ReadonlySet<string> {
  return new Set(
    holds.filter(({ status }) => status === 'held' || status === 'sold').flatMap(({ seats }) => seats.map(({ seatId }) => seatId)),
  )
}

interface Selection {
  readonly selected: ReadonlySet<string>
  /** As the person wants it. */
  readonly choose: (seatIds: ReadonlySet<string>) => void
  /** As the picker says, which takes out what others took. */
  readonly follow: (seatIds: ReadonlySet<string>) => void
  /** Chosen seats that somebody else was faster to take. */
  readonly lost: readonly string[]
}

/** What is chosen, and for a while what is so no longer because others took it: the picker says that only once. */
function useSelection(live: HallState, mine: ReadonlySet<string>): Selection {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [lost, setLost] = useState<readonly string[]>([])
  const choose = useCallback((seatIds: ReadonlySet<string>) => {
    setSelected(seatIds)
    setLost([])
  }, [])
  const follow = useCallback(
    (seatIds: ReadonlySet<string>) => {
      const left = [...selected].filter((seatId) => !seatIds.has(seatId) && !mine.has(seatId))
      setSelected(seatIds)
      setLost(live.stale ? [] : left.filter((seatId) => live.status(seatId) !== 'available'))
    },
    [live, mine, selected],
  )
  return { selected, choose, follow, lost }
}

function useFreeing(live: HallState, { holdPolicy }: Terms): { readonly current: FreeingTimes | undefined } {
  const freeing = useRef<FreeingTimes>(undefined)
  const policy = useRef(holdPolicy)
  policy.current = holdPolicy
  useEffect(() => {
    const times = watchFreeing(
      live,
      () => ({ ttlMs: policy.current.ttlSeconds * 1_000, maxMs: policy.current.maxSeconds * 1_000 }),
      () => serverClock.nowMs(),
    )
    freeing.current = times
    return () => times.close()
  }, [live])
  return freeing
}

/** What the server proposes, else what is free nearby; for a table the rest of it too. */
function insteadOf(
  error: unknown,
  wanted: readonly string[],
  hall: PickerHall,
  live: HallState,
  mine: ReadonlySet<string>,
): readonly string[] | undefined {
  if (!(error instanceof ApiProblem)) return undefined
  const { code, alternative, missing = [], conflicts = [] } = error.body
  if (code === 'ORPHAN_SEAT') return alternative
  if (code === 'TABLE_SOLD_WHOLE') return [...wanted, ...missing]
  if (code !== 'SEAT_UNAVAILABLE') return undefined
  const taken = new Set(conflicts.map(({ seatId }) => seatId))
  return alternativeTo(wanted, hall, { status: (seatId) => (taken.has(seatId) ? 'held' : live.status(seatId)) }, mine)
}

/** For the eye: the picker says it aloud already. */
function LostSeats({ seats }: { readonly seats: readonly NamedSeat[] }): ReactNode {
  const { t } = useWords()
  if (seats.length === 0) return null
  const names = seats.map(({ section, row, number }) => t('seat.name', { section, row, number })).join('; ')
  return <p className="notice">{t('basket.lost', { count: seats.length, seats: names })}</p>
}
