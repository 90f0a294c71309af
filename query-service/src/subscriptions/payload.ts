const TEXT_FINAL = 0x81
const SHORT_MAX = 125
const MEDIUM_MAX = 65_535
/** A larger payload is not copied for each reader: its bytes are sent as they are, between two small ones. */
const COPIED_BYTES_MAX = 4_096
const TAIL = Buffer.from('}')

/** What comes before the payload in a `next` message of this operation. */
export const nextPrefix = (operationId: string): Buffer => Buffer.from(`{"id":${JSON.stringify(operationId)},"type":"next","payload":`)

/**
 * The payload of a `next` message, encoded once, as WebSocket frames (RFC 6455, from a server, without extensions) for
 * all that read it. Frames for the same operation id one after the other are the very same bytes.
 */
export class Payload {
  readonly bytes: Buffer
  #prefix: Buffer | undefined
  #frame: readonly Buffer[] = []

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  /** The parts of a frame, to be sent one after the other. `prefix` is what `nextPrefix` gave. */
  frame(prefix: Buffer): readonly Buffer[] {
    if (this.#prefix === undefined || !(this.#prefix === prefix || this.#prefix.equals(prefix))) {
      this.#frame = frameOf(prefix, this.bytes)
      this.#prefix = prefix
    }
    return this.#frame
  }
}

function frameOf(prefix: Buffer, payload: Buffer): readonly Buffer[] {
  const length = prefix.length + payload.length + TAIL.length
  const headBytes = length <= SHORT_MAX ? 2 : length <= MEDIUM_MAX ? 4 : 10
  const isCopied = payload.length <= COPIED_BYTES_MAX
  const frame = Buffer.allocUnsafe(headBytes + (isCopied ? length : prefix.length))
  frame[0] = TEXT_FINAL
  if (headBytes === 2) frame[1] = length
  else if (headBytes === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeUInt32BE(0, 2)
    frame.writeUInt32BE(length, 6)
  }
  prefix.copy(frame, headBytes)
  if (!isCopied) return [frame, payload, TAIL]
  payload.copy(frame, headBytes + prefix.length)
  TAIL.copy(frame, frame.length - TAIL.length)
  return [frame]
}
