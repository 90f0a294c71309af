import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Locale } from '../../words/locales.ts'
import { CURVES, type Curve, type Moment } from './fill-curve.ts'

const HEIGHT_PX = 280
/** A time with its seconds has room in it. */
const LABEL_PX = 100
const DASHES: Readonly<Record<Curve, number[]>> = { sold: [], held: [8, 4], blocked: [2, 4], available: [14, 4, 2, 4] }
const DAY_SECONDS = 86_400
/** A drawing that has just begun shows the minute before. */
const SPAN_SECONDS_MIN = 60

interface FillOptions {
  readonly locale: Locale
  readonly timeZone: string
  readonly shown: ReadonlySet<Curve>
}

/** A drawing inside of `place`, in the colours that the page has now. `put` gives it its data. */
export function drawFill(
  place: HTMLElement,
  { locale, timeZone, shown }: FillOptions,
): { readonly plot: uPlot; readonly put: (curve: readonly Moment[]) => void } {
  const style = getComputedStyle(place)
  const color = (name: string): string => style.getPropertyValue(name).trim()
  const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => new Intl.DateTimeFormat(locale, { timeZone, ...options })
  const [day, minute, second] = [
    format({ day: 'numeric', month: 'short' }),
    format({ hour: 'numeric', minute: '2-digit' }),
    format({ hour: 'numeric', minute: '2-digit', second: '2-digit' }),
  ]
  const axis = { stroke: color('--quiet'), grid: { stroke: color('--line'), width: 1 }, ticks: { stroke: color('--line'), width: 1 } }
  const plot = new uPlot(
    {
      width: Math.max(1, Math.floor(place.clientWidth)),
      height: HEIGHT_PX,
      legend: { show: false },
      cursor: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), timeZone),
      axes: [
        {
          ...axis,
          space: LABEL_PX,
          values: (_, splits, __, ___, step) => {
            const text = step >= DAY_SECONDS ? day : step >= 60 ? minute : second
            return splits.map((seconds) => text.format(seconds * 1_000))
          },
        },
        // Places are whole: no line between them has a number.
        {
          ...axis,
          size: 64,
          values: (_, splits) => splits.map((count) => (Number.isInteger(count) ? count.toLocaleString(locale) : '')),
        },
      ],
      scales: {
        x: { range: (_, min, max) => [Math.min(min, max - SPAN_SECONDS_MIN), max] },
        y: { range: (_, __, max) => [0, Math.max(1, (max || 1) * 1.05)] },
      },
      series: [
        {},
        ...CURVES.map((curve): uPlot.Series => {
          const stroke = color(`--state-${curve}`)
          return { stroke, width: 2, dash: DASHES[curve], show: shown.has(curve), points: { show: false }, ...stepped() }
        }),
      ],
    },
    [[], ...CURVES.map(() => [])],
    place,
  )
  return {
    plot,
    put(curve) {
      plot.setData([curve.map(({ atMs }) => atMs / 1_000), ...CURVES.map((each) => curve.map((moment) => moment[each]))])
    },
  }
}

/** A seat is sold at a moment, not little by little. */
function stepped(): Pick<uPlot.Series, 'paths'> {
  const paths = uPlot.paths.stepped?.({ align: 1 })
  return paths === undefined ? {} : { paths }
}
