import type { Candidate, CartTerms, CartWish, ChosenSeats, OpenCart } from '@cavea/contracts/cart/messages'
import { type MapSection, type Performance, priceOf, type SeatMap } from '@cavea/contracts/catalog/directory'
import type { SectionSummary } from '@cavea/contracts/catalog/messages'
import { type CommandId, derivedKey, type SeatIndex, type SectionId } from '@cavea/contracts/ids'
import { bucketOf, sectionKey } from '@cavea/contracts/partitioning'
import type { HoldBestAvailable, HoldSeats } from '@cavea/contracts/seating/messages'
import { streamsOf } from '@cavea/contracts/streams'
import type { Context as LogContext } from '@cavea/contracts/topics'
import type { BestAvailableInput, HoldInput } from '../parse/requests.ts'
import { InvalidInputError } from '../parse/validate.ts'
import type { RouteDeps } from './deps.ts'
import type { FreeSeats } from './free-seats.ts'
import { findSeatMap } from './lookups.ts'
import { locateSeats, refuseOpening } from './seats.ts'

/** A hold in one stream is that stream's to decide; one over several is a cart's. */
export interface HoldCommand {
  readonly context: LogContext
  readonly bucket: number
  readonly message: HoldSeats | HoldBestAvailable | OpenCart
}

type CommandDeps = Pick<RouteDeps, 'commands' | 'directory'> & { readonly free: FreeSeats }

/** What every hold gets, see the policy that opens sections. */
const EXTENSIONS = 1

const NOT_CHOSEN = { chosen: [], candidates: [], standing: false, categories: [], accessible: false } as const

/** Which command a request for a hold is. Throws the problem when it names what is not there, and while nothing is open yet. */
export async function commandFor(
  deps: CommandDeps,
  performance: Performance,
  { seats, bestAvailable, area, quantity }: HoldInput,
  commandId: CommandId,
): Promise<HoldCommand> {
  if (seats !== undefined) return chosenSeats(deps, performance, seats, commandId)
  if (bestAvailable !== undefined) return bestSeats(deps, performance, bestAvailable, commandId)
  return places(performance, area ?? '', quantity ?? 0, commandId) // The request was checked to have both.
}

async function chosenSeats(
  deps: CommandDeps,
  performance: Performance,
  seatIds: readonly string[],
  commandId: CommandId,
): Promise<HoldCommand> {
  const bySection = new Map<SectionId, SeatIndex[]>()
  for (const { section, index } of await locateSeats(deps, performance, seatIds)) {
    const seats = bySection.get(section.sectionId)
    if (seats === undefined) bySection.set(section.sectionId, [index])
    else seats.push(index)
  }
  refuseOpening(performance)
  const chosen = Array.from(bySection, ([sectionId, seats]): ChosenSeats => ({ sectionId, seats }))
  const [only, ...others] = chosen.sort((one, other) => (one.sectionId < other.sectionId ? -1 : 1))
  if (only !== undefined && others.length === 0) {
    const { performanceId } = performance
    return toStream({ type: 'HoldSeats', performanceId, sectionId: only.sectionId, seats: only.seats, cart: null })
  }
  return toCart(performance, { ...NOT_CHOSEN, chosen, quantity: seatIds.length }, commandId)
}

async function bestSeats(
  deps: CommandDeps,
  performance: Performance,
  wish: BestAvailableInput,
  commandId: CommandId,
): Promise<HoldCommand> {
  const map = await findSeatMap(deps, performance.seatMapId)
  const sections = wish.section === undefined ? seatedSections(performance) : [seatedSection(performance, wish.section)]
  const categories = wishedCategories(performance, map, sections, wish)
  const fitting = sections.length === 1 ? sections : sections.filter((section) => hasSeats(offerOf(map, section).categories, categories))
  if (fitting.length === 0) throw invalid('/category', 'NO_SEATS', `No section has seats of the category "${categories.join(', ')}".`)
  refuseOpening(performance)

  const { quantity, accessible } = wish
  const [only, ...others] = fitting
  if (only !== undefined && others.length === 0) return toStream(bestIn(performance, only.sectionId, { quantity, categories, accessible }))
  const free = await deps.free(performance.performanceId)
  const candidates = fitting
    .filter((section) => !accessible || hasSeats(offerOf(map, section).withWheelchairs, categories))
    .map(({ sectionId, focalDistance }): Candidate => ({ sectionId, available: free.get(sectionId) ?? -1, distance: focalDistance }))
  return toCart(performance, { ...NOT_CHOSEN, candidates, quantity, categories, accessible }, commandId)
}

function places(performance: Performance, area: string, quantity: number, commandId: CommandId): HoldCommand {
  const section = performance.sections.find(({ sectionId }) => sectionId === area)
  const areas = performance.sections.filter(isStanding)
  if (section === undefined) {
    const known = areas.length === 0 ? 'there is none' : `only ${idsOf(areas)}`
    throw new InvalidInputError([{ pointer: '/area', code: 'UNKNOWN_SECTION', detail: `There is no standing area "${area}": ${known}.` }])
  }
  if (!isStanding(section)) {
    const detail = `"${section.name}" has seats: ask for them with \`seats\` or \`bestAvailable\`.`
    throw new InvalidInputError([{ pointer: '/area', code: 'NOT_A_STANDING_AREA', detail }])
  }
  refuseOpening(performance)
  const shards = streamsOf(section).map(({ sectionId }) => sectionId)
  const [only, ...others] = shards
  if (only !== undefined && others.length === 0) return toStream(bestIn(performance, only, { quantity, categories: [], accessible: false }))
  // Each shard has its share of the places alike, so none is better than another.
  const candidates = shards.map((sectionId): Candidate => ({ sectionId, available: -1, distance: 0 }))
  return toCart(performance, { ...NOT_CHOSEN, candidates, standing: true, quantity }, commandId)
}

