import type { Socket } from 'node:net'
import type { Caller } from '@cavea/service-kit/tokens'
import { WebSocket } from 'ws'

/** A client that writes so much more than it reads is not served any longer. */
const UNREAD_BYTES_MAX = 4 * 1024 * 1024
const WINDOW_MS = 60_000
export const TRY_AGAIN_LATER = 1013
const TOO_MANY_MESSAGES = 4429

/** One WebSocket, and the TCP connection below it, to which ready-made frames are written. */
export class LiveConnection {
  readonly address: string
  /** Whom the client proved to be when it began. */
  caller: Caller | undefined
  readonly #webSocket: WebSocket
  readonly #socket: Socket
  readonly #messagesMax: number
  #isAlive = true
  #windowEndMs = 0
  #messages = 0

  constructor(webSocket: WebSocket, socket: Socket, address: string, messagesPerMinuteMax: number) {
    this.#webSocket = webSocket
    this.#socket = socket
    this.address = address
    this.#messagesMax = messagesPerMinuteMax
    webSocket.on('pong', () => {
      this.#isAlive = true
    })
  }

  /** Resolves when the network has the text, or the connection is no more. */
  sendText(text: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.#webSocket.readyState !== WebSocket.OPEN) return resolve()
      this.#webSocket.send(text, () => resolve()) // Who went away is told by 'close'.
    })
  }

  /**
   * Writes a whole frame as it is. That is right because extensions are off, so that every frame of `ws` is whole and
   * written at once too: frames never lie inside each other.
   */
  write(frame: readonly Buffer[]): void {
    if (this.#webSocket.readyState !== WebSocket.OPEN || !this.#socket.writable) return
    const [only] = frame
    if (only !== undefined && frame.length === 1) {
      this.#socket.write(only)
      return
    }
    this.#socket.cork()
    for (const part of frame) this.#socket.write(part)
    this.#socket.uncork()
  }

  waitingBytes(): number {
    return this.#socket.writableLength
  }

  /** Counts a message. Answers false, and ends the connection, when there were too many or the client reads nothing. */
  takesMessage(nowMs: number): boolean {
    this.#isAlive = true
    if (nowMs >= this.#windowEndMs) {
      this.#windowEndMs = nowMs + WINDOW_MS
      this.#messages = 0
    }
    if (++this.#messages > this.#messagesMax) this.close(TOO_MANY_MESSAGES, 'Too many messages')
    else if (this.waitingBytes() > UNREAD_BYTES_MAX) this.cut()
    else return true
    return false
  }

  /** Pings, and gives a client up that has not answered the ping before. */
  beat(): void {
    if (!this.#isAlive) {
      this.#webSocket.terminate()
      return
    }
    this.#isAlive = false
    if (this.#webSocket.readyState === WebSocket.OPEN) this.#webSocket.ping()
  }

  close(code: number, reason: string): void {
    this.#webSocket.close(code, reason)
  }

  /** Of a client that reads too slowly: the close frame itself would have to wait behind all the rest. */
  cut(): void {
    if (this.waitingBytes() === 0) this.close(TRY_AGAIN_LATER, 'Too slow')
    else this.#webSocket.terminate()
  }

  terminate(): void {
    this.#webSocket.terminate()
  }
}
