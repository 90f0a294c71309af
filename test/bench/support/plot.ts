import type { Result } from './measure.ts'
import { shown } from './statistics.ts'

const WIDTH = 760
const LABELS = 240
const NUMBERS = 120
const BAR = 18
const GAP = 12
const TOP = 44

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** One bar per row for one figure, with a line from the smallest to the largest repeat. */
export function barPlot({ title, rows }: Result, column: string): string {
  const bars = rows.flatMap(({ of, figures }) => {
    const spread = figures[column]
    return spread === undefined || !Number.isFinite(spread.median) ? [] : [{ of, spread }]
  })
  const most = Math.max(...bars.map(({ spread }) => spread.max), Number.MIN_VALUE)
  const x = (value: number): number => LABELS + (Math.max(0, value) / most) * (WIDTH - LABELS - NUMBERS)
  const lines = bars.map(({ of, spread }, at) => {
    const top = TOP + at * (BAR + GAP)
    const middle = top + BAR / 2
    const color = of.startsWith('Cavea') ? '#1b6f5c' : '#8a93a0'
    return [
      `<text x="${LABELS - 8}" y="${middle + 4}" text-anchor="end">${escaped(of)}</text>`,
      `<rect x="${LABELS}" y="${top}" width="${(x(spread.median) - LABELS).toFixed(1)}" height="${BAR}" fill="${color}"/>`,
      `<line x1="${x(spread.min).toFixed(1)}" x2="${x(spread.max).toFixed(1)}" y1="${middle}" y2="${middle}" stroke="#111" stroke-width="1.5"/>`,
      `<text x="${(x(spread.max) + 6).toFixed(1)}" y="${middle + 4}">${shown(spread.median)}</text>`,
    ].join('\n')
  })
  const height = TOP + bars.length * (BAR + GAP) + 8
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" role="img">
<title>${escaped(`${title}: ${column}`)}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="16" y="24" font-size="15">${escaped(`${title} (${column})`)}</text>
${lines.join('\n')}
</svg>
`
}
