const NAMES: Readonly<Record<string, string>> = {
  black: '#000000',
  silver: '#c0c0c0',
  gray: '#808080',
  grey: '#808080',
  white: '#ffffff',
  maroon: '#800000',
  red: '#ff0000',
  purple: '#800080',
  fuchsia: '#ff00ff',
  magenta: '#ff00ff',
  green: '#008000',
  lime: '#00ff00',
  olive: '#808000',
  yellow: '#ffff00',
  orange: '#ffa500',
  navy: '#000080',
  blue: '#0000ff',
  teal: '#008080',
  aqua: '#00ffff',
  cyan: '#00ffff',
  pink: '#ffc0cb',
  brown: '#a52a2a',
  gold: '#ffd700',
}

const HEX = /^#(?:([0-9a-f]{6})(?:[0-9a-f]{2})?|([0-9a-f]{3})[0-9a-f]?)$/
const RGB = /^rgba?\(\s*(\d{1,3})\s*[\s,]\s*(\d{1,3})\s*[\s,]\s*(\d{1,3})\s*(?:[,/].*)?\)$/

/** A CSS colour as `#rrggbb`, without its transparency; undefined when it is written in a way that is not understood. */
export function colorToHex(color: string): string | undefined {
  const text = color.trim().toLowerCase()
  if (Object.hasOwn(NAMES, text)) return NAMES[text]
  const [, long, short] = HEX.exec(text) ?? []
  if (long !== undefined) return `#${long}`
  if (short !== undefined) return `#${[...short].map((digit) => digit + digit).join('')}`
  const channels = RGB.exec(text)?.slice(1, 4).map(Number)
  if (channels === undefined || channels.some((channel) => channel > 255)) return undefined
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
}
