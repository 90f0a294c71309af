import { createElement } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { ElementView } from './element-view.tsx'

/** Someone chose: `detail` of `cavea-select`. */
export interface SelectDetail {
  readonly seatIds: readonly string[]
}

/** Places in a standing area are wanted: `detail` of `cavea-area`. */
export interface AreaDetail {
  readonly sectionId: string
  readonly quantity: number
}

/** The engine is to look for seats: `detail` of `cavea-best-available`. */
export interface BestAvailableDetail {
  readonly quantity: number
  readonly category: string | null
  readonly accessible: boolean
}

const ATTRIBUTES = ['performance', 'endpoint', 'locale', 'quantity-max'] as const
type Attribute = (typeof ATTRIBUTES)[number]

/**
 * `<cavea-seat-picker performance="perf_…" endpoint="https://tickets.example" locale="vi" quantity-max="6">`: the picker for any
 * page. It loads the hall and follows its seats by itself, and tells what is chosen by events; holding seats is the page's part.
 * The gateway must allow the page's origin.
 */
export class CaveaSeatPicker extends HTMLElement {
  static readonly observedAttributes = ATTRIBUTES
  #root: Root | undefined
  #selected: ReadonlySet<string> = new Set()
  #mine: ReadonlySet<string> = new Set()

  /** Ids of seats that are selected. Setting them makes no event. */
  get selected(): readonly string[] {
    return [...this.#selected]
  }
  set selected(seatIds: Iterable<string>) {
    this.#selected = new Set(seatIds)
    this.#render()
  }

  /** Ids of seats that the page holds for its visitor. */
  get mine(): readonly string[] {
    return [...this.#mine]
  }
  set mine(seatIds: Iterable<string>) {
    this.#mine = new Set(seatIds)
    this.#render()
  }

  connectedCallback(): void {
    this.#root = createRoot(this.shadowRoot ?? this.attachShadow({ mode: 'open' }))
    this.#render()
  }

  disconnectedCallback(): void {
    this.#root?.unmount()
    this.#root = undefined
  }

  attributeChangedCallback(name: Attribute): void {
    // Seats of another performance mean nothing in this one.
    if (name === 'performance') this.#selected = this.#mine = new Set()
    this.#render()
  }

  #render(): void {
    const performanceId = this.getAttribute('performance') ?? ''
    this.#root?.render(
      performanceId === ''
        ? null
        : createElement(ElementView, {
            performanceId,
            endpoint: this.getAttribute('endpoint') ?? '',
            locale: this.getAttribute('locale') ?? (document.documentElement.lang || navigator.language),
            quantityMax: quantityOf(this.getAttribute('quantity-max')),
            selected: this.#selected,
            mine: this.#mine,
            onSelect: (selected) => {
              this.#selected = selected
              this.#render()
              this.#tell<SelectDetail>('cavea-select', { seatIds: [...selected] })
            },
            onArea: (sectionId, quantity) => this.#tell<AreaDetail>('cavea-area', { sectionId, quantity }),
            onBestAvailable: (quantity, category, accessible) =>
              this.#tell<BestAvailableDetail>('cavea-best-available', { quantity, category, accessible }),
          }),
    )
  }

  #tell<Detail>(name: string, detail: Detail): void {
    this.dispatchEvent(new CustomEvent<Detail>(name, { detail, bubbles: true, composed: true }))
  }
}

const QUANTITY_OTHERWISE = 6
function quantityOf(text: string | null): number {
  const quantity = Number(text ?? QUANTITY_OTHERWISE)
  return Number.isInteger(quantity) && quantity > 0 ? quantity : QUANTITY_OTHERWISE
}

if (customElements.get('cavea-seat-picker') === undefined) customElements.define('cavea-seat-picker', CaveaSeatPicker)
