import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, type Api, expectStatus } from './client.ts'
import { ROOT } from './program.ts'

export const PRETIX = 'application/vnd.pretix.seating-plan+json'

/** A small theatre: Stalls A to D with 12 seats each, Balcony A and B with 10; seats are called `Stalls-A-1` and so on. */
export const theatrePlan = (): string => readFileSync(join(ROOT, 'test/fixtures/seating-plan.json'), 'utf8')

export const THEATRE_PRICES = [
  { category: 'Stalls', amount: 4500 },
  { category: 'Balcony', amount: 2500 },
]

/** A hall of equal sections called `S0`, `S1` and so on, as CSV; the seats of S0 are `S0-1-1`, `S0-1-2` … */
export function bigHall(size: { readonly sections: number; readonly rows: number; readonly seatsPerRow: number }): {
  readonly csv: string
  readonly sections: readonly (readonly string[])[]
} {
  const lines = ['section,row,number,seat_id,category']
  const sections = Array.from({ length: size.sections }, (_, section) => {
    const seats: string[] = []
    for (let row = 1; row <= size.rows; row++)
      for (let number = 1; number <= size.seatsPerRow; number++) {
        seats.push(`S${section}-${row}-${number}`)
        lines.push(`S${section},${row},${number},S${section}-${row}-${number},Any`)
      }
    return seats
  })
  return { csv: `${lines.join('\n')}\n`, sections }
}

export interface ImportedMap {
  readonly seatMapId: string
  readonly version: number
  readonly capacity: number
  readonly sections: readonly { readonly sectionId: string; readonly name: string; readonly capacity: number }[]
  readonly warnings: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[]
}

export const VENUE = {
  name: 'Small theatre',
  timeZone: 'Europe/Amsterdam',
  address: { street: 'Harbour Street 1', city: 'Rotterdam', postalCode: '3011 AA', country: 'NL' },
}

export async function createVenue(api: Api): Promise<string> {
  const made = await untilDecided((key) => api.asOrganiser('POST', '/v1/venues', { body: VENUE, key }))
  return expectStatus(made, 201).json<{ venueId: string }>().venueId
}

/** Sends a request again, with its key, while a busy machine leaves it undecided. */
export async function untilDecided(send: (key: string) => Promise<Answer>): Promise<Answer> {
  const key = randomUUID()
  const deadlineMs = performance.now() + 60_000
  for (;;) {
    const answer = await send(key)
    if ((answer.status !== 202 && answer.status !== 503) || performance.now() > deadlineMs) return answer
    await sleep(100)
  }
}

export async function importPlan(
  api: Api,
  venueId: string,
  plan: string,
  type: string,
  asked: { readonly key?: string } = {},
): Promise<Answer> {
  return await api.asOrganiser('POST', `/v1/venues/${venueId}/seat-maps`, { body: plan, type, ...asked })
}

/** Schedules a performance and waits until its sections are open. Terms are as the API takes them. */
export async function openPerformance(api: Api, seatMapId: string, terms: object): Promise<string> {
  const body = { seatMapId, startsAt: inMs(30 * 86_400_000), currency: 'EUR', ...terms }
  const made = await untilDecided((key) => api.asOrganiser('POST', '/v1/performances', { body, key }))
  const { performanceId } = expectStatus(made, 201).json<{ performanceId: string }>()
  await untilOpen(api, performanceId)
  return performanceId
}

export async function untilOpen(api: Api, performanceId: string): Promise<void> {
  const deadlineMs = Date.now() + 60_000
  for (;;) {
    const answer = await api.ask('GET', `/v1/performances/${performanceId}`)
    if (answer.status === 200 && answer.json<{ status: string }>().status !== 'opening') return
    if (Date.now() > deadlineMs) throw new Error(`The performance did not open: ${answer.status} ${answer.text}`)
    await sleep(50)
  }
}

/** A venue, the small theatre and a performance in it. */
export async function openTheatre(api: Api, terms: object = {}): Promise<{ venueId: string; seatMapId: string; performanceId: string }> {
  const venueId = await createVenue(api)
  const { seatMapId } = expectStatus(await importPlan(api, venueId, theatrePlan(), PRETIX), 201).json<ImportedMap>()
  const performanceId = await openPerformance(api, seatMapId, { prices: THEATRE_PRICES, ...terms })
  return { venueId, seatMapId, performanceId }
}

export const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString()

/** Asks again and again until the answer is right, and answers that one. Fails after `withinMs` with what came last. */
export async function eventually<Found>(what: string, withinMs: number, look: () => Promise<Found | undefined>): Promise<Found> {
  const deadlineMs = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadlineMs) throw new Error(`${what}: not within ${withinMs} ms.`)
    await sleep(50)
  }
}
