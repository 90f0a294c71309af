import type { Projection } from '../application/projection.ts'
import { bookings } from './bookings/bookings.ts'
import { catalogue } from './catalogue/catalogue.ts'
import { decisions } from './decisions/decisions.ts'
import { halls } from './halls/halls.ts'
import { sections } from './sections/sections.ts'

/** Every read model there is. Adding one is adding a line. */
export const PROJECTIONS: readonly Projection[] = [halls, sections, catalogue, bookings, decisions]
