import type { CommandId } from '@cavea/contracts/ids'

/** `same` and `other` speak of the body that the key was first used with. */
export type Claim = 'new' | 'same' | 'other'

/**
 * Remembers which body an idempotency key came with, across streams. Best effort: within one stream the decider knows
 * better, so a table that fails or forgets costs only the refusal of a key that is used for two different things.
 */
export interface KeyTable {
  claim(commandId: CommandId, bodyHash: string, ttlMs: number): Promise<Claim>
  close(): Promise<void>
}
