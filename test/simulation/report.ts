import { FAULTS, type Options, optionsOf } from './options.ts'
import type { Result } from './run.ts'

const TRACE_LINES = 80

/** How one world went, and what is needed to see it again. */
export function describeResult(options: Options, { violation, trace, faults: happened, steps, virtualMs }: Result): string {
  const { faults, script, storms, seed, ...rest } = options
  const strengths = FAULTS.filter((name) => faults[name] > 0).map(
    (name) => `${name} ${faults[name].toFixed(2)} (${happened.get(name) ?? 0})`,
  )
  const drawn = optionsOf(seed).script.length
  const isShrunk = script.length < drawn
  return [
    `seed ${seed}: ${violation?.text ?? 'all went well'}`,
    `after ${steps} steps, ${(virtualMs / 1_000).toFixed(3)} s of simulated time`,
    `options: ${JSON.stringify(rest)}`,
    `faults, of 1, and how often they happened: ${strengths.join(', ') || 'none'}`,
    `storms: ${storms.map(({ fromMs, toMs }) => `${fromMs.toFixed(0)}–${toMs.toFixed(0)} ms`).join(', ') || 'none'}`,
    `clients, ${script.length} steps${isShrunk ? ` left of ${drawn}` : ''}:`,
    ...script.map(({ id, client, wish }) => `  ${id} ${client} ${JSON.stringify(wish)}`),
    `trace${trace.length > TRACE_LINES ? `, its last ${TRACE_LINES} lines of ${trace.length}` : ''}:`,
    ...trace.slice(-TRACE_LINES),
    `To repeat it: npm run simulate -- --seed ${seed}${isShrunk ? ' --shrink' : ''}`,
  ].join('\n')
}
