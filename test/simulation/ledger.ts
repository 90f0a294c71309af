import { hash } from 'node:crypto'
import type { Decision } from '@cavea/contracts/envelope'
import { type Context, topicsOf } from '@cavea/contracts/topics'
import { CartModel } from './cart-model.ts'
import { SeatingModel } from './model.ts'

export interface Counted {
  readonly context: Context
  readonly partition: number
  readonly offset: number
  /** The head after it. */
  readonly head: string
  readonly value: Buffer
  readonly decision: Decision
  readonly events: readonly { readonly type: string }[]
}

/** A place in the chain: where the record stands that its head names, and the last command decided by then. */
interface Place {
  readonly offset: number
  readonly commandOffset: number
}

/** One partition of decisions, as the ledger rule has it and not as the code under test reads it. */
export interface TrueLedger {
  readonly context: Context
  readonly partition: number
  head: string
  commandOffset: number
  atMs: number
  readonly counted: Counted[]
  /** By head. */
  readonly places: Map<string, Place>
  /** Of all commands that were decided and that somebody may ask for again. */
  readonly commandIds: Set<string>
  voids: number
  readonly seating: SeatingModel
  readonly carts: CartModel
}

/** Where the link stands in a record: behind the five bytes of the frame. */
const LINK = { from: 5, to: 37 } as const

export function emptyLedger(context: Context, partition: number): TrueLedger {
  const head = hash('sha256', `cavea/1 ${topicsOf(context).events} ${partition}`, 'hex')
  return {
    context,
    partition,
    head,
    commandOffset: -1,
    atMs: 0,
    counted: [],
    places: new Map([[head, { offset: -1, commandOffset: -1 }]]),
    commandIds: new Set(),
    voids: 0,
    seating: new SeatingModel(),
    carts: new CartModel(),
  }
}

/** The ledger rule, written down a second time: the head after the record, or undefined where it does not count. */
export function headAfter({ head }: TrueLedger, value: Buffer): string | undefined {
  const links = value.length >= LINK.to && value.toString('hex', LINK.from, LINK.to) === head
  return links ? hash('sha256', value, 'hex') : undefined
}
