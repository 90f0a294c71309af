/** How many digits the currency has behind its point. */
export function digitsOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
}

/**
 * An amount as somebody types it, in minor units; undefined when it is none. Points, commas, spaces and apostrophes are
 * understood however the language uses them: the last point or comma separates the fraction if no more digits follow than the
 * currency has, except where the same sign stands twice.
 */
export function parseAmount(text: string, currency: string): number | undefined {
  const digits = digitsOf(currency)
  const plain = text.trim().replace(/[\s\u00a0\u202f'’]/g, '')
  if (!/^\d[\d.,]*$/.test(plain)) return undefined
  const at = Math.max(plain.lastIndexOf('.'), plain.lastIndexOf(','))
  const sign = at === -1 ? '' : plain.charAt(at)
  const behind = at === -1 ? 0 : plain.length - at - 1
  const isFraction = at !== -1 && behind > 0 && behind <= digits && plain.indexOf(sign) === at
  const whole = isFraction ? plain.slice(0, at) : plain
  if (!/^\d+$/.test(whole) && !/^\d{1,3}([.,])\d{3}(\1\d{3})*$/.test(whole)) return undefined
  const minor = Number(whole.replace(/[.,]/g, '') + (isFraction ? plain.slice(at + 1) : '').padEnd(digits, '0'))
  return Number.isSafeInteger(minor) ? minor : undefined
}
