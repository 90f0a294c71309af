import type { IncomingMessage } from 'node:http'
import type { ReadAnswer } from './read-service.ts'

/** Lets clients watch what changes. */
export interface LiveService {
  /**
   * Takes over the connection of a request that asks to be upgraded, on behalf of the client that `address` stands for.
   * Answers what is to be answered instead, when there is something. Throws `ReadServiceError` and problems.
   */
  connect(request: IncomingMessage, address: string): Promise<ReadAnswer | undefined>
  /** Asks the clients to come again, here or elsewhere. Resolves when all have gone. */
  close(): Promise<void>
}
