export type CheckStatus = 'ok' | 'warn' | 'fail'

/** One line of the doctor: what was looked at, what was found, and what to do about it. */
export interface Check {
  readonly name: string
  readonly status: CheckStatus
  readonly detail: string
  /** Empty when there is nothing to do. */
  readonly advice: string
}

export const ok = (name: string, detail: string): Check => ({ name, status: 'ok', detail, advice: '' })
export const warn = (name: string, detail: string, advice: string): Check => ({ name, status: 'warn', detail, advice })
export const fail = (name: string, detail: string, advice: string): Check => ({ name, status: 'fail', detail, advice })
