import assert from 'node:assert/strict'
import { builtWeb } from '../browser/support/browser.ts'
import { type Answer, type Api, apiOf, expectProblem, expectStatus } from '../support/client.ts'
import { describeProduct } from '../support/describe-product.ts'
import {
  createVenue,
  eventually,
  type ImportedMap,
  importPlan,
  inMs,
  openPerformance,
  PRETIX,
  THEATRE_PRICES,
  theatrePlan,
  untilDecided,
} from '../support/hall.ts'

const WITHIN_MS = 20_000
const HTML = { accept: 'text/html,*/*;q=0.8' }

describeProduct('The pages', {}, ({ product }) => {
  let api: Api
  let last: Api
  let seatMapId = ''

  before(async () => {
    await builtWeb()
    api = apiOf(product())
    last = apiOf({ url: product().urls.at(-1) ?? '', adminToken: product().adminToken })
    seatMapId = expectStatus(await importPlan(api, await createVenue(api), theatrePlan(), PRETIX), 201).json<ImportedMap>().seatMapId
  })

  const linkedDataOf = ({ text }: Answer): { readonly name: string; readonly offers: readonly { readonly availability: string }[] } =>
    JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/s.exec(text)?.[1] ?? '') as never

  it('are there as soon as a performance is, through every gateway', async () => {
    const body = { seatMapId, name: 'Première', startsAt: inMs(86_400_000), currency: 'EUR', prices: THEATRE_PRICES }
    const made = await untilDecided((key) => api.asOrganiser('POST', '/v1/performances', { body, key }))
    const { performanceId } = expectStatus(made, 201).json<{ performanceId: string }>()
    const page = expectStatus(await last.ask('GET', `/performances/${performanceId}`, { headers: HTML }), 200)
    assert.match(page.text, /<h1>Première<\/h1>/)
    assert.equal(linkedDataOf(page).name, 'Première')
  })

  it('say that everything is sold when it is', async () => {
    const performanceId = await openPerformance(api, seatMapId, { name: 'Dernière', prices: THEATRE_PRICES, seatsPerHold: 100 })
    const { sections } = await api.seats(performanceId)
    const seats = sections.flatMap((section) => section.seats.map(({ seatId }) => seatId))
    expectStatus(await api.hold(performanceId, seats, 'organiser'), 201)
    // The page waits for no version: it is for people who did nothing yet.
    const page = await eventually('the page to say so', WITHIN_MS, async () => {
      const read = expectStatus(await api.ask('GET', `/performances/${performanceId}`, { headers: HTML }), 200)
      return read.text.includes('Sold out') ? read : undefined
    })
    assert.deepEqual([...new Set(linkedDataOf(page).offers.map(({ availability }) => availability))], ['https://schema.org/SoldOut'])
  })

  it('bring their script, and leave the API as it is', async () => {
    const page = expectStatus(await api.ask('GET', '/', { headers: HTML }), 200)
    const script = /<script type="module"[^>]* src="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const file = expectStatus(await last.ask('GET', script, { headers: { 'accept-encoding': 'br' } }), 200)
    assert.deepEqual([file.headers['content-encoding'], file.headers['cache-control']], ['br', 'public, max-age=31536000, immutable'])
    assert.equal(expectStatus(await api.ask('GET', '/'), 200).json<{ documentation: string }>().documentation, '/docs')
    expectProblem(await api.ask('GET', '/v1/performances/perf_none', { headers: HTML }), 404, 'PERFORMANCE_NOT_FOUND')
  })
})
