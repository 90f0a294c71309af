/** One variable that is missing or wrong. The value itself is never here when it could be a secret. */
export interface ConfigFault {
  readonly variable: string
  /** What is wrong, as a clause: `is not set`. */
  readonly problem: string
  /** A value that would do. */
  readonly example: string
}

/** The configuration cannot be used. It names every fault at once, so that an operator corrects them in one go. */
export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID'
  readonly retryable = false
  readonly faults: readonly ConfigFault[]

  constructor(faults: readonly ConfigFault[]) {
    const lines = faults.map(({ variable, problem, example }) => `  ${variable} ${problem}, for example ${variable}=${example}`)
    super(`The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${lines.join('\n')}`)
    this.name = 'ConfigError'
    this.faults = faults
  }
}

/** The environment as it is handed over; only a `main.ts` reads the process's own. */
export type Environment = Readonly<Record<string, string | undefined>>

interface Described {
  /** Shown in a fault. Needed where there is no default to show. */
  readonly example?: string
}
export interface TextOptions extends Described {
  /** Without one the variable must be set. */
  readonly default?: string
  readonly pattern?: RegExp
}
export interface IntegerOptions extends Described {
  readonly default?: number
  /** Inclusive. Default 0. */
  readonly min?: number
  /** Inclusive. Default: the largest safe integer. */
  readonly max?: number
}
export interface FlagOptions {
  readonly default: boolean
}
export interface ListOptions extends Described {
  /** Without one at least one entry must be given. */
  readonly default?: readonly string[]
  /** Every entry must match. */
  readonly pattern?: RegExp
}
export interface SecretOptions {
  /** At least this many characters. Default 1. */
  readonly charsMin?: number
  /** How to make one, shown instead of a value: `$(openssl rand -hex 32)`. */
  readonly example?: string
}

/**
 * Reads variables one by one. An unset, empty or blank variable counts as absent. A fault is noted and a stand-in
 * returned, so that reading goes on to the next fault; the stand-in is never used, since `readConfig` throws at the end.
 */
export interface ConfigReader {
  text(variable: string, options?: TextOptions): string
  /** Undefined when absent. */
  optionalText(variable: string, options?: Omit<TextOptions, 'default'>): string | undefined
  integer(variable: string, options?: IntegerOptions): number
  /** `1 true yes on` and `0 false no off`, in any case. */
  flag(variable: string, options: FlagOptions): boolean
  oneOf<Choice extends string>(variable: string, choices: readonly [Choice, ...Choice[]], options?: { readonly default?: Choice }): Choice
  /** Comma-separated; blanks around entries and empty entries are dropped. */
  list(variable: string, options?: ListOptions): readonly string[]
  secret(variable: string, options?: SecretOptions): string
  /** Undefined when absent. */
  optionalSecret(variable: string, options?: SecretOptions): string | undefined
  /** Notes a fault that only the caller can see, such as two settings that exclude each other. */
  fault(fault: ConfigFault): void
}

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ...['1', 'true', 'yes', 'on'].map((word): [string, boolean] => [word, true]),
  ...['0', 'false', 'no', 'off'].map((word): [string, boolean] => [word, false]),
])
const QUOTED_CHARS_MAX = 40
const SECRET_EXAMPLE = '$(openssl rand -hex 32)'

const quoted = (value: string): string => JSON.stringify(value.length > QUOTED_CHARS_MAX ? `${value.slice(0, QUOTED_CHARS_MAX)}…` : value)

