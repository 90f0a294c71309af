import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino'

export type Logger = PinoLogger

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Whatever is logged under one of these names, down to two levels below the line's own fields, is replaced. */
const SECRETS = [
  'authorization',
  'Authorization',
  'proxy-authorization',
  'cookie',
  'Cookie',
  'set-cookie',
  'token',
  'buyerToken',
  'adminToken',
  'secret',
  'password',
  'sasl',
] as const
const DEPTHS = ['', '*.', '*.*.'] as const

/** One JSON object per line, to standard output unless a destination is given. Errors go under `err`. */
export function createLogger(options: {
  readonly service: string
  readonly level: LogLevel
  readonly destination?: DestinationStream
}): Logger {
  const settings = {
    level: options.level,
    base: { service: options.service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string): object => ({ level: label }) },
    redact: { paths: DEPTHS.flatMap((depth) => SECRETS.map((name) => pathOf(depth, name))), censor: '[redacted]' },
  }
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination)
}

function pathOf(depth: string, name: string): string {
  return name.includes('-') ? `${depth.replace(/\.$/, '')}["${name}"]` : `${depth}${name}`
}