const isStanding = ({ shards }: SectionSummary): boolean => shards > 0
const idsOf = (sections: readonly SectionSummary[]): string => sections.map(({ sectionId }) => sectionId).join(', ')

const invalid = (at: string, code: string, detail: string): InvalidInputError =>
  new InvalidInputError([{ pointer: `/bestAvailable${at}`, code, detail }])

function seatedSections({ sections }: Performance): readonly SectionSummary[] {
  const seated = sections.filter((section) => !isStanding(section))
  if (seated.length === 0) throw invalid('', 'NO_SEATS', `There are standing areas only: ask with \`area\` for one of ${idsOf(sections)}.`)
  return seated
}

function seatedSection({ sections }: Performance, wished: string): SectionSummary {
  const section = sections.find(({ sectionId }) => sectionId === wished)
  if (section === undefined) throw invalid('/section', 'UNKNOWN_SECTION', `There is no section "${wished}", only ${idsOf(sections)}.`)
  if (isStanding(section))
    throw invalid('/section', 'STANDING_AREA', `"${section.name}" is a standing area: ask for its places with \`area\` and \`quantity\`.`)
  return section
}

/** The categories that are wished for; empty: any. */
function wishedCategories(
  { terms, currency }: Performance,
  map: SeatMap,
  sections: readonly SectionSummary[],
  { category, price: { min, max } = {} }: BestAvailableInput,
): readonly string[] {
  if (category !== undefined && !map.categories.some(({ name }) => name === category))
    throw invalid('/category', 'UNKNOWN_CATEGORY', `The seat map has no category "${category}".`)
  const named = category === undefined ? [] : [category]
  if (min === undefined && max === undefined) return named
  const offered = named.length > 0 ? named : categoriesIn(map, sections)
  const inRange = offered.filter((name) => {
    const amount = priceOf(terms.prices, name)
    return amount !== undefined && amount >= (min ?? 0) && amount <= (max ?? Number.POSITIVE_INFINITY)
  })
  if (inRange.length > 0) return inRange
  const prices = offered.map((name) => `${name} ${priceOf(terms.prices, name) ?? 0}`).join(', ')
  throw invalid('/price', 'NO_CATEGORY_IN_RANGE', `No price is in this range. In minor units of ${currency} they are: ${prices}.`)
}

function categoriesIn(map: SeatMap, sections: readonly SectionSummary[]): readonly string[] {
  const offered = new Set(sections.flatMap((section) => [...offerOf(map, section).categories]))
  return map.categories.map(({ name }) => name).filter((name) => offered.has(name))
}

const hasSeats = (offered: ReadonlySet<string>, wished: readonly string[]): boolean =>
  wished.length === 0 ? offered.size > 0 : wished.some((category) => offered.has(category))

/** The categories of a section's seats, and those of its wheelchair places. */
interface Offer {
  readonly categories: ReadonlySet<string>
  readonly withWheelchairs: ReadonlySet<string>
}

/** Found once per section: a published seat map never changes. */
const offers = new WeakMap<MapSection, Offer>()

function offerOf(map: SeatMap, { sectionId }: SectionSummary): Offer {
  const section = map.sections.get(sectionId)
  const seats = section?.seats ?? []
  const known = (section && offers.get(section)) ?? {
    categories: new Set(seats.map(({ category }) => category)),
    withWheelchairs: new Set(seats.filter(({ type }) => type === 'wheelchair').map(({ category }) => category)),
  }
  if (section !== undefined) offers.set(section, known)
  return known
}

function bestIn(
  { performanceId }: Performance,
  sectionId: SectionId,
  wish: Pick<CartWish, 'quantity' | 'categories' | 'accessible'>,
): HoldBestAvailable {
  return { type: 'HoldBestAvailable', performanceId, sectionId, ...wish, atLeast: wish.quantity, worstStep: 'any', cart: null }
}

function toStream(message: HoldSeats | HoldBestAvailable): HoldCommand {
  return { context: 'seating', bucket: bucketOf(sectionKey(message.performanceId, message.sectionId)), message }
}

function toCart({ performanceId, organisation, terms }: Performance, wish: CartWish, commandId: CommandId): HoldCommand {
  const message: OpenCart = { type: 'OpenCart', performanceId, organisation, ...wish, terms: cartTerms(terms) }
  return { context: 'cart', bucket: bucketOf(derivedKey(commandId)), message }
}

function cartTerms(terms: Performance['terms']): CartTerms {
  const { holdTtlMs, extensionMs, holdMaxMs, seatsPerHoldMax, purchaseLimit, sectionLimit } = terms
  return { holdTtlMs, extensionMs, extensions: EXTENSIONS, holdMaxMs, seatsPerHoldMax, purchaseLimit, sectionLimit }
}
