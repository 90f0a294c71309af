import type { Candidate, CartWish } from '@cavea/contracts/cart/messages'
import type { SectionId } from '@cavea/contracts/ids'
import { BEST_AVAILABLE_STEPS, type BestAvailableStep } from '@cavea/contracts/seats'
import type { Ask } from './looking.ts'

/** What a section has in truth: by the size of a group, how it could sit there; undefined: not at all. */
export interface Truth {
  readonly free: number
  readonly stepOf: (group: number) => BestAvailableStep | undefined
}

export type Answer =
  | { readonly granted: number }
  | { readonly granted: 0; readonly code: string; readonly have: number; readonly step: BestAvailableStep | '' }

const rankOf = (step: BestAvailableStep): number => BEST_AVAILABLE_STEPS.indexOf(step)

/** How a section answers: the largest group of those asked for that it can seat, unless it would sit in a worse way than asked. */
export function answer({ free, stepOf }: Truth, { quantity, atLeast, worstStep }: Ask): Answer {
  for (let group = Math.min(quantity, free); group >= atLeast; group--) {
    const step = stepOf(group)
    if (step === undefined) continue
    if (rankOf(step) <= rankOf(worstStep)) return { granted: group }
    return { granted: 0, code: 'SEATS_NOT_TOGETHER', have: free, step }
  }
  return { granted: 0, code: 'NOT_ENOUGH_SEATS', have: free, step: '' }
}

/** What a cart should get, said a second time and all at once: with every section's truth in view, and no rounds. */
export function expected(
  { candidates, standing, quantity, accessible }: Pick<CartWish, 'candidates' | 'standing' | 'quantity' | 'accessible'>,
  truthOf: (candidate: Candidate) => Truth,
): ReadonlyMap<SectionId, number> | undefined {
  const ways: readonly BestAvailableStep[] = standing ? ['any'] : accessible ? ['adjacent'] : ['adjacent', 'split-rows', 'any']
  for (const way of ways)
    for (const candidate of candidates) {
      const { free, stepOf } = truthOf(candidate)
      const step = quantity <= free ? stepOf(quantity) : undefined
      if (step !== undefined && rankOf(step) <= rankOf(way)) return new Map([[candidate.sectionId, quantity]])
    }
  if (accessible) return undefined
  const parts = new Map<SectionId, number>()
  let missing = quantity
  for (const candidate of candidates) {
    const { free, stepOf } = truthOf(candidate)
    let group = Math.min(missing, free)
    while (group > 0 && stepOf(group) === undefined) group--
    if (group === 0) continue
    parts.set(candidate.sectionId, group)
    missing -= group
  }
  return missing === 0 ? parts : undefined
}
