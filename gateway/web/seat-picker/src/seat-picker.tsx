import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useId, useMemo, useRef, useState } from 'react'
import { type Filter, isFiltering, NO_FILTER } from './scene/filter.ts'
import { createScene, type Scene } from './scene/scene.ts'
import type { Text } from './text/text.ts'
import type { SeatPickerProps } from './types.ts'
import { Areas } from './ui/areas.tsx'
import { type Chosen, choose, chooseMany, type Standing } from './ui/choosing.ts'
import { useChanges, useLatest, useStale, useStyles, useText } from './ui/hooks.ts'
import { ListView } from './ui/list-view.tsx'
import { leftWords, MapView } from './ui/map-view.tsx'
import { matcher, type PickerModel, standingOf } from './ui/picker-model.ts'
import { BestAvailable, Prices, Signs } from './ui/side-panel.tsx'
import { useLostSeats } from './ui/use-lost-seats.ts'
import { createWords, type Words } from './ui/words.ts'

/** How often words follow the seats; the map follows each change by itself. */
const WORDS_EVERY_MS = 250

const TABS = ['map', 'list'] as const
type Tab = (typeof TABS)[number]

/**
 * Lets somebody choose seats on a map or, equally, in a list. Seats change under it without React: `state` is read when it says
 * that something changed. `selected` belongs to whoever shows it; a selected seat that somebody else took is taken out.
 */
export function SeatPicker(props: SeatPickerProps): ReactNode {
  const root = useRef<HTMLDivElement>(null)
  useStyles(root)
  const text = useText(props.locale, props.hall.currency)
  const scene = useMemo(() => createScene(props.hall), [props.hall])
  return (
    <div ref={root} className="cavea-picker" lang={text?.locale} aria-busy={text === undefined}>
      {text && <Picker {...props} text={text} scene={scene} />}
    </div>
  )
}

function Picker(props: SeatPickerProps & { readonly text: Text; readonly scene: Scene }): ReactNode {
  const { hall, state, mine, selected, quantityMax, text, scene, asOf, mode = 'choose' } = props
  const [tab, setTab] = useState<Tab>('map')
  const [filter, setFilter] = useState<Filter>(NO_FILTER)
  const [openSections, setOpenSections] = useState<ReadonlySet<number>>(() => new Set())
  const [announced, announce] = useAnnounced()
  const [explained, setExplained] = useState('')
  const areaPlaces = useRef(new Map<string, HTMLElement>())
  const isStale = useStale(state) && asOf === undefined
  const changes = useChanges(state, WORDS_EVERY_MS)
  const words = useMemo(() => createWords(text, hall), [text, hall])
  const latest = useLatest({ ...props, mode, words })

  const nameOf = useCallback(
    (seat: number): string => {
      const section = scene.sections[scene.sectionOf[seat] ?? 0]?.section
      const place = scene.seats[seat]
      return section === undefined || place === undefined ? '' : words.name(section, place)
    },
    [scene, words],
  )

  const act = useCallback(
    (seat: number): void => {
      const { mode, selected, quantityMax, onSelect, onInspect, words } = latest.current
      const place = scene.seats[seat]
      if (place === undefined) return
      if (mode === 'inspect') {
        onInspect?.(place.seatId)
        return
      }
      const chosen = choose(place.seatId, choiceOf(latest.current, scene))
      const name = nameOf(seat)
      if (chosen.outcome === 'selected' || chosen.outcome === 'removed') onSelect(chosen.selected)
      announce(announcementOf(chosen, { name, text, words, count: selected.size + 1, max: quantityMax }))
    },
    [scene, text, nameOf, latest, announce],
  )

  const actOnMany = useCallback(
    (seats: readonly number[]): void => {
      if (latest.current.mode === 'inspect') return
      const next = chooseMany(
        seats.flatMap((seat) => scene.seats[seat]?.seatId ?? []),
        choiceOf(latest.current, scene),
      )
      latest.current.onSelect(next)
      announce(text.say('announce.many', { count: next.size }))
    },
    [scene, text, latest, announce],
  )

  useLostSeats(props, (seatId) => {
    const seat = scene.indexOf.get(seatId)
    if (seat !== undefined) announce(text.say('announce.lost', { seat: nameOf(seat) }))
  })
  useStaleWords(isStale, text, announce)

  const matches = useMemo(() => matcher(scene, filter), [scene, filter])
  // biome-ignore lint/correctness/useExhaustiveDependencies: counts change outside React; `changes` says that they did.
  const describeLeft = useCallback(
    (section: number) => leftWords({ scene, state, asOf, text }, section),
    [scene, state, asOf, text, changes],
  )
  const model: PickerModel = {
    scene,
    state,
    text,
    words,
    mine,
    selected,
    asOf,
    isStale,
    standingOf: (seatId): Standing => standingOf(seatId, { state, mine, selected, asOf }),
    matches,
    isFiltering: isFiltering(filter),
    describeLeft,
    mode,
    act,
    actOnMany,
  }

  const id = useId()
  if (hall.sections.length === 0) return <p className="picker-hint">{text.say('empty')}</p>
  const { onArea, onBestAvailable } = props
  return (
    <div className="picker-layout" data-mode={mode}>
      <div className="picker-main">
        <div className="picker-bar">
          <Tabs id={id} tab={tab} text={text} onTab={setTab} />
          {mode !== 'inspect' && (
            <p className="picker-summary">
              <span>{text.say('summary', { count: selected.size })}</span>
              {selected.size > 0 && (
                <button type="button" className="picker-quiet" onClick={() => props.onSelect(new Set())}>
                  {text.say('summary.clear')}
                </button>
              )}
            </p>
          )}
        </div>
        {isStale && <p className="picker-stale">{text.say('stale')}</p>}
        {mode === 'block' && tab === 'map' && <p className="picker-hint">{text.say('map.helpBlock')}</p>}
        <div role="tabpanel" id={`${id}-${tab}-panel`} aria-labelledby={`${id}-${tab}`} className="picker-view">
          {tab === 'map' ? (
            <MapView
              model={model}
              onExplain={props.onExplain}
              onExplained={setExplained}
              onArea={(section) => focusArea(areaPlaces.current.get(scene.sections[section]?.section.sectionId ?? ''))}
            />
          ) : (
            <ListView model={model} open={openSections} onOpen={setOpenSections} onExplain={props.onExplain} onExplained={setExplained} />
          )}
        </div>
        <p className="picker-said" role="status" aria-live="polite">
          {announced}
        </p>
        <p className="picker-hidden" aria-live="polite">
          {explained}
        </p>
      </div>
      <div className="picker-side">
        {mode === 'choose' && onArea && <Areas model={model} quantityMax={quantityMax} onArea={onArea} places={areaPlaces} />}
        {mode === 'choose' && onBestAvailable && scene.seats.length > 0 && (
          <BestAvailable model={model} quantityMax={quantityMax} onBest={onBestAvailable} />
        )}
        <Prices model={model} filter={filter} onFilter={setFilter} changes={changes} />
        {scene.seats.length > 0 && <Signs model={model} />}
      </div>
    </div>
  )
}

