const FIELD = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)$/

/**
 * The moment at which a clock in the time zone shows what the field says (`2027-05-01T19:30`), as RFC 3339 in UTC; undefined
 * for what is no time. Where clocks go back it is the first of the two, where they go forward the moment after.
 */
export function instantOf(field: string, timeZone: string): string | undefined {
  const match = FIELD.exec(field)
  if (match === null) return undefined
  const asUtcMs = Date.parse(`${field}:00Z`)
  if (Number.isNaN(asUtcMs) || !new Date(asUtcMs).toISOString().startsWith(field)) return undefined
  const before = asUtcMs - offsetAt(asUtcMs - DAY_MS, timeZone)
  const after = asUtcMs - offsetAt(asUtcMs + DAY_MS, timeZone)
  const fitting = [before, after].filter((atMs) => fieldOf(atMs, timeZone) === field)
  return new Date(fitting.length > 0 ? Math.min(...fitting) : before).toISOString()
}

/** What a date field says at that moment in the time zone. */
export function fieldOf(atMs: number, timeZone: string): string {
  return new Date(atMs + offsetAt(atMs, timeZone)).toISOString().slice(0, 16)
}

const DAY_MS = 86_400_000

/** Milliseconds that clocks in the time zone are ahead of UTC. */
function offsetAt(atMs: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1_000) * 1_000
}
