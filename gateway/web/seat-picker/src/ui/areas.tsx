import { type ReactNode, type RefObject, useState } from 'react'
import type { PickerSection } from '../types.ts'
import type { PickerModel } from './picker-model.ts'

interface AreasProps {
  readonly model: PickerModel
  readonly quantityMax: number
  readonly onArea: (sectionId: string, quantity: number) => void
  /** Where the map sends who touches an area. */
  readonly places: RefObject<Map<string, HTMLElement>>
}

/** Places to stand: how many, and taking them. */
export function Areas({ model, quantityMax, onArea, places }: AreasProps): ReactNode {
  const areas = model.scene.hall.sections.filter(({ standing }) => standing)
  if (areas.length === 0) return null
  return (
    <section className="picker-panel" aria-label={model.text.say('area.title')}>
      <h3>{model.text.say('area.title')}</h3>
      {areas.map((section) => (
        <Area key={section.sectionId} model={model} section={section} quantityMax={quantityMax} onArea={onArea} places={places} />
      ))}
    </section>
  )
}

function Area({ model, section, quantityMax, onArea, places }: AreasProps & { readonly section: PickerSection }): ReactNode {
  const { scene, state, text, words, isStale } = model
  const { sectionId, name } = section
  const [wanted, setWanted] = useState(1)
  const at = scene.hall.sections.indexOf(section)
  const { available } = state.counts(sectionId)
  const most = Math.min(quantityMax, available)
  const quantity = Math.max(1, Math.min(wanted, most))
  const isOff = isStale || most < 1
  const change = (by: number): void => setWanted(Math.max(1, Math.min(most, quantity + by)))
  return (
    <div
      className="picker-area"
      ref={(element) => {
        if (element === null) places.current.delete(sectionId)
        else places.current.set(sectionId, element)
      }}
    >
      <p>
        <strong>{name}</strong>
        {section.category !== undefined && <span className="picker-price">{words.price(section.category)}</span>}
        <span className="picker-left">{model.describeLeft(at)}</span>
      </p>
      {isOff && !isStale ? (
        <p className="picker-hint">{text.say('area.full')}</p>
      ) : (
        <div className="picker-stepper">
          <button
            type="button"
            aria-label={text.say('area.fewer', { name })}
            aria-disabled={isOff || quantity <= 1}
            onClick={() => change(-1)}
          >
            <span aria-hidden="true">−</span>
          </button>
          <output aria-label={text.say('area.quantity', { name })}>{text.number(quantity)}</output>
          <button
            type="button"
            aria-label={text.say('area.more', { name })}
            aria-disabled={isOff || quantity >= most}
            onClick={() => change(1)}
          >
            <span aria-hidden="true">+</span>
          </button>
          <button
            type="button"
            className="picker-primary"
            aria-disabled={isOff}
            aria-label={text.say('area.takeIn', { count: quantity, name })}
            onClick={() => {
              if (!isOff) onArea(sectionId, quantity)
            }}
          >
            {text.say('area.take', { count: quantity })}
          </button>
        </div>
      )}
    </div>
  )
}
