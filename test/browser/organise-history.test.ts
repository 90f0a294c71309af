import assert from 'node:assert/strict'
import { type Api, apiOf, expectStatus, type Hold } from '../support/client.ts'
import { eventually, openTheatre } from '../support/hall.ts'
import { describeInBrowser } from './support/browser.ts'
import { faultsOfPage } from './support/faults.ts'
import { organiserAt } from './support/organiser.ts'

/** Read models follow the log; the first has to be made. */
const FOLLOWED_MS = 30_000

describeInBrowser('What an organiser sees of the past', (site) => {
  let api: Api
  let performanceId = ''

  /** The seat A-1 is held, given back, held by another and sold to her. */
  before(async function decide() {
    this.timeout(60_000)
    api = apiOf(site.product())
    ;({ performanceId } = await openTheatre(api, { name: 'Opening night' }))
    const [ann, bob] = [await api.newBuyer(), await api.newBuyer()]
    const holdOf = async (by: typeof ann) =>
      expectStatus(await api.hold(performanceId, ['Stalls-A-1', 'Stalls-A-2'], by), 201).json<Hold>().holdId
    expectStatus(await api.release(await holdOf(ann), ann), 200)
    const hold = await holdOf(bob)
    expectStatus(await api.sell(hold), 200)
    await eventually('The history of the seat', FOLLOWED_MS, async () => {
      const answer = await api.asOrganiser('GET', `/v1/performances/${performanceId}/seats/Stalls-A-1/decisions`)
      return answer.status === 200 && answer.json<{ data: readonly object[] }>().data.length >= 4 ? true : undefined
    })
  })

  const pathOf = (page: string): string => `/organise/performances/${performanceId}${page}`

  it('tells every decision about a seat, with its command and who sent it', async () => {
    const page = await organiserAt(site, pathOf('/seats'))
    await page.getByRole('tab', { name: 'List' }).click()
    await page.getByRole('button', { name: /Stalls .*left/, expanded: false }).click()
    await page
      .getByRole('grid')
      .getByRole('button', { name: /Row A, seat 1, / })
      .click()
    await page.getByRole('heading', { name: 'Stalls, row A, seat 1' }).waitFor()
    const decisions = page.locator('.decisions > li')
    await decisions.first().waitFor()
    assert.deepEqual(await page.evaluate<string[]>(`[...document.querySelectorAll('.decisions > li')].map((item) => item.dataset.event)`), [
      'SeatsSold',
      'SeatsHeld',
      'HoldReleased',
      'SeatsHeld',
    ])
    assert.deepEqual(await decisions.locator('.decision-what').allInnerTexts(), [
      'Sold by the organiser',
      'Held for a buyer',
      'Given back by a buyer',
      'Held for a buyer',
    ])
    await decisions.first().getByText('Details').click()
    await decisions
      .first()
      .getByText(/^SellHold cmd_/)
      .waitFor()
    assert.deepEqual(await faultsOfPage(page, 'seat history'), [])
  })

  it('shows the hall as it was, moment by moment, and by keyboard', async () => {
    const page = await organiserAt(site, pathOf('/seats?seat=Stalls-A-1'))
    await page.getByRole('tab', { name: 'List' }).click()
    await page.getByRole('button', { name: /Stalls .*left/, expanded: false }).click()
    const neighbour = (status: string) => page.getByRole('grid').getByRole('button', { name: new RegExp(`Row A, seat 2, .*${status}`) })
    await neighbour('Sold').waitFor()
    await page.getByRole('button', { name: 'Show how it was' }).click()
    const slider = page.getByLabel('Moment')
    await slider.focus()
    for (const [key, status] of [
      ['Home', 'Free'],
      ['ArrowRight', 'Held'],
      ['ArrowRight', 'Free'],
      ['ArrowRight', 'Held'],
      ['ArrowRight', 'Sold'],
    ] as const) {
      await page.keyboard.press(key)
      await neighbour(status).waitFor()
      await page.locator('.moment', { hasText: status }).waitFor()
    }
    assert.deepEqual(await faultsOfPage(page, 'time travel'), [])
    await page.getByRole('button', { name: 'Back to the present' }).click()
    await page.locator('.moment', { hasText: 'Now' }).waitFor()

    await neighbour('Sold').click()
    await page.getByRole('heading', { name: 'Stalls, row A, seat 2' }).waitFor()
    const moments = await slider.getAttribute('max')
    expectStatus(await api.hold(performanceId, ['Stalls-B-1'], await api.newBuyer()), 201)
    await page.locator(`.slider[max="${Number(moments) + 1}"]`).waitFor()
    await page.locator('.moment', { hasText: 'Now: Sold' }).waitFor()
  })

  it('counts what is held and sold at once, draws how it came to be so, and what was earned', async () => {
    const page = await organiserAt(site, pathOf(''))
    const row = (counts: RegExp) => page.locator('[data-section="stalls"]', { hasText: counts })
    await row(/Stalls\s*48\s*2\s*1\s*45\s*0/).waitFor()
    await page.getByText('The same as a table').click()
    const chart = page.getByRole('region', { name: 'The same as a table' })
    await chart.getByRole('row').nth(2).waitFor()
    await page.locator('.drawing canvas').waitFor()
    const sales = page.getByRole('region', { name: 'Sales by day' })
    await sales.getByRole('row', { name: /Total\s*2\s*€90/ }).waitFor()

    const buyer = await api.newBuyer()
    const { holdId } = expectStatus(await api.hold(performanceId, ['Balcony-A-1'], buyer), 201).json<Hold>()
    await page.locator('[data-section="balcony"]', { hasText: /Balcony\s*20\s*0\s*1\s*19\s*0/ }).waitFor()
    expectStatus(await api.sell(holdId), 200)
    await page.locator('[data-section="balcony"]', { hasText: /Balcony\s*20\s*1\s*0\s*19\s*0/ }).waitFor()
    await sales.getByRole('row', { name: /Total\s*3\s*€115/ }).waitFor()
    assert.deepEqual(await faultsOfPage(page, 'watch'), [])
    await page.emulateMedia({ colorScheme: 'dark' })
    assert.deepEqual(await faultsOfPage(page, 'watch in dark colours'), [])
  })

  it('speaks every language of the site', async () => {
    const page = await organiserAt(site, pathOf(''))
    const menu = page.locator('header select').first()
    for (const [locale, words] of [
      ['vi', 'Doanh số theo ngày'],
      ['zh-Hant', '每日銷售'],
      ['tr', 'Günlere göre satış'],
      ['es', 'Ventas por día'],
    ] as const) {
      await menu.selectOption(locale)
      await page.getByRole('heading', { name: words }).waitFor()
    }
  })
})
