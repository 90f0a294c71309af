/** Red, green and blue, 0 to 255. */
export type Color = readonly [red: number, green: number, blue: number]

const HEX = /^#([0-9a-f]{6})$/i
const HEX_SHORT = /^#([0-9a-f]{3})$/i
const RGB = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/
const SRGB = /^color\(srgb\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)/
const STEPS = 20

/** A colour as plans and computed styles write it; undefined when it is written in another way. */
export function parseColor(text: string): Color | undefined {
  const [, long] = HEX.exec(text) ?? []
  const [, short] = HEX_SHORT.exec(text) ?? []
  const hex = long ?? (short === undefined ? undefined : [...short].map((digit) => digit + digit).join(''))
  if (hex !== undefined) return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Color
  const rgb = RGB.exec(text)
  if (rgb !== null) return [Number(rgb[1]), Number(rgb[2]), Number(rgb[3])]
  const srgb = SRGB.exec(text)
  return srgb === null ? undefined : [Number(srgb[1]) * 255, Number(srgb[2]) * 255, Number(srgb[3]) * 255]
}

export const toCss = ([red, green, blue]: Color): string => `rgb(${Math.round(red)}, ${Math.round(green)}, ${Math.round(blue)})`

/** `share` of `b`, the rest of `a`. */
export const mix = (a: Color, b: Color, share: number): Color => {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share]
}

/** As WCAG 2.2 defines it. */
export function luminance(color: Color): number {
  const [red, green, blue] = color.map((channel) => {
    const share = channel / 255
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as unknown as Color
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** As WCAG 2.2 defines it: 1 to 21. */
export function contrast(a: Color, b: Color): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((one, other) => other - one) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

const BLACK: Color = [0, 0, 0]
const WHITE: Color = [255, 255, 255]

/** The colour, or the nearest to it on the way to black or to white that stands out from `ground` so much. */
export function standingOut(color: Color, ground: Color, contrastMin: number): Color {
  const end = luminance(ground) > 0.18 ? BLACK : WHITE
  for (let step = 0; step < STEPS; step++) {
    const candidate = mix(color, end, step / STEPS)
    if (contrast(candidate, ground) >= contrastMin) return candidate
  }
  return end
}

/** Black or white, whichever is read better on it. */
export const inkOn = (ground: Color): Color => (contrast(ground, WHITE) >= contrast(ground, BLACK) ? WHITE : BLACK)