/** The same words once more differ by a space that nobody sees: else they would not be spoken again. */
function useAnnounced(): readonly [string, (words: string) => void] {
  const [announced, setAnnounced] = useState('')
  const announce = useCallback((words: string) => setAnnounced((before) => (before === words ? `${words}\u00A0` : words)), [])
  return [announced, announce]
}

function choiceOf(
  props: SeatPickerProps & { readonly mode: PickerModel['mode'] },
  { hall, seats, indexOf }: Scene,
): Parameters<typeof choose>[1] {
  return {
    selected: props.selected,
    quantityMax: props.quantityMax,
    mode: props.mode,
    standingOf: (seatId) => standingOf(seatId, { ...props, asOf: props.asOf }),
    isForSale(seatId) {
      const category = seats[indexOf.get(seatId) ?? -1]?.category
      return hall.categories.some(({ name, price }) => name === category && price !== null)
    },
  }
}

function announcementOf(
  chosen: Chosen,
  said: { readonly name: string; readonly text: Text; readonly words: Words; readonly count: number; readonly max: number },
): string {
  const { name, text, words, count, max } = said
  switch (chosen.outcome) {
    case 'selected':
      return text.say('announce.selected', { seat: name, count, max })
    case 'removed':
      return text.say('announce.removed', { seat: name })
    case 'full':
      return text.say('announce.full', { max })
    case 'unavailable':
      return text.say('announce.taken', { seat: name, status: words.standing(chosen.standing) })
  }
}

function focusArea(area: HTMLElement | undefined): void {
  area?.scrollIntoView({ block: 'nearest' })
  area?.querySelector<HTMLElement>('button.picker-primary')?.focus()
}

/** Said once when it begins and once when it ends. */
function useStaleWords(isStale: boolean, text: Text, announce: (words: string) => void): void {
  const was = useRef(isStale)
  useEffect(() => {
    if (was.current === isStale) return
    was.current = isStale
    announce(text.say(isStale ? 'announce.stale' : 'announce.back'))
  }, [isStale, text, announce])
}

function Tabs(props: { readonly id: string; readonly tab: Tab; readonly text: Text; readonly onTab: (tab: Tab) => void }): ReactNode {
  const { id, tab, text, onTab } = props
  const list = useRef<HTMLDivElement>(null)
  function onKeyDown(event: KeyboardEvent): void {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length] ?? 'map'
    onTab(next)
    list.current?.querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus()
  }
  return (
    <div ref={list} role="tablist" aria-label={text.say('tabs.label')} className="picker-tabs" onKeyDown={onKeyDown}>
      {TABS.map((each) => (
        <button
          key={each}
          id={`${id}-${each}`}
          type="button"
          role="tab"
          data-tab={each}
          aria-selected={tab === each}
          {...(tab === each && { 'aria-controls': `${id}-${each}-panel` })}
          tabIndex={tab === each ? 0 : -1}
          onClick={() => onTab(each)}
        >
          {text.say(`tabs.${each}`)}
        </button>
      ))}
    </div>
  )
}
