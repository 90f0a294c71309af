import { demoHall } from './demo-hall.ts'

export interface Demo {
  readonly performanceId: string
  readonly sectionId: string
}

const DEMO_NAME = 'Opening night'
const DAY_MS = 24 * 60 * 60 * 1000

/**
 * Makes the demo by the same requests that an organiser would send, or finds the one that an earlier start made.
 * Throws with the gateway's own words when a request is refused.
 */
export async function seedDemo(url: string, adminToken: string, nowMs: number): Promise<Demo> {
  async function call(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${adminToken}`,
        ...(body && { 'content-type': 'application/json', 'idempotency-key': `demo:${method}:${path}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as Record<string, unknown>
    if (!response.ok)
      throw new Error(
        `The demo could not be made: ${method} ${path} answered ${response.status} ${String(answer['detail'] ?? answer['title'])}`,
      )
    return answer
  }

  const known = (await call('GET', '/v1/performances?limit=100'))['data'] as { performanceId: string; name: string }[]
  const demo = known.find(({ name }) => name === DEMO_NAME)
  return { performanceId: demo?.performanceId ?? (await makePerformance(call, nowMs)), sectionId: 'stalls' }
}

async function makePerformance(
  call: (method: string, path: string, body: object) => Promise<Record<string, unknown>>,
  nowMs: number,
): Promise<string> {
  const address = { street: '1 Harbour Street', city: 'Rotterdam', postalCode: '3011 AA', country: 'NL' }
  const { venueId } = await call('POST', '/v1/venues', { name: 'Lantern Theatre', timeZone: 'Europe/Amsterdam', address })
  const { seatMapId } = await call('POST', `/v1/venues/${String(venueId)}/seat-maps`, demoHall())
  const startsAtMs = Math.ceil(nowMs / DAY_MS) * DAY_MS + 30 * DAY_MS + 19 * 60 * 60 * 1000
  const { performanceId } = await call('POST', '/v1/performances', {
    name: DEMO_NAME,
    seatMapId,
    startsAt: new Date(startsAtMs).toISOString(),
    endsAt: new Date(startsAtMs + 2 * 60 * 60 * 1000).toISOString(),
    currency: 'EUR',
    prices: [
      { category: 'Premium', amount: 8500 },
      { category: 'Stalls', amount: 5500 },
      { category: 'Balcony', amount: 3000 },
    ],
  })
  return String(performanceId)
}
