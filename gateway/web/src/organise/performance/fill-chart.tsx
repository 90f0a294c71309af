import { type ReactNode, useEffect, useId, useRef, useState, useSyncExternalStore } from 'react'
import type uPlot from 'uplot'
import { useWords } from '../../words/words.tsx'
import { Scrolled } from '../frame/scrolled.tsx'
import { useOrganiseWords } from '../words.ts'
import { drawFill } from './draw-fill.ts'
import { CURVES, type Curve, type Moment, some } from './fill-curve.ts'
import type { Recorded } from './use-counts.ts'

/** Of the table that says the same as the drawing. */
const ROWS = 20

interface FillChartProps {
  readonly curve: readonly Moment[]
  readonly recorded: Recorded
  readonly timeZone: string
}

/** How the hall filled over time, as a drawing with as many lines as are wanted, and as a table. */
export function FillChart({ curve, recorded, timeZone }: FillChartProps): ReactNode {
  const t = useOrganiseWords()
  const { locale } = useWords()
  const id = useId()
  const [shown, setShown] = useState<ReadonlySet<Curve>>(new Set(CURVES))
  const exact = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', timeZone })
  const toggle = (each: Curve): void => {
    const next = new Set(shown)
    if (!next.delete(each)) next.add(each)
    setShown(next)
  }
  return (
    <section className="chart" aria-labelledby={id}>
      <h2 id={id}>{t('chart.title')}</h2>
      {recorded === 'unknown' ? <p className="quiet">{t('chart.unknown')}</p> : null}
      <fieldset className="curves">
        <legend className="unseen">{t('chart.curves')}</legend>
        {CURVES.map((each) => (
          <label key={each} data-state={each}>
            <input type="checkbox" checked={shown.has(each)} onChange={() => toggle(each)} />
            <Line curve={each} />
            {t(`state.${each}`)}
          </label>
        ))}
      </fieldset>
      <Drawing curve={curve} shown={shown} timeZone={timeZone} />
      <details>
        <summary>{t('chart.table')}</summary>
        <Scrolled label={t('chart.table')}>
          <table className="numbers">
            <thead>
              <tr>
                <th scope="col">{t('chart.time')}</th>
                {CURVES.map((each) => (
                  <th key={each} scope="col">
                    {t(`state.${each}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {some(curve, ROWS).map((moment) => (
                <tr key={moment.atMs}>
                  <th scope="row">{exact.format(moment.atMs)}</th>
                  {CURVES.map((each) => (
                    <td key={each}>{moment[each].toLocaleString(locale)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolled>
      </details>
    </section>
  )
}

/** As the drawing has it: told apart by their dashes too. */
function Line({ curve }: { readonly curve: Curve }): ReactNode {
  return (
    <svg className="line-sample" viewBox="0 0 32 8" aria-hidden="true">
      <line x1="0" y1="4" x2="32" y2="4" data-state={curve} />
    </svg>
  )
}

interface DrawingProps {
  readonly curve: readonly Moment[]
  readonly shown: ReadonlySet<Curve>
  readonly timeZone: string
}

function Drawing({ curve, shown, timeZone }: DrawingProps): ReactNode {
  const t = useOrganiseWords()
  const { locale } = useWords()
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<{ readonly plot: uPlot; readonly put: (curve: readonly Moment[]) => void }>(undefined)
  const latest = useRef(curve)
  latest.current = curve
  const scheme = useScheme()
  // biome-ignore lint/correctness/useExhaustiveDependencies: other colours are another drawing.
  useEffect(() => {
    if (place.current === null) return
    const drawn = drawFill(place.current, { locale, timeZone, shown })
    drawn.put(latest.current)
    plot.current = drawn
    const resize = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0)
      if (width > 0 && width !== drawn.plot.width) drawn.plot.setSize({ width, height: drawn.plot.height })
    })
    resize.observe(place.current)
    return () => {
      resize.disconnect()
      drawn.plot.destroy()
      plot.current = undefined
    }
  }, [locale, timeZone, shown, scheme])
  useEffect(() => plot.current?.put(curve), [curve])
  const last = curve.at(-1)
  const words =
    last === undefined ? '' : t('chart.summary', { sold: last.sold, held: last.held, available: last.available, blocked: last.blocked })
  return <div ref={place} className="drawing" role="img" aria-label={words} />
}

/** Changes when the page's colours do. */
function useScheme(): string {
  return useSyncExternalStore(watchScheme, readScheme)
}

const DARK = '(prefers-color-scheme: dark)'
const readScheme = (): string => `${document.documentElement.dataset['scheme'] ?? ''} ${matchMedia(DARK).matches}`

function watchScheme(listener: () => void): () => void {
  const ending = new AbortController()
  matchMedia(DARK).addEventListener('change', listener, { signal: ending.signal })
  const watch = new MutationObserver(listener)
  watch.observe(document.documentElement, { attributes: true, attributeFilter: ['data-scheme'] })
  return () => {
    ending.abort()
    watch.disconnect()
  }
}
