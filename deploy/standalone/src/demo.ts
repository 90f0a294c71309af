import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HallPlan } from './halls/hall-plan.ts'
import { HALLS } from './halls/halls.ts'

export interface Demo {
  /** Where the banner's first request asks for seats: in the theatre. */
  readonly performanceId: string
  readonly sectionId: string
  /** All of them, the theatre's first. */
  readonly performances: readonly DemoPerformance[]
}

export interface DemoPerformance {
  readonly name: string
  readonly hall: string
  readonly performanceId: string
}

interface Show {
  readonly name: string
  readonly hall: string
  readonly plan: () => HallPlan
  readonly street: string
  /** So many days from now, at this hour of UTC. */
  readonly start: { readonly days: number; readonly hour: number }
  readonly terms: { readonly orphanRule?: 'lenient'; readonly purchaseLimit?: number }
  /** By category, in cents. */
  readonly prices: Readonly<Record<string, number>>
}

const IN_THEATRE: Show = {
  name: 'Opening night',
  hall: 'Lantern Theatre',
  plan: HALLS.theatre,
  street: '1 Harbour Street',
  start: { days: 30, hour: 19 },
  terms: { orphanRule: 'lenient' },
  prices: { Premium: 8500, Stalls: 5500, Circle: 4500, Balcony: 3000, Boxes: 9500, 'Restricted view': 2000 },
}
const IN_ARENA: Show = {
  name: 'Harbour Lights tour',
  hall: 'Harbour Arena',
  plan: HALLS.arena,
  street: '20 Quay Road',
  start: { days: 60, hour: 18 },
  terms: {},
  prices: { Floor: 6500, Premium: 12000, 'Lower tier': 8500, 'Upper tier': 5500, 'Upper tier rear': 4500, 'Side view': 3500 },
}
const IN_CLUB: Show = {
  name: 'Late set',
  hall: 'Cellar Club',
  plan: HALLS.club,
  street: '3 Cooper Lane',
  start: { days: 14, hour: 21 },
  terms: { purchaseLimit: 6 },
  prices: { Floor: 2200, Gallery: 2800 },
}

const SEAT_MAP_TYPE = 'application/vnd.cavea.seat-map+json'
const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS
/** Enough for a machine that is busy with other things. */
const TRIES_MAX = 10

/**
 * Makes the demo by the same requests that an organiser would send, or finds by name what an earlier start made. Throws
 * with the gateway's own words when a request is refused.
 */
export async function seedDemo(url: string, adminToken: string, nowMs: number): Promise<Demo> {
  const organiser = organiserAt(url, adminToken)
  const known = await performancesByName(organiser)
  const performances: DemoPerformance[] = []
  for (const show of [IN_THEATRE, IN_ARENA, IN_CLUB]) {
    const performanceId = known.get(show.name) ?? (await makePerformance(organiser, show, nowMs))
    performances.push({ name: show.name, hall: show.hall, performanceId })
  }
  return { performanceId: performances[0]?.performanceId ?? '', sectionId: 'stalls', performances }
}

async function makePerformance(organiser: Organiser, show: Show, nowMs: number): Promise<string> {
  const address = { street: show.street, city: 'Rotterdam', postalCode: '3011 AA', country: 'NL' }
  const { venueId } = await organiser.post('/v1/venues', { name: show.hall, timeZone: 'Europe/Amsterdam', address })
  const { seatMapId } = await organiser.post(`/v1/venues/${String(venueId)}/seat-maps`, show.plan(), SEAT_MAP_TYPE)
  const startsAtMs = (Math.ceil(nowMs / DAY_MS) + show.start.days) * DAY_MS + show.start.hour * HOUR_MS
  const { performanceId } = await organiser.post('/v1/performances', {
    name: show.name,
    seatMapId,
    startsAt: new Date(startsAtMs).toISOString(),
    endsAt: new Date(startsAtMs + 2 * HOUR_MS).toISOString(),
    currency: 'EUR',
    ...show.terms,
    prices: Object.entries(show.prices).map(([category, amount]) => ({ category, amount })),
  })
  return String(performanceId)
}

/** The oldest of each name, as the list begins with the oldest. */
async function performancesByName(organiser: Organiser): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>()
  let cursor = ''
  do {
    const page = await organiser.get(`/v1/performances?limit=100${cursor}`)
    for (const { name, performanceId } of page['data'] as { performanceId: string; name: string }[])
      if (!known.has(name)) known.set(name, performanceId)
    cursor = typeof page['next'] === 'string' ? `&cursor=${encodeURIComponent(page['next'])}` : ''
  } while (cursor !== '')
  return known
}

type Answer = Readonly<Record<string, unknown>>

interface Organiser {
  readonly get: (path: string) => Promise<Answer>
  /** The same path and body are the same intent, so a demo that was left half made is finished and never made twice. */
  readonly post: (path: string, body: object, mediaType?: string) => Promise<Answer>
}

function organiserAt(url: string, adminToken: string): Organiser {
  const authorization = `Bearer ${adminToken}`

  /** Asks again, as the answer advises, while a busy machine is behind: every request here may be repeated. */
  async function ask(
    method: string,
    path: string,
    request: { headers?: Readonly<Record<string, string>>; body?: string } = {},
  ): Promise<Answer> {
    for (let tries = 1; ; tries++) {
      const response = await fetch(`${url}${path}`, { method, ...request, headers: { authorization, ...request.headers } })
      const answer = (await response.json()) as Answer
      const isUndecided = response.status === 202
      if (response.ok && !isUndecided) return answer
      if (tries === TRIES_MAX || !(isUndecided || answer['retryable'] === true)) {
        const reason = answer['detail'] ?? answer['title'] ?? answer['status']
        throw new Error(`The demo could not be made: ${method} ${path} answered ${response.status} ${String(reason)}`)
      }
      await sleep(Number(response.headers.get('retry-after') ?? 1) * 1_000)
    }
  }

  return {
    get: (path) => ask('GET', path),
    post(path, json, mediaType = 'application/json') {
      const body = JSON.stringify(json)
      const intent = createHash('sha256').update(`${path}\n${body}`).digest('hex')
      return ask('POST', path, { headers: { 'content-type': mediaType, 'idempotency-key': `demo:${intent}` }, body })
    },
  }
}
