import type { LedgerStart } from '@cavea/event-log/ledger-reader'

export interface PublicMessage {
  readonly key: string
  readonly value: Buffer
  readonly headers: Readonly<Record<string, string>>
}

export interface Source {
  readonly topic: string
  readonly partition: number
}

/** The right to write what one source partition says, until somebody else opens the same. */
export interface Publication {
  /** Where the last committed transaction ended; undefined where that is not remembered (any more). */
  readonly position: LedgerStart | undefined
  /** The id of the last event that readers see (`ce_id`), asked only where the position is not remembered; undefined: none. */
  readonly lastEventId: string | undefined
  /**
   * Writes the messages and the position in one transaction: both or none. When it throws, either may be the case, and the
   * publication is at its end: open another, which knows.
   */
  commit(messages: readonly PublicMessage[], position: LedgerStart): Promise<void>
}

/** Writes public topics exactly once. */
export interface Publisher {
  /**
   * Ends every earlier publication of this source, whoever has it: its transaction under way is rolled back, and it can never
   * commit again. What it committed before is in what this answers. The target has the source's partitions.
   */
  open(source: Source, target: string): Promise<Publication>
  close(): Promise<void>
}

/** Somebody else has opened this publication. */
export class PublicationTakenError extends Error {
  readonly code = 'PUBLICATION_TAKEN'
  constructor({ topic, partition }: Source, cause?: unknown) {
    super(`Another process publishes ${topic}/${partition} now.`, { cause })
    this.name = 'PublicationTakenError'
  }
}
