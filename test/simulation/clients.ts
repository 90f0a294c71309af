import { hash } from 'node:crypto'
import type { Codec } from '@cavea/contracts/codec'
import type { Actor, Decision } from '@cavea/contracts/envelope'
import { type CommandId, commandIdOf, placeOf } from '@cavea/contracts/ids'
import { bucketOf } from '@cavea/contracts/partitioning'
import type { Context } from '@cavea/contracts/topics'
import type { Answer } from '@cavea/gateway/ports/command-bus'
import { commandFor } from '@cavea/gateway/routes/hold-commands'
import { seatsInOneSection } from '@cavea/gateway/routes/seats'
import type { SimulatedGateway } from './gateway.ts'
import { ORGANISATION, timesOf } from './hall.ts'
import { expect } from './invariants.ts'
import { BOX_OFFICE, type Step, type Wish } from './script.ts'

/** A request as a client would repeat it: the same key and body for ever. */
export interface Request {
  readonly commandId: CommandId
  readonly bodyHash: string
  readonly actor: Actor
  /** What a gateway makes of it. Throws where it is refused before any command is sent. */
  readonly make: (gateway: SimulatedGateway, commandId: CommandId) => Promise<Made> | Made
}

export interface Made {
  readonly context: Context
  readonly bucket: number
  readonly message: { readonly type: string }
}

/** What a client learned of one of its requests. */
export interface Outcome {
  readonly request: Request
  readonly context: Context
  readonly decision: Decision
  /** The hold or block that it made. */
  readonly made: string | undefined
}

export const actorOf = (client: string): Actor => ({ kind: client === BOX_OFFICE ? 'organiser' : 'buyer', id: client })

export function requestOf(actor: Actor, key: string, body: unknown, make: Request['make']): Request {
  const bodyHash = hash('sha256', JSON.stringify(body), 'hex').slice(0, 32)
  return { commandId: commandIdOf(actor.id, key), bodyHash, actor, make }
}

/** What a gateway does with a request: it gives the answer that it remembers, or sends the command. Rejects as its command bus does. */
export async function send(gateway: SimulatedGateway, { commandId, bodyHash, actor, make }: Request): Promise<Answer> {
  const { bus } = gateway
  const recalled = bus.recall(commandId)
  if (recalled?.outcome === 'decided' && recalled.asked.envelope.bodyHash === bodyHash) {
    const { context, partition, asked } = recalled
    const message = await bus.messageOf(context, partition, asked.commandOffset).catch(() => undefined)
    if (message !== undefined) {
      expect(message.type === asked.envelope.commandType, () => `${commandId} is answered as if it were a ${message.type}.`, 'I2')
      return recalled
    }
  }
  const { context, bucket, message } = await make(gateway, commandId)
  const organisation = actor.kind === 'organiser' ? ORGANISATION : ''
  const ownIds = { commandId, correlationId: commandId, causationId: '' }
  const envelope = { ...ownIds, commandType: message.type, actor, organisation, bodyHash, traceparent: '' }
  return await bus.send(context, bucket, { envelope, message })
}

const ON_HOLD = { extend: ['ExtendHold', 'ExtendCart'], release: ['ReleaseHold', 'ReleaseCart'], sell: ['SellHold', 'SellCart'] } as const

/** The request of a step, or undefined when there is nothing that it could concern. */
export function requestOfStep(
  { id, client, wish }: Step,
  performanceId: string,
  outcomes: ReadonlyMap<number, Outcome>,
  requests: ReadonlyMap<number, Request>,
): Request | undefined {
  const actor = actorOf(client)
  const make = makerOf(wish, performanceId, outcomes)
  if (wish.do === 'again') return requests.get(wish.of)
  if (wish.do === 'misuse') {
    const of = requests.get(wish.of)
    return of && { ...of, bodyHash: hash('sha256', `another body ${id}`, 'hex').slice(0, 32) }
  }
  return make && requestOf(actor, `step ${id}`, wish, make)
}

function makerOf(wish: Wish, performanceId: string, outcomes: ReadonlyMap<number, Outcome>): Request['make'] | undefined {
  const holding = (input: Parameters<typeof commandFor>[2]): Request['make'] => {
    return async ({ directory, bus: commands, free }, commandId) => {
      const performance = directory.performance(performanceId)
      if (performance === undefined) throw new Error('The catalog is still being read.')
      return await commandFor({ commands, directory, free }, performance, input, commandId)
    }
  }
  switch (wish.do) {
    case 'seats':
      return holding({ seats: [...wish.seats] })
    case 'best': {
      const { quantity, section } = wish
      return holding({ bestAvailable: { quantity, accessible: false, price: {}, ...(section !== null && { section }) } } as never)
    }
    case 'area':
      return holding({ area: 'floor', quantity: wish.quantity })
    case 'extend':
    case 'release':
    case 'sell': {
      const holdId = outcomes.get(wish.of)?.made
      const place = holdId === undefined || !holdId.startsWith('hold_') ? undefined : placeOf(holdId)
      if (place === undefined) return undefined
      const [toSection, toCart] = ON_HOLD[wish.do]
      if (place.kind === 'cart') return () => ({ context: 'cart', bucket: place.bucket, message: { type: toCart, holdId } })
      return () => ({ context: 'seating', bucket: place.bucket, message: { type: toSection, holdId } })
    }
    case 'unblock': {
      const blockId = outcomes.get(wish.of)?.made
      const place = blockId === undefined ? undefined : placeOf(blockId)
      if (place === undefined) return undefined
      return () => ({ context: 'seating', bucket: place.bucket, message: { type: 'UnblockSeats', blockId } as Made['message'] })
    }
    case 'block':
      return async ({ directory, bus: commands }) => {
        const performance = directory.performance(performanceId)
        if (performance === undefined) throw new Error('The catalog is still being read.')
        const { sectionId, seats, bucket } = await seatsInOneSection({ commands, directory }, performance, wish.seats)
        return { context: 'seating', bucket, message: { type: 'BlockSeats', performanceId, sectionId, seats, note: '' } as Made['message'] }
      }
    case 'revise':
      return ({ directory }) => {
        const performance = directory.performance(performanceId)
        if (performance === undefined) throw new Error('The catalog is still being read.')
        const terms = {
          ...performance.terms,
          ...timesOf(wish.holdTtlMs),
          saleEndsAtMs: wish.price % 2 === 0 ? performance.terms.saleEndsAtMs : null,
          prices: [
            { category: 'A', ticketType: '', amount: wish.price },
            { category: 'B', ticketType: '', amount: 1 },
          ],
        }
        const message = { type: 'RevisePerformance', performanceId, onRevision: null, terms } as Made['message']
        return { context: 'catalog', bucket: bucketOf(ORGANISATION), message }
      }
    case 'again':
    case 'misuse':
      return undefined
    default:
      return wish satisfies never
  }
}

/** The id of the hold or block that a decision made. */
export function madeBy(codec: Codec, context: Context, { events }: Decision): string | undefined {
  for (const event of events) {
    if (event.type === 'SeatsHeld' || event.type === 'CartHeld')
      return codec.decodeMessage<{ type: string; holdId: string }>(context, event).holdId
    if (event.type === 'SeatsBlocked') return codec.decodeMessage<{ type: string; blockId: string }>(context, event).blockId
  }
  return undefined
}
