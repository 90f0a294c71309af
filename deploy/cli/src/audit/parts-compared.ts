import type { CommandId, HoldId } from '@cavea/contracts/ids'
import type { Context } from '@cavea/contracts/topics'
import { type Cart, isAlive, isAnswerTo, isSamePart } from './cart.ts'
import { type Finding, finding, timeText } from './findings.ts'
import { seatList } from './seats.ts'
import type { IdleDecision, Order, SectionPart, SectionParts } from './section-parts.ts'

export interface PlacedFinding {
  readonly context: Context
  readonly partition: number
  readonly offset: number
  readonly finding: Finding
}

export interface ComparedParts {
  /** In no order. */
  readonly findings: readonly PlacedFinding[]
  /** Parts whose cart has decided what is to become of them, and whose section has not decided about it yet. */
  readonly underWay: number
}

export interface Sources {
  readonly carts: ReadonlyMap<HoldId, Cart>
  readonly parts: SectionParts
  /** What carts of a partition recorded before this offset, sections had recorded before their ends were taken. */
  readonly settledBefore: (partition: number) => number
  /** The hold that the command of a decision in seating named; undefined when it cannot be read. */
  readonly namedBy: (decision: IdleDecision) => Promise<string | undefined>
}

/**
 * Holds what carts say of their parts against what the sections say of them. The log of the sections was read up to a
 * moment before that of the carts ends, so all that a section did has its cause in a cart. What a cart caused may still
 * be on its way to the section: a part that is not sold or not released yet is a break only when the section has decided
 * about the very command that was to do it.
 */
export async function compareParts({ carts, parts, settledBefore, namedBy }: Sources): Promise<ComparedParts> {
  const findings: PlacedFinding[] = []
  let underWay = 0
  for (const part of parts.all()) {
    const { partition } = part
    const cart = carts.get(part.held.cartId)
    const judged = cart === undefined ? orphaned(part) : judge(part, cart)
    if (judged === undefined) continue
    if ('finding' in judged) {
      findings.push({ context: 'seating', partition, ...judged })
      continue
    }
    const inVain = await decidedInVain(part, judged, parts, namedBy)
    if (inVain === undefined) underWay++
    else findings.push({ context: 'seating', partition, ...inVain })
  }
  for (const cart of carts.values()) {
    if (isAlive(cart)) findings.push(...missingFrom(cart, parts, settledBefore(cart.partition)))
  }
  return { findings, underWay }
}

type Fault = Pick<PlacedFinding, 'offset' | 'finding'>

/** What the section is still to do, and the commands of the cart's that any of which makes it do so. */
interface Awaited {
  readonly order: Order
  readonly causes: readonly CommandId[]
}

const at = (offset: number, why: string): Fault => ({ offset, finding: finding('I1', why) })

const orphaned = ({ held, heldAt }: SectionPart): Fault =>
  at(heldAt, `${held.holdId} is held for attempt ${held.attempt} of ${held.cartId}, which was never opened`)

/** What is wrong with a part, or what it still waits for; undefined: it is what its cart says. */
function judge(part: SectionPart, cart: Cart): Fault | Awaited | undefined {
  const { held, heldAt, soldAt, extended } = part
  const { holdId, attempt, cartId } = held
  const returnedBy = cart.returned.get(holdId)
  const isGranted = cart.granted.has(holdId)
  if (!isGranted && returnedBy === undefined) {
    const request = [cart.awaited, ...cart.unanswered].find((asked) => asked?.attempt === attempt)
    if (request === undefined || request === null)
      return at(heldAt, `${holdId} is held for attempt ${attempt} of ${cartId}, which asked for no such part or has its answer already`)
    const isAsked = request.performanceId === held.performanceId && request.sectionId === held.sectionId && request.buyer === held.buyer
    if (!isAsked || !isAnswerTo(request, held.seats))
      return at(
        heldAt,
        `${holdId} has the seats ${seatList(held.seats)} for ${held.buyer}, which ${cartId} did not ask for in attempt ${attempt}`,
      )
  }
  if (extended !== null && !cart.timesMs.includes(extended.toMs))
    return {
      offset: extended.at,
      finding: finding('I7', `${holdId} is extended to ${timeText(extended.toMs)}, a time that ${cartId} never had`),
    }
  if (soldAt !== null)
    return isGranted && cart.state === 'sold'
      ? undefined
      : at(soldAt, `${holdId} is sold, but it is a part of ${cartId}, which is ${cart.state}`)
  if (isGranted && cart.state === 'sold') return { order: 'SellHold', causes: [cart.changedBy] }
  if (isAlive(cart) && returnedBy === undefined) return undefined
  // An ended cart may be given a part once more, late, and give it back once more: either command releases it.
  return { order: 'ReleaseHold', causes: [...(isAlive(cart) ? [] : [cart.changedBy]), ...(returnedBy === undefined ? [] : [returnedBy])] }
}

const DONE = { SellHold: 'sale', ReleaseHold: 'release' } as const

async function decidedInVain(
  { held }: SectionPart,
  { order, causes }: Awaited,
  parts: SectionParts,
  namedBy: Sources['namedBy'],
): Promise<Fault | undefined> {
  for (const decision of causes.flatMap((cause) => parts.idleAfter(cause))) {
    if (decision.order !== order || (await namedBy(decision)) !== held.holdId) continue
    const { holdId, cartId } = held
    return at(
      decision.offset,
      `it decides the ${DONE[order]} of ${holdId}, a part of ${cartId}, but the part stays held: nothing that is under way will change that`,
    )
  }
  return undefined
}

/** What a cart was granted is in its section, as it was granted, for as long as the cart has it. */
function missingFrom(cart: Cart, parts: SectionParts, settledBefore: number): PlacedFinding[] {
  const findings: PlacedFinding[] = []
  const { partition, holdId: cartId } = cart
  for (const [holdId, { part, attempt, offset }] of cart.granted) {
    const held = parts.get(holdId)?.held
    const add = (found: Finding): void => void findings.push({ context: 'cart', partition, offset, finding: found })
    if (held === undefined) {
      if (offset < settledBefore)
        add(
          finding(
            'I1',
            `${holdId} is granted to ${cartId}, which is ${cart.state}, but section ${part.sectionId} does not have it any more, or never had`,
          ),
        )
    } else if (held.cartId !== cartId) {
      add(finding('I1', `${holdId} is granted to ${cartId}, but its section holds it for ${held.cartId}`))
    } else if (!isSamePart(part, held) || held.performanceId !== cart.performanceId) {
      add(
        finding(
          'I6',
          `${holdId} has the seats ${seatList(part.seats)} of ${part.sectionId} for ${cartId}, but its section holds ${seatList(held.seats)}`,
        ),
      )
    } else if (held.attempt !== attempt || held.buyer !== cart.buyer) {
      add(
        finding(
          'I1',
          `${holdId} is granted to attempt ${attempt} of ${cart.buyer}, but its section holds it for attempt ${held.attempt} of ${held.buyer}`,
        ),
      )
    }
  }
  return findings
}
