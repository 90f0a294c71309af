import { bestAvailable } from './measures/best-available.ts'
import { chain, decide, seats } from './measures/deciding.ts'
import { decisions } from './measures/decisions.ts'
import { fanOut } from './measures/fan-out.ts'
import { embedded, holds, hotSeats, partitions, quick } from './measures/holds.ts'
import { latency, overload } from './measures/latency.ts'
import { ledger } from './measures/ledger.ts'
import { heap, restore } from './measures/memory.ts'
import { profile } from './measures/profile.ts'
import { projections } from './measures/projections.ts'
import { replay } from './measures/replay.ts'
import type { Measure } from './support/measure.ts'

/** What `npm run bench` can measure, by name. */
export const MEASURES = {
  holds,
  'hot-seats': hotSeats,
  latency,
  overload,
  partitions,
  embedded,
  decisions,
  ledger,
  replay,
  decide,
  chain,
  seats,
  'best-available': bestAvailable,
  heap,
  restore,
  'fan-out': fanOut,
  projections,
  /** A sign of life and a tool, no figures to quote: left out unless they are named. */
  quick,
  profile,
} as const satisfies Record<string, Measure>
