import { SeatPicker } from '@cavea/seat-picker'
import type { HallState, PickerHall } from '@cavea/seat-picker/types.ts'
import { type FormEvent, type ReactNode, useEffect, useMemo, useState } from 'react'
import { useAnnounce } from '../../frame/announcer.tsx'
import { Failed } from '../../frame/failed.tsx'
import { Waiting } from '../../frame/waiting.tsx'
import { seatBook } from '../../performance/seat-names.ts'
import { useLiveHall } from '../../performance/use-live-hall.ts'
import { useWords } from '../../words/words.tsx'
import { Field } from '../create/field.tsx'
import type { Block } from '../data/answers.ts'
import { useAction } from '../data/use-action.ts'
import { Refused } from '../frame/refused.tsx'
import { useOrganiseWords } from '../words.ts'
import { type MadeBlock, useBlocks } from './blocks.ts'
import { bySection } from './by-section.ts'

/** At once: more than any row or block of seats has. */
const SEATS_MAX = 5_000
const NOBODY: ReadonlySet<string> = new Set()

export function BlockPage({ performanceId }: { readonly performanceId: string }): ReactNode {
  const loaded = useLiveHall(performanceId)
  if (loaded.state === 'loading') return <Waiting />
  if (loaded.state === 'failed') return <Failed error={loaded.error} onAgain={loaded.again} />
  return <Blocking performanceId={performanceId} hall={loaded.hall} live={loaded.live} />
}

interface BlockingProps {
  readonly performanceId: string
  readonly hall: PickerHall
  readonly live: HallState
}

function Blocking({ performanceId, hall, live }: BlockingProps): ReactNode {
  const t = useOrganiseWords()
  const { t: say, locale } = useWords()
  const announce = useAnnounce()
  const { doing, run, dismiss } = useAction()
  const { blocks, add, remove } = useBlocks(performanceId)
  const [selected, setSelected] = useSelection(live)
  const [note, setNote] = useState('')
  const book = useMemo(() => seatBook(hall), [hall])
  const path = `/v1/performances/${encodeURIComponent(performanceId)}/blocks`
  const isBusy = doing.state === 'busy'
  const nameOf = (seatId: string): string => {
    const seat = book.get(seatId)
    return seat === undefined ? seatId : say('seat.name', { section: seat.section, row: seat.row, number: seat.number })
  }

  /** One block for each section, since a section decides for itself; those that were refused stay selected. */
  async function block(event: FormEvent): Promise<void> {
    event.preventDefault()
    if (selected.size === 0) return
    let left: ReadonlySet<string> = selected
    for (const { section, seatIds } of bySection(hall, selected)) {
      const answer = await run<Block>('POST', path, { seats: seatIds, note: note.trim() })
      if (answer === undefined) break
      add({ blockId: answer.body.blockId, note: note.trim(), section, seatIds })
      const done = new Set(seatIds)
      left = new Set([...left].filter((seatId) => !done.has(seatId)))
    }
    setSelected(left)
    if (left.size > 0) return
    announce(t('block.made', { count: selected.size }))
    setNote('')
  }

  async function unblock({ blockId, seatIds }: MadeBlock): Promise<void> {
    const answer = await run('DELETE', `${path}/${encodeURIComponent(blockId)}`)
    if (answer === undefined) return
    remove(blockId)
    announce(t('block.removed', { count: seatIds.length }))
  }

  return (
    <div className="hall">
      <div className="plan">
        <SeatPicker
          hall={hall}
          state={live}
          mine={NOBODY}
          selected={selected}
          onSelect={setSelected}
          quantityMax={SEATS_MAX}
          locale={locale}
          mode="block"
        />
      </div>
      <aside className="side" aria-label={t('block.side')}>
        <form className="panel" onSubmit={(event) => void block(event)}>
          <h2>{t('block.title')}</h2>
          <p className="quiet">{t('block.about')}</p>
          <Field label={t('block.note')} hint={t('block.noteHint')}>
            {(control) => (
              <input {...control} maxLength={500} autoComplete="off" value={note} onChange={({ target }) => setNote(target.value)} />
            )}
          </Field>
          {doing.state === 'refused' ? <Refused error={doing.error} nameOf={nameOf} onDismiss={dismiss} /> : null}
          <button type="submit" className="primary" aria-disabled={isBusy || selected.size === 0}>
            {t('block.go', { count: selected.size })}
          </button>
        </form>
        <section className="panel" aria-labelledby="blocks-title">
          <h2 id="blocks-title">{t('block.list')}</h2>
          {blocks.length === 0 ? <p className="quiet">{t('block.none')}</p> : null}
          <ul className="blocks">
            {blocks.map((made) => (
              <li key={made.blockId} data-block={made.blockId}>
                <span className="line-name">
                  {t('block.line', { section: made.section, count: made.seatIds.length })}
                  <small>{made.note}</small>
                </span>
                <button
                  type="button"
                  aria-disabled={isBusy}
                  aria-label={t('block.undoOf', { section: made.section, count: made.seatIds.length })}
                  onClick={() => void unblock(made)}
                >
                  {t('block.undo')}
                </button>
              </li>
            ))}
          </ul>
        </section>
      </aside>
    </div>
  )
}

/** What is selected. A seat that somebody took in the meantime leaves it. */
function useSelection(live: HallState): readonly [ReadonlySet<string>, (seatIds: ReadonlySet<string>) => void] {
  const [selected, setSelected] = useState<ReadonlySet<string>>(NOBODY)
  useEffect(() => {
    return live.subscribe(() => {
      if (live.stale) return
      setSelected((before) => {
        const left = [...before].filter((seatId) => live.status(seatId) === 'available')
        return left.length === before.size ? before : new Set(left)
      })
    })
  }, [live])
  return [selected, setSelected]
}
