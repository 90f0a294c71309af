import { randomOf } from '../support/random.ts'

/** A generator of its own for every concern of a seed, so that switching one off leaves the others as they were. */
export function randomFor(seed: number, concern: string): () => number {
  let mixed = seed | 0
  for (let at = 0; at < concern.length; at++) mixed = Math.imul(mixed ^ concern.charCodeAt(at), 0x01000193)
  const random = randomOf(mixed)
  random()
  return random
}