/** Calls `shape` with a reader of `env` and returns what it made. Throws `ConfigError` with every fault that was noted. */
export function readConfig<Config>(env: Environment, shape: (read: ConfigReader) => Config): Config {
  const faults: ConfigFault[] = []
  const reader = readerOf(env, faults)
  let config: Config
  try {
    config = shape(reader)
  } catch (error) {
    if (faults.length > 0 && !(error instanceof ConfigError)) throw new ConfigError(faults) // It fell over a stand-in.
    if (!(error instanceof ConfigError)) throw error
    const noted = new Set(faults.map(({ variable }) => variable)) // Of these the caller got a stand-in to fall over.
    throw new ConfigError([...faults, ...error.faults.filter(({ variable }) => !noted.has(variable))])
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return config
}

function readerOf(env: Environment, faults: ConfigFault[]): ConfigReader {
  function given(variable: string): string | undefined {
    const value = env[variable]?.trim()
    return value === undefined || value === '' ? undefined : value
  }

  function faulty<StandIn>(variable: string, problem: string, example: string, standIn: StandIn): StandIn {
    faults.push({ variable, problem, example })
    return standIn
  }

  function matching(
    variable: string,
    value: string,
    options: { readonly pattern?: RegExp; readonly example?: string; readonly default?: string },
  ): string {
    if (options.pattern === undefined || options.pattern.test(value)) return value
    return faulty(variable, 'does not have the right form', options.example ?? options.default ?? '…', value) // Addresses may contain passwords: not quoted.
  }

  function checkedSecret(variable: string, value: string, { charsMin = 1, example = SECRET_EXAMPLE }: SecretOptions): string {
    const chars = [...value].length
    return chars >= charsMin ? value : faulty(variable, `has ${chars} characters and needs at least ${charsMin}`, example, value)
  }

  return {
    text(variable, options = {}) {
      const value = given(variable)
      if (value !== undefined) return matching(variable, value, options)
      return options.default ?? faulty(variable, 'is not set', options.example ?? '…', '')
    },
    optionalText(variable, options = {}) {
      const value = given(variable)
      return value === undefined ? undefined : matching(variable, value, options)
    },
    integer(variable, options = {}) {
      const { min = 0, max = Number.MAX_SAFE_INTEGER } = options
      const example = options.example ?? String(options.default ?? min)
      const value = given(variable)
      if (value === undefined) return options.default ?? faulty(variable, 'is not set', example, min)
      if (!/^[+-]?\d+$/.test(value)) return faulty(variable, `is ${quoted(value)} and not a whole number`, example, min)
      const number = Number(value)
      return number >= min && number <= max
        ? number
        : faulty(variable, `is ${quoted(value)} and not between ${min} and ${max}`, example, min)
    },
    flag(variable, options) {
      const value = given(variable)
      if (value === undefined) return options.default
      return (
        FLAGS.get(value.toLowerCase()) ??
        faulty(variable, `is ${quoted(value)} and neither true nor false`, String(options.default), options.default)
      )
    },
    oneOf(variable, choices, options = {}) {
      const [first] = choices
      const value = given(variable)
      if (value === undefined) return options.default ?? faulty(variable, `is not set (one of ${choices.join(', ')})`, first, first)
      return (
        choices.find((choice) => choice === value) ??
        faulty(variable, `is ${quoted(value)} and none of ${choices.join(', ')}`, options.default ?? first, first)
      )
    },
    list(variable, options = {}) {
      const entries = (given(variable) ?? '').split(',').flatMap((entry) => (entry.trim() === '' ? [] : [entry.trim()]))
      const example = options.example ?? options.default?.join(',') ?? '…'
      if (entries.length === 0) return options.default ?? faulty(variable, 'is not set', example, [])
      const { pattern } = options
      if (pattern !== undefined && !entries.every((entry) => pattern.test(entry)))
        return faulty(variable, 'has an entry without the right form', example, entries)
      return entries
    },
    secret(variable, options = {}) {
      const value = given(variable)
      return value === undefined
        ? faulty(variable, 'is not set', options.example ?? SECRET_EXAMPLE, '')
        : checkedSecret(variable, value, options)
    },
    optionalSecret(variable, options = {}) {
      const value = given(variable)
      return value === undefined ? undefined : checkedSecret(variable, value, options)
    },
    fault: (fault) => void faults.push(fault),
  }
}

const EX_CONFIG = 78 // Of sysexits.h: starting it again will not help.

/** `readConfig` for the start of a program: prints every fault and ends the process when there is one. */
export function configOrExit<Config>(env: Environment, shape: (read: ConfigReader) => Config): Config {
  try {
    return readConfig(env, shape)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(EX_CONFIG)
  }
}
