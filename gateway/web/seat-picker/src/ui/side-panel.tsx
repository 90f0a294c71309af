import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react'
import { drawSeat, type Kind, type Shape } from '../draw/glyph.ts'
import { hasAccessible } from '../draw/picture.ts'
import { type Filter, isFiltering, NO_FILTER, pricesOf } from '../scene/filter.ts'
import { usePalette } from './hooks.ts'
import { leftByCategory, type PickerModel } from './picker-model.ts'

const SIGN_PX = 22
/** More together are a group, which is no matter of a list to choose from. */
const BEST_MAX = 20

interface FilterProps {
  readonly model: PickerModel
  readonly filter: Filter
  readonly onFilter: (filter: Filter) => void
}

/** What can be had at which price, and what is left of it; each line shows only its seats when it is pressed. */
export function Prices({ model, filter, onFilter, changes }: FilterProps & { readonly changes: number }): ReactNode {
  const { scene, text, words, isStale } = model
  const id = useId()
  const swatch = useRef<HTMLSpanElement>(null)
  const palette = usePalette(swatch, scene.hall)
  // biome-ignore lint/correctness/useExhaustiveDependencies: seats change outside React; `changes` says that they did.
  const left = useMemo(() => leftByCategory(scene, model), [scene, model, changes])
  const prices = pricesOf(scene.hall)
  return (
    <section aria-labelledby={`${id}-title`} className="picker-panel">
      <span ref={swatch} className="picker-probe" aria-hidden="true" />
      <h3 id={`${id}-title`}>{text.say('legend.prices')}</h3>
      <ul className="picker-prices">
        {scene.hall.categories.map(({ name }, at) => {
          const isOn = filter.categories.has(name)
          return (
            <li key={name}>
              <button
                type="button"
                aria-pressed={isOn}
                aria-label={`${text.say('legend.only', { category: name, price: words.price(name) })}, ${isStale ? text.say('left.unknown') : text.say('left', { count: left[at] ?? 0 })}`}
                onClick={() => {
                  const categories = new Set(filter.categories)
                  if (!categories.delete(name)) categories.add(name)
                  onFilter({ ...filter, categories })
                }}
              >
                <Sign kind="available" category={at} shape="standard" palette={palette} />
                <span className="picker-category">{name}</span>
                <span className="picker-price">{words.price(name)}</span>
                <span className="picker-left">{isStale ? '–' : text.number(left[at] ?? 0)}</span>
              </button>
            </li>
          )
        })}
      </ul>
      <div className="picker-filters">
        {prices.length > 1 && (
          <label>
            <span>{text.say('filter.price')}</span>
            <select
              value={filter.priceMax ?? ''}
              onChange={({ target }) => onFilter({ ...filter, priceMax: target.value === '' ? null : Number(target.value) })}
            >
              <option value="">{text.say('filter.anyPrice')}</option>
              {prices.slice(0, -1).map((price) => (
                <option key={price} value={price}>
                  {text.say('filter.upTo', { price: text.price(price) })}
                </option>
              ))}
            </select>
          </label>
        )}
        {hasAccessible(scene) && (
          <label className="picker-check">
            <input
              type="checkbox"
              checked={filter.accessible}
              onChange={({ target }) => onFilter({ ...filter, accessible: target.checked })}
            />
            <span>{text.say('filter.accessible')}</span>
          </label>
        )}
        {isFiltering(filter) && (
          <button type="button" className="picker-quiet" onClick={() => onFilter(NO_FILTER)}>
            {text.say('filter.clear')}
          </button>
        )}
      </div>
    </section>
  )
}

const SIGNS: readonly (readonly [Kind, Shape])[] = [
  ['available', 'standard'],
  ['selected', 'standard'],
  ['mine', 'standard'],
  ['held', 'standard'],
  ['sold', 'standard'],
  ['blocked', 'standard'],
]
const TYPED: readonly Shape[] = ['wheelchair', 'companion', 'restricted-view', 'vip']

