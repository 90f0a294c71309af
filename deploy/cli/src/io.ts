/** Where a command speaks to. `main.ts` gives the process's own streams. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Whether `err` is a terminal, so that a line can be written over. */
  readonly errIsTerminal: boolean
  readonly signal: AbortSignal
}

/** How the result is told: one JSON document for machines, or text for people. */
export function tell(io: Io, json: boolean, result: unknown, text: () => string): void {
  io.out(json ? `${JSON.stringify(result, null, 2)}\n` : `${text()}\n`)
}

/** Columns wide enough for their cells; columns of numbers end in line. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [head, ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)))]
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  const lines = cells.map((row) =>
    row
      .map((cell, column) => {
        const isNumber = rows.length > 0 && rows.every((of) => typeof of[column] === 'number')
        return isNumber ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)
      })
      .join('  ')
      .trimEnd(),
  )
  return lines.join('\n')
}

const DRAW_INTERVAL_MS = 100
const LINE_INTERVAL_MS = 1_000
const BAR_CHARS = 24

export interface Progress {
  readonly at: (done: number, total: number) => void
  /** Leaves the terminal's line clean. */
  readonly end: () => void
}

/** A bar on a terminal, a plain line every second elsewhere; either way on standard error. */
export function progressOf(io: Io, label: string): Progress {
  const startedMs = performance.now()
  let drawnMs = startedMs
  let isDrawn = false
  return {
    at(done, total) {
      const now = performance.now()
      if (now - drawnMs < (io.errIsTerminal ? DRAW_INTERVAL_MS : LINE_INTERVAL_MS)) return
      drawnMs = now
      const share = total > 0 ? Math.min(1, done / total) : 1
      const rate = Math.round((done * 1_000) / (now - startedMs)).toLocaleString('en')
      const text = `${label}: ${done.toLocaleString('en')} of ${total.toLocaleString('en')} records, ${rate}/s`
      if (!io.errIsTerminal) return io.err(`${text}\n`)
      const filled = Math.round(share * BAR_CHARS)
      io.err(`\r\x1b[2K[${'#'.repeat(filled)}${'.'.repeat(BAR_CHARS - filled)}] ${text}`)
      isDrawn = true
    },
    end() {
      if (isDrawn) io.err('\r\x1b[2K')
    },
  }
}
