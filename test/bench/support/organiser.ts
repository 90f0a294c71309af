import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Tokens } from '@cavea/service-kit/tokens'
import { scratchDir } from './programs.ts'
import type { HallShape } from './wrk.ts'

const OPEN_WITHIN_MS = 120_000

/** Seats are called `S0-1-1`: section, row and number, rows and numbers from 1. */
export function* seatsOf({
  sections,
  rows,
  seatsPerRow,
}: HallShape): Generator<{ section: string; row: number; number: number; id: string }> {
  for (let section = 0; section < sections; section++)
    for (let row = 1; row <= rows; row++)
      for (let number = 1; number <= seatsPerRow; number++)
        yield { section: `S${section}`, row, number, id: `S${section}-${row}-${number}` }
}

export const capacityOf = ({ sections, rows, seatsPerRow }: HallShape): number => sections * rows * seatsPerRow

/** Makes a venue, imports the hall and opens so many performances in it, through the API as any organiser. */
export async function openPerformances(
  of: { readonly url: string; readonly adminToken: string },
  shape: HallShape,
  count: number,
): Promise<readonly string[]> {
  const post = <Answer>(path: string, body: object | string): Promise<Answer> => call(of, 'POST', path, body)
  const address = { street: 'Harbour Street 1', city: 'Rotterdam', postalCode: '3011 AA', country: 'NL' }
  const { venueId } = await post<{ venueId: string }>('/v1/venues', { name: 'Bench', timeZone: 'Europe/Amsterdam', address })
  const { seatMapId } = await post<{ seatMapId: string }>(`/v1/venues/${venueId}/seat-maps`, csvOf(shape))
  const opened: string[] = []
  for (let at = 0; at < count; at++) {
    const { performanceId } = await post<{ performanceId: string }>('/v1/performances', {
      seatMapId,
      startsAt: new Date(Date.now() + 30 * 86_400_000).toISOString(),
      currency: 'EUR',
      prices: [{ category: 'Any', amount: 4500 }],
      holdPolicy: { ttlSeconds: 3_600, extensionSeconds: 600, maxSeconds: 7_200 },
    })
    await untilOpen(of, performanceId)
    opened.push(performanceId)
  }
  return opened
}

/** How many seats of a performance are held, as the read side says now. */
export async function heldSeats(of: { readonly url: string; readonly adminToken: string }, performanceId: string): Promise<number> {
  const { sections } = await call<{ sections: readonly { held: number }[] }>(of, 'GET', `/v1/performances/${performanceId}/availability`)
  return sections.reduce((sum, section) => sum + section.held, 0)
}

/** A file of buyers' tokens, one a line. */
export function writeTokens(tokens: Tokens, count: number): string {
  const file = join(scratchDir('tokens'), 'tokens.txt')
  const nowMs = Date.now()
  writeFileSync(file, `${Array.from({ length: count }, () => tokens.issueBuyer(nowMs).buyerToken).join('\n')}\n`)
  return file
}

function csvOf(shape: HallShape): string {
  const lines = ['section,row,number,seat_id,category']
  for (const { section, row, number, id } of seatsOf(shape)) lines.push(`${section},${row},${number},${id},Any`)
  return `${lines.join('\n')}\n`
}

async function untilOpen(of: { readonly url: string; readonly adminToken: string }, performanceId: string): Promise<void> {
  const deadlineMs = Date.now() + OPEN_WITHIN_MS
  for (;;) {
    const answer = await fetch(`${of.url}/v1/performances/${performanceId}`)
    const text = await answer.text()
    if (answer.ok && (JSON.parse(text) as { status: string }).status !== 'opening') return
    if (Date.now() > deadlineMs) throw new Error(`The performance did not open: ${answer.status} ${text}`)
    await sleep(50)
  }
}

async function call<Answer>(
  { url, adminToken }: { readonly url: string; readonly adminToken: string },
  method: string,
  path: string,
  body?: object | string,
): Promise<Answer> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${adminToken}`,
      ...(body !== undefined && { 'content-type': typeof body === 'string' ? 'text/csv' : 'application/json' }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text.slice(0, 1_000)}`)
  return JSON.parse(text) as Answer
}
