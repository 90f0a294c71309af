import type { PickerHall } from '../types.ts'
import { type Color, mix, parseColor, standingOut, toCss } from './color.ts'

/** The colours of a drawing, resolved from the page's style, as canvas needs them. */
export interface Palette {
  readonly paper: string
  readonly ground: string
  readonly line: string
  readonly ink: string
  readonly muted: string
  readonly accent: string
  readonly onAccent: string
  /** By category, then one for seats without. */
  readonly categories: readonly string[]
  /** For what does not match a filter: as light as 3:1 allows not, since it is to step back. */
  readonly dimmed: readonly string[]
  /** A section's by how much of it is left, from none to all. */
  tint(category: number, share: number): string
}

/** WCAG 2.2, 1.4.11: what is needed to understand a graphic. */
const CONTRAST_MIN = 3
const TOKENS = ['paper', 'ground', 'line', 'ink', 'muted', 'accent', 'on-accent'] as const
type Token = (typeof TOKENS)[number]
/** For categories to which the plan gives no colour; told apart by those with any colour vision. */
const OTHERWISE: readonly Color[] = [
  [0, 114, 178],
  [213, 94, 0],
  [0, 158, 115],
  [204, 121, 167],
  [86, 180, 233],
  [230, 159, 0],
]
const GREY: Color = [128, 128, 128]
const TINT_STEPS = 12

/** `probe` is an element inside the picker whose colour may be set: the style's own way is the only one that knows all its forms. */
export function readPalette(probe: HTMLElement, hall: PickerHall): Palette {
  const read = (token: Token): Color => {
    probe.style.color = `var(--picker-${token})`
    return parseColor(getComputedStyle(probe).color) ?? GREY
  }
  const tokens = Object.fromEntries(TOKENS.map((token) => [token, read(token)])) as Record<Token, Color>
  const { ground, paper, ink } = tokens
  const isForced = matchMedia('(forced-colors: active)').matches
  const colors = [...hall.categories.map(({ color }, at) => categoryColor(color, at)), tokens.muted].map((color) => {
    return isForced ? ink : standingOut(color, ground, CONTRAST_MIN)
  })
  const tints = new Map<number, string>()
  return {
    paper: toCss(paper),
    ground: toCss(ground),
    line: toCss(tokens.line),
    ink: toCss(ink),
    muted: toCss(tokens.muted),
    accent: toCss(tokens.accent),
    onAccent: toCss(tokens['on-accent']),
    categories: colors.map(toCss),
    dimmed: colors.map((color) => toCss(mix(ground, color, 0.35))),
    tint(category, share) {
      const step = Math.ceil(share * TINT_STEPS)
      const at = category < 0 ? colors.length - 1 : category
      const key = at * (TINT_STEPS + 1) + step
      const known = tints.get(key)
      if (known !== undefined) return known
      const tint = toCss(isForced ? paper : mix(ground, colors[at] ?? GREY, step === 0 ? 0 : 0.12 + (0.3 * step) / TINT_STEPS))
      tints.set(key, tint)
      return tint
    },
  }
}

export function categoryColor(color: string | null, at: number): Color {
  return (color === null ? undefined : parseColor(color)) ?? OTHERWISE[at % OTHERWISE.length] ?? GREY
}
