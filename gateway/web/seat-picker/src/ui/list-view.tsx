import { type KeyboardEvent, memo, type ReactNode, useCallback, useId, useMemo, useRef, useState } from 'react'
import type { Palette } from '../draw/palette.ts'
import type { PickerSection } from '../types.ts'
import { Details } from './details.tsx'
import { usePalette } from './hooks.ts'
import type { PickerModel } from './picker-model.ts'
import { createTypeAhead, gridOf, step } from './seat-grid.ts'

interface ListViewProps {
  readonly model: PickerModel
  readonly open: ReadonlySet<number>
  readonly onOpen: (open: ReadonlySet<number>) => void
  readonly onExplain: ((seatId: string) => Promise<string | null>) | undefined
  readonly onExplained: (words: string) => void
}

/**
 * The same seats without a drawing: section → row → seat. Sections are headings with a button that opens them, so that a
 * screen reader's list of headings is an overview of the hall. An open section is a grid with one tab stop: rows with their
 * names as headers, and a check box per seat, since "checked" is said by all screen readers, and "selected" of a cell by few.
 */
export function ListView({ model, open, onOpen, onExplain, onExplained }: ListViewProps): ReactNode {
  const { scene, text, words } = model
  const id = useId()
  const probe = useRef<HTMLSpanElement>(null)
  const palette = usePalette(probe, scene.hall)
  const [active, setActive] = useState(-1)
  return (
    <div className="picker-list">
      <span ref={probe} className="picker-probe" aria-hidden="true" />
      <p id={`${id}-help`} className="picker-hint">
        {text.say('list.help')}
      </p>
      {scene.sections.map(({ section, count }, at) => {
        if (count === 0) return <Area key={section.sectionId} model={model} section={section} left={model.describeLeft(at)} />
        const isOpen = open.has(at)
        return (
          <section key={section.sectionId}>
            <h3>
              <button
                type="button"
                aria-expanded={isOpen}
                aria-controls={`${id}-${at}`}
                onClick={() => {
                  const next = new Set(open)
                  if (!next.delete(at)) next.add(at)
                  onOpen(next)
                }}
              >
                <span>{section.name}</span>
                <span className="picker-left">{model.describeLeft(at)}</span>
              </button>
            </h3>
            <div id={`${id}-${at}`} hidden={!isOpen}>
              {isOpen && <SectionGrid model={model} section={at} helpId={`${id}-help`} palette={palette} onActive={setActive} />}
            </div>
          </section>
        )
      })}
      {active !== -1 && (
        <div className="picker-beside-list">
          <Details
            model={model}
            words={words}
            at={{ seat: active, place: 'corner' }}
            onExplain={onExplain}
            onExplained={onExplained}
            onClose={() => setActive(-1)}
          />
        </div>
      )}
    </div>
  )
}

/** A standing area has no seats to choose from; how many places to take is asked beside the list. */
function Area({
  model,
  section,
  left,
}: {
  readonly model: PickerModel
  readonly section: PickerSection
  readonly left: string
}): ReactNode {
  return (
    <section>
      <h3 className="picker-area-name">
        <span>{section.name}</span>
        {section.category !== undefined && <span className="picker-price">{model.words.price(section.category)}</span>}
        <span className="picker-left">{left}</span>
      </h3>
    </section>
  )
}

interface SectionGridProps {
  readonly model: PickerModel
  readonly section: number
  readonly helpId: string
  readonly palette: Palette | undefined
  /** -1: the focus left. */
  readonly onActive: (seat: number) => void
}

