import { HttpProblem } from '@cavea/service-kit/problem'
import type { Caller } from '@cavea/service-kit/tokens'

/** To an organiser, what belongs to another organisation does not exist. */
export function requireOwn(caller: Caller, of: { readonly organisation: string }, code: string): void {
  if (caller.organisation !== of.organisation) throw new HttpProblem({ status: 404, code, detail: 'There is no such thing here.' })
}