/** The signs of the map and what they mean, of which only those that this hall has. */
export function Signs({ model }: { readonly model: PickerModel }): ReactNode {
  const { scene, text } = model
  const swatch = useRef<HTMLSpanElement>(null)
  const palette = usePalette(swatch, scene.hall)
  const types = useMemo(() => new Set(scene.seats.map(({ type }) => type)), [scene])
  return (
    <details className="picker-panel picker-signs">
      <summary>{text.say('legend.signs')}</summary>
      <span ref={swatch} className="picker-probe" aria-hidden="true" />
      <ul>
        {SIGNS.map(([kind, shape]) => (
          <li key={kind}>
            <Sign kind={kind} category={0} shape={shape} palette={palette} />
            {text.say(`status.${kind as 'available'}`)}
          </li>
        ))}
        {TYPED.filter((type) => types.has(type)).map((type) => (
          <li key={type}>
            <Sign kind="available" category={0} shape={type} palette={palette} />
            {text.say(`type.${type as 'vip'}`)}
          </li>
        ))}
      </ul>
    </details>
  )
}

/** As the map draws it, so that they cannot differ. */
function Sign(props: {
  readonly kind: Kind
  readonly category: number
  readonly shape: Shape
  readonly palette: ReturnType<typeof usePalette>
}): ReactNode {
  const { kind, category, shape, palette } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (canvas.current === null || !context || palette === undefined) return
    const ratio = Math.min(3, devicePixelRatio)
    canvas.current.width = canvas.current.height = Math.round(SIGN_PX * ratio)
    context.setTransform(ratio, 0, 0, ratio, (SIGN_PX / 2) * ratio, (SIGN_PX / 2) * ratio)
    drawSeat(context, kind, SIGN_PX * 0.36, { palette, category, shape })
  }, [kind, category, shape, palette])
  return (
    <span aria-hidden="true" className="picker-sign">
      <canvas ref={canvas} />
    </span>
  )
}

interface BestProps {
  readonly model: PickerModel
  readonly quantityMax: number
  readonly onBest: (quantity: number, category: string | null, accessible: boolean) => void
}

/** Lets the engine look for seats together. */
export function BestAvailable({ model, quantityMax, onBest }: BestProps): ReactNode {
  const { scene, text, words, isStale } = model
  const id = useId()
  const [quantity, setQuantity] = useState(Math.min(2, quantityMax))
  const [category, setCategory] = useState('')
  const [accessible, setAccessible] = useState(false)
  const most = Math.min(BEST_MAX, Math.max(1, quantityMax))
  const wanted = Math.min(quantity, most)
  const quantities = Array.from({ length: most }, (_, at) => at + 1)
  return (
    <form
      className="picker-panel picker-best"
      aria-labelledby={`${id}-title`}
      onSubmit={(event) => {
        event.preventDefault()
        if (!isStale) onBest(wanted, category === '' ? null : category, accessible)
      }}
    >
      <h3 id={`${id}-title`}>{text.say('best.title')}</h3>
      <div className="picker-fields">
        <label>
          <span>{text.say('best.quantity')}</span>
          <select value={wanted} onChange={({ target }) => setQuantity(Number(target.value))}>
            {quantities.map((each) => (
              <option key={each} value={each}>
                {text.number(each)}
              </option>
            ))}
          </select>
        </label>
        <label className="picker-grows">
          <span>{text.say('best.category')}</span>
          <select value={category} onChange={({ target }) => setCategory(target.value)}>
            <option value="">{text.say('best.any')}</option>
            {scene.hall.categories
              .filter(({ price }) => price !== null)
              .map(({ name }) => (
                <option key={name} value={name}>
                  {`${name}, ${words.price(name)}`}
                </option>
              ))}
          </select>
        </label>
      </div>
      {hasAccessible(scene) && (
        <label className="picker-check">
          <input type="checkbox" checked={accessible} onChange={({ target }) => setAccessible(target.checked)} />
          <span>{text.say('best.accessible')}</span>
        </label>
      )}
      <button type="submit" className="picker-primary" aria-disabled={isStale}>
        {text.say('best.find')}
      </button>
    </form>
  )
}
