/** What the exit code says. `--help` documents them. */
export const EXIT = { ok: 0, broken: 1, usage: 2, unreachable: 3 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Ends the command with a sentence for the user. */
export class CliError extends Error {
  readonly code = 'CLI_ERROR'
  readonly exitCode: ExitCode
  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'CliError'
    this.exitCode = exitCode
  }
}

/** The whole of what went wrong as one sentence or a few; causes add what the message itself leaves out. */
export function sentenceOf(error: unknown): string {
  const sentences: string[] = []
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    const text = at.message.trim()
    if (text !== '' && !sentences.some((known) => known.includes(text))) sentences.push(/[.!?]$/.test(text) ? text : `${text}.`)
  }
  return sentences.join(' ') || 'Something went wrong, and it did not say what.'
}
