import type { IncomingMessage } from 'node:http'

/** Connections over which clients watch. */
export interface LiveSockets {
  /**
   * Takes the connection of a request over that asks to be upgraded. `address` stands for the client, of which there may
   * be only so many. Throws a problem, and then has taken nothing.
   */
  connect(request: IncomingMessage, address: string): void
  /** Asks all clients to come again, here or elsewhere, and takes no more. Resolves when all have gone. */
  close(): Promise<void>
}
