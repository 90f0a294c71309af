import type { Locale } from './locales.ts'

/** A price in minor units, as people of this language write it. */
export function priceText(amount: number, currency: string, locale: Locale): string {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency, trailingZeroDisplay: 'stripIfInteger' })
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2))
}

export type TimeStyle = 'day' | 'time' | 'full' | 'short'

const STYLES: Readonly<Record<TimeStyle, Intl.DateTimeFormatOptions>> = {
  day: { dateStyle: 'full' },
  time: { timeStyle: 'short' },
  full: { dateStyle: 'full', timeStyle: 'short' },
  short: { dateStyle: 'medium', timeStyle: 'short' },
}

/** A moment (RFC 3339 or epoch milliseconds). Without a time zone in the reader's own. */
export function timeText(at: string | number, style: TimeStyle, locale: Locale, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, { ...STYLES[style], ...(timeZone !== undefined && { timeZone }) }).format(new Date(at))
}

/** From one moment to another, with the day. */
export function spanText(from: string, to: string, locale: Locale, timeZone: string): string {
  return new Intl.DateTimeFormat(locale, { ...STYLES.full, timeZone }).formatRange(new Date(from), new Date(to))
}

/** `9:05`, or with hours `1:09:05`. Never below zero. */
export function clockText(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1_000))
  const hours = Math.floor(seconds / 3_600)
  const minutes = Math.floor(seconds / 60) % 60
  const two = (count: number): string => String(count).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}
