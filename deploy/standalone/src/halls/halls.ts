import { arena } from './arena.ts'
import { club } from './club.ts'
import type { HallPlan } from './hall-plan.ts'
import { theatre } from './theatre.ts'

/** The halls of the demo and of the tests, each the same for the same seed. */
export const HALLS = { theatre, arena, club } satisfies Record<string, (seed?: number) => HallPlan>
