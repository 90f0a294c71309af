import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'
import { type Api, apiOf, type Buyer, expectStatus } from '../support/client.ts'
import { openTheatre } from '../support/hall.ts'
import { type Standalone, startStandalone } from '../support/product.ts'
import { describePicker } from './picker-harness/harness.ts'

const START_MS = 180_000

describePicker('The seat picker on another site', (harness) => {
  let product: Standalone | undefined
  let api: Api
  let buyer: Buyer
  let performanceId = ''

  before(async function openSale() {
    this.timeout(START_MS)
    product = await startStandalone({ env: { CAVEA_CORS_ORIGINS: '*' } })
    api = apiOf(product)
    performanceId = (await openTheatre(api)).performanceId
    buyer = await api.newBuyer()
  })
  after(async function stopSale() {
    this.timeout(START_MS)
    await product?.stop()
  })

  async function openElement(query = ''): Promise<Page> {
    const { url } = product ?? { url: '' }
    const asked = new URLSearchParams({ performance: performanceId, endpoint: url, locale: 'en' })
    const { page } = await harness.openElement(`${asked}${query}`, `${url} ${url.replace('http', 'ws')}`)
    return page
  }

  const lost = (page: Page): Locator => page.getByText('The connection is lost. Which seats are free')

  async function openStalls(page: Page): Promise<(seat: string) => Locator> {
    await page.getByRole('tab', { name: 'List' }).click()
    await page.getByRole('button', { name: 'Stalls' }).first().click()
    return (seat) => page.getByRole('checkbox', { name: seat })
  }

  it('shows what others hold, tells what is chosen, and needs nothing of the page', async () => {
    const page = await openElement('&quantity-max=2')
    const seat = await openStalls(page)
    await seat('Row A, seat 1, Free').waitFor()
    expectStatus(await api.hold(performanceId, ['Stalls-A-1', 'Stalls-A-2'], buyer), 201)
    await seat('Row A, seat 1, Held by someone else').waitFor()
    await seat('Row A, seat 4,').click()
    await seat('Row A, seat 4, Selected').waitFor()
    assert.deepEqual(await page.evaluate<unknown>('window.told'), [['cavea-select', { seatIds: ['Stalls-A-4'] }]])
    assert.deepEqual(await page.evaluate<unknown>('document.querySelector("cavea-seat-picker").selected'), ['Stalls-A-4'])
  })

  it('says that the connection is lost, and goes on by itself once the server is back, though nothing happened meanwhile', async () => {
    const page = await openElement()
    const seat = await openStalls(page)
    await seat('Row B, seat 1, Free').waitFor()
    const back = product?.restart()
    await lost(page).waitFor()
    await seat('Row B, seat 1, Not known right now').waitFor()
    await back
    await lost(page).waitFor({ state: 'detached', timeout: 30_000 })
    await seat('Row B, seat 1, Free').waitFor()
    expectStatus(await api.hold(performanceId, ['Stalls-B-1'], buyer), 201)
    await seat('Row B, seat 1, Held by someone else').waitFor()
  })

  it('knows at once that the network is gone, and catches up with what happened when it is back', async () => {
    const page = await openElement()
    const seat = await openStalls(page)
    await seat('Row C, seat 1, Free').waitFor()
    await page.context().setOffline(true)
    await lost(page).waitFor()
    expectStatus(await api.hold(performanceId, ['Stalls-C-1'], buyer), 201)
    await page.context().setOffline(false)
    await seat('Row C, seat 1, Held by someone else').waitFor()
    await lost(page).waitFor({ state: 'detached' })
  })

  it('says that there is no such performance, and offers to try again', async () => {
    const { url } = product ?? { url: '' }
    const { page } = await harness.openElement(`performance=perf_none&endpoint=${encodeURIComponent(url)}&locale=en`, url)
    await page.getByText('There is no such performance.').waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('There is no such performance.').waitFor()
  })
})
