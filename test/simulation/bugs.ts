import { DOMAIN_BUGS } from './domain-bugs.ts'
import { GATEWAY_BUGS } from './gateway-bugs.ts'
import type { Plant } from './plants.ts'
import { WORKER_BUGS } from './worker-bugs.ts'

/** Every mistake that is planted, by its name. */
export const BUGS: ReadonlyMap<string, Plant> = new Map(
  [...WORKER_BUGS, ...GATEWAY_BUGS, ...DOMAIN_BUGS].map((plant) => [plant.name, plant]),
)