function SectionGrid({ model, section, helpId, palette, onActive }: SectionGridProps): ReactNode {
  const { scene, text, words, mode, matches, isFiltering } = model
  const grid = useRef<HTMLDivElement>(null)
  const rows = useMemo(() => {
    return gridOf(scene, section)
      .map((row) => ({ ...row, seats: isFiltering ? row.seats.filter(matches) : row.seats }))
      .filter(({ seats }) => seats.length > 0)
  }, [scene, section, matches, isFiltering])
  const [active, setActive] = useState(-1)
  const [typeAhead] = useState(() => createTypeAhead(() => performance.now()))
  const tabStop = rows.some(({ seats }) => seats.includes(active)) ? active : (rows[0]?.seats[0] ?? -1)

  const become = useCallback(
    (seat: number) => {
      setActive(seat)
      onActive(seat)
    },
    [onActive],
  )

  /** `Premium €85 · Restricted view €20` */
  function pricesIn(seats: readonly number[]): string {
    const categories = new Set(seats.map((seat) => scene.seats[seat]?.category ?? ''))
    return [...categories].map((category) => `${category} ${words.price(category)}`).join(' · ')
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey) return
    const to = step(rows, tabStop, event.key, event.ctrlKey) ?? (event.ctrlKey ? undefined : typeAhead(event.key, rows, scene))
    if (to === undefined) return
    event.preventDefault()
    setActive(to)
    grid.current?.querySelector<HTMLElement>(`[data-seat="${to}"]`)?.focus()
  }

  if (rows.length === 0) return <p className="picker-hint">{text.say('list.noMatch')}</p>
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table element is no grid of controls to a screen reader.
    <div
      ref={grid}
      role="grid"
      className="picker-grid"
      aria-label={text.say('list.grid', { section: scene.sections[section]?.section.name ?? '' })}
      aria-describedby={helpId}
      onKeyDown={onKeyDown}
      onBlur={() => onActive(-1)}
    >
      {rows.map(({ label, seats }) => (
        // biome-ignore lint/a11y/useFocusableInteractive: as above.
        // biome-ignore lint/a11y/useSemanticElements: as above.
        <div role="row" key={`${label} ${seats[0]}`} className="picker-row">
          {/* biome-ignore lint/a11y/useFocusableInteractive: as above. */}
          {/* biome-ignore lint/a11y/useSemanticElements: as above. */}
          <div role="rowheader" className="picker-row-name">
            <span>
              <strong>{label === '' ? text.say('list.noRow') : text.say('list.row', { row: label })}</strong> {pricesIn(seats)}
            </span>
            {mode === 'block' && (
              <button
                type="button"
                className="picker-quiet"
                onClick={() => model.actOnMany(seats)}
                aria-label={text.say('list.selectRow', { row: label })}
              >
                ✓
              </button>
            )}
          </div>
          {seats.map((seat) => (
            <SeatBox
              key={seat}
              model={model}
              seat={seat}
              color={palette?.categories[scene.categoryOf[seat] ?? -1] ?? palette?.muted ?? ''}
              isTabStop={seat === tabStop}
              onActive={become}
              standing={model.standingOf(scene.seats[seat]?.seatId ?? '')}
            />
          ))}
        </div>
      ))}
    </div>
  )
}

interface SeatBoxProps {
  readonly model: PickerModel
  readonly seat: number
  readonly standing: ReturnType<PickerModel['standingOf']>
  /** Of its category, as on the map. */
  readonly color: string
  readonly isTabStop: boolean
  readonly onActive: (seat: number) => void
}

const SeatBox = memo(
  function SeatBox({ model, seat, standing, color, isTabStop, onActive }: SeatBoxProps): ReactNode {
    const { scene, words, mode } = model
    const place = scene.seats[seat]
    if (place === undefined) return null
    const isChecked = standing === 'selected' || standing === 'mine'
    const label = `${words.shortName(place)}, ${words.facts(place, standing)}`
    return (
      // biome-ignore lint/a11y/useSemanticElements: as of the grid.
      // biome-ignore lint/a11y/useFocusableInteractive: what it has inside is focused.
      <div role="gridcell" className="picker-cell">
        <button
          type="button"
          {...(mode === 'inspect' ? {} : { role: 'checkbox', 'aria-checked': isChecked })}
          aria-disabled={mode !== 'inspect' && standing !== 'available' && standing !== 'selected'}
          aria-label={label}
          title={label}
          data-seat={seat}
          data-standing={standing}
          data-type={place.type}
          tabIndex={isTabStop ? 0 : -1}
          onFocus={() => onActive(seat)}
          onClick={() => model.act(seat)}
        >
          <span>{place.number}</span>
          {standing === 'available' && <span className="picker-stripe" style={{ background: color }} />}
        </button>
      </div>
    )
  },
  (before, after) =>
    before.seat === after.seat &&
    before.standing === after.standing &&
    before.color === after.color &&
    before.isTabStop === after.isTabStop &&
    before.model.act === after.model.act &&
    before.model.words === after.model.words &&
    before.model.mode === after.model.mode,
)
