import { baseUrl } from '../import/gateway-client.ts'
import { type Check, fail, ok, warn } from './check.ts'

const TIMEOUT_MS = 5_000

/** A server that is down is a fault only where somebody said that there is one. */
export async function checkGateway(url: string, isNamed: boolean): Promise<Check> {
  const name = 'gateway'
  const ready = new URL('readyz', baseUrl(url))
  try {
    const answer = await fetch(ready, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    const text = (await answer.text()).trim()
    if (answer.ok) return ok(name, `${url} is ready`)
    return fail(
      name,
      `${url} answers ${answer.status}: ${text.slice(0, 300)}`,
      'Wait until it has caught up, or look at its log for the reasons that it gives.',
    )
  } catch {
    const detail = `nothing answers at ${url}`
    if (!isNamed) return warn(name, detail, 'Start the server, or name where it is with --url.')
    return fail(name, detail, 'Start the server, or correct --url or CAVEA_URL.')
  }
}
