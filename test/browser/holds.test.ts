import assert from 'node:assert/strict'
import { type Api, apiOf, expectStatus, type Hold } from '../support/client.ts'
import { createVenue, type ImportedMap, importPlan, inMs, openPerformance, openTheatre, THEATRE_PRICES } from '../support/hall.ts'
import { describeInBrowser } from './support/browser.ts'
import { hallOf } from './support/hall.ts'

describeInBrowser('Taking seats in the browser', (site) => {
  let api: Api
  let seatMapId = ''
  let performanceId = ''

  before(async () => {
    api = apiOf(site.product())
    ;({ performanceId, seatMapId } = await openTheatre(api))
  })

  const openHall = async (id = performanceId, path = `/performances/${id}`) => {
    const { page } = await site.visit(path)
    return await hallOf(page, 'Stalls')
  }

  it('shows to one what another holds, at once and without reloading', async () => {
    const [ann, bob] = await Promise.all([openHall(), openHall()])
    await ann.pick(['A', 1], ['A', 2])
    assert.match(await ann.basket.innerText(), /Total\s+€90/)
    await ann.hold()
    await ann.held.getByText('Stalls, row A, seat 2').waitFor()
    assert.doesNotMatch(await ann.page.getByRole('main').innerText(), /faster/, 'what one takes oneself is not lost')
    await bob.page.getByRole('checkbox', { name: /Row A, seat 2, Held/ }).waitFor()
    await ann.page.getByRole('button', { name: 'Give back' }).click()
    await bob.page.getByRole('checkbox', { name: /Row A, seat 2, Free/ }).waitFor()
    await ann.page.locator('.hold[data-status="released"]').waitFor()
  })

  it('finds what is held again after a reload, and on the page of one’s own seats', async () => {
    const ann = await openHall()
    await ann.pick(['A', 5])
    await ann.hold()
    await ann.page.reload()
    await ann.held.getByText('Stalls, row A, seat 5').waitFor()
    await ann.page.getByRole('link', { name: 'My seats' }).click()
    await ann.page.getByRole('heading', { name: 'My seats', level: 1 }).waitFor()
    await ann.held.getByText('Stalls, row A, seat 5').waitFor()
    await ann.page.getByRole('button', { name: 'Give back' }).click()
    await ann.page.getByText('You hold no seats at the moment.').waitFor()
  })

  it('gives more time once, and says until when', async () => {
    const ann = await openHall()
    await ann.pick(['A', 8])
    await ann.hold()
    const before = await ann.held.locator('.remaining').innerText()
    await ann.page.getByRole('button', { name: 'More time' }).click()
    await ann.page.getByRole('button', { name: 'More time' }).waitFor({ state: 'detached' })
    assert.notEqual(await ann.held.locator('.remaining').innerText(), before)
    await ann.page.locator('[data-announcer="polite"]', { hasText: 'You have more time' }).waitFor({ state: 'attached' })
  })

  it('explains a conflict in words and offers the nearest free seats', async () => {
    const ann = await openHall()
    await ann.pick(['C', 5], ['C', 6])
    const rival = await api.newBuyer()
    await ann.page.route('**/holds', async (route) => {
      expectStatus(await api.hold(performanceId, ['Stalls-C-6'], rival), 201)
      await route.continue()
    })
    await ann.page.getByRole('button', { name: 'Hold 2 seats' }).click()
    const refusal = ann.page.locator('.refusal')
    await refusal.getByText('Somebody else was faster. Nothing was held.').waitFor()
    await refusal.getByText(/Stalls, row C, seat 6 is held by somebody else and may be free again at/).waitFor()
    await ann.page.unroute('**/holds')
    await refusal.getByRole('button', { name: 'Choose these 2' }).click()
    await ann.basket.getByText('Stalls, row C, seat 4').waitFor()
    await ann.hold()
    assert.deepEqual(await ann.held.locator('.line-name').allInnerTexts(), [
      'Stalls, row C, seat 4\nStalls',
      'Stalls, row C, seat 5\nStalls',
    ])
  })

  it('warns once before a hold ends, and says when it has ended', async () => {
    const short = await openTheatre(api, { holdPolicy: { ttlSeconds: 9, extensionSeconds: 0, maxSeconds: 9 } })
    const ann = await openHall(short.performanceId)
    await ann.pick(['B', 3])
    await ann.hold()
    await ann.page.locator('[data-announcer="assertive"]', { hasText: 'become free again soon' }).waitFor({ state: 'attached' })
    await ann.page.locator('.hold[data-status="expired"]').waitFor()
    await ann.page.locator('[data-announcer="assertive"]', { hasText: 'Your time ran out' }).waitFor({ state: 'attached' })
    await ann.page.getByRole('checkbox', { name: /Row B, seat 3, Free/ }).waitFor()
  })

  it('goes on by itself after the server was away, and shows nothing old as free meanwhile', async () => {
    const [ann, bob] = [await openHall(), await openHall()]
    await ann.pick(['D', 1])
    await ann.hold()
    await bob.page.getByRole('checkbox', { name: /Row D, seat 1, Held/ }).waitFor()
    const { program } = site.product()
    await program.stop()
    await bob.page.getByRole('checkbox', { name: /Row D, seat 2, Free/ }).waitFor({ state: 'detached' })
    await program.restart()
    await bob.page.getByRole('checkbox', { name: /Row D, seat 2, Free/ }).waitFor()
    await bob.pick(['D', 2])
    await bob.hold()
    await ann.page.getByRole('checkbox', { name: /Row D, seat 2, Held/ }).waitFor()
    await ann.page.getByRole('button', { name: 'Give back' }).click()
    await bob.page.getByRole('checkbox', { name: /Row D, seat 1, Free/ }).waitFor()
  })

  it('gets the hold that was asked for while the answer was lost, and no second one', async () => {
    const ann = await openHall()
    await ann.pick(['D', 6])
    let asked = 0
    const keys = new Set<string>()
    await ann.page.route('**/holds', async (route) => {
      keys.add(route.request().headers()['idempotency-key'] ?? '')
      if (asked++ > 0) return await route.continue()
      await route.fetch() // It is decided, and the answer never arrives.
      return await route.abort('connectionreset')
    })
    await ann.hold()
    assert.deepEqual([asked, keys.size], [2, 1])
    await ann.held.getByText('Stalls, row D, seat 6').waitFor()
    assert.equal(await ann.held.count(), 1)
  })

  it('says which chosen seats another was faster to take', async () => {
    const ann = await openHall()
    await ann.pick(['C', 9], ['C', 10])
    expectStatus(await api.hold(performanceId, ['Stalls-C-10'], await api.newBuyer()), 201)
    await ann.page.getByText('Somebody else was faster: Stalls, row C, seat 10 is no longer in your choice.').waitFor()
    assert.equal(await ann.basket.locator('.line-name').count(), 1)
  })

  it('says that a decision takes long, and waits for it', async () => {
    const ann = await openHall()
    await ann.pick(['D', 9])
    let asked = 0
    await ann.page.route('**/holds', async (route) => {
      if (asked++ > 0) return await route.continue()
      return await route.fulfill({ status: 202, headers: { 'Retry-After': '1', Location: '/v1/commands/cmd_x' }, json: {} })
    })
    await ann.page.getByRole('button', { name: 'Hold this seat' }).click()
    await ann.page.getByText('This takes longer than usual.').waitFor()
    await ann.held.getByText('Stalls, row D, seat 9').waitFor()
  })

  it('shows in a second tab of the same browser what was held in the first', async () => {
    const ann = await openHall()
    const tab = await ann.page.context().newPage()
    await tab.goto(ann.page.url())
    await tab.getByRole('tab', { name: 'List' }).waitFor()
    await ann.pick(['D', 11])
    await ann.hold()
    await tab.locator('.hold[data-status="held"]').getByText('Stalls, row D, seat 11').waitFor()
  })

  it('takes places to stand by their number, until there are none', async () => {
    const plan = {
      name: 'Cellar',
      categories: [{ name: 'Floor' }],
      sections: [{ sectionId: 'floor', name: 'Floor', standing: { capacity: 2, category: 'Floor' } }],
    }
    const imported = await importPlan(api, await createVenue(api), JSON.stringify(plan), 'application/vnd.cavea.seat-map+json')
    const cellar = expectStatus(imported, 201).json<ImportedMap>()
    const standing = await openPerformance(api, cellar.seatMapId, { prices: [{ category: 'Floor', amount: 2200 }] })
    const { page } = await site.visit(`/performances/${standing}`)
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('button', { name: 'Take 2 places' }).click()
    await page.locator('.hold[data-status="held"]').getByText('Floor, 2 places').waitFor()
    await page.getByText('Sold out. Held seats may still come free').waitFor()
    await page.getByRole('button', { name: 'Give back' }).click()
    await page.getByText('Sold out. Held seats may still come free').waitFor({ state: 'detached' })
  })

  it('takes the best seats for as many as come, without choosing', async () => {
    const ann = await openHall()
    const best = ann.page.getByRole('form', { name: 'Best seats' })
    await best.getByRole('combobox', { name: 'How many' }).selectOption('3')
    await best.getByRole('button').click()
    await ann.held.first().waitFor()
    assert.equal(await ann.held.locator('.line-name').count(), 3)
  })

  it('counts down to the opening of the sale and opens by itself', async () => {
    const soon = await openPerformance(api, seatMapId, { prices: THEATRE_PRICES, saleStartsAt: inMs(15_000) })
    const ann = await openHall(soon)
    await ann.page.locator('.opening', { hasText: 'On sale from' }).waitFor()
    await ann.pick(['A', 1])
    assert.equal(await ann.page.getByRole('button', { name: 'Hold this seat' }).isDisabled(), true)
    await ann.page.locator('.opening').waitFor({ state: 'detached', timeout: 30_000 })
    await ann.hold()
  })

  it('says that a sale is over, and lets nobody hold', async () => {
    const closed = await openPerformance(api, seatMapId, {
      prices: THEATRE_PRICES,
      saleStartsAt: inMs(-60_000),
      saleEndsAt: inMs(-1_000),
    })
    const ann = await openHall(closed)
    await ann.page.getByText('The sale is closed.').first().waitFor()
    await ann.pick(['A', 1])
    assert.equal(await ann.page.getByRole('button', { name: 'Hold this seat' }).isDisabled(), true)
  })

  it('lets an organiser sell what is held, and no buyer', async () => {
    const ann = await openHall()
    const signedIn = await ann.page.request.post('/v1/session', {
      data: { token: site.product().adminToken },
      headers: { origin: new URL(ann.page.url()).origin },
    })
    assert.equal(signedIn.status(), 201)
    await ann.page.evaluate("localStorage.setItem('cavea.session', 'organiser')")
    await ann.page.reload()
    const signed = await hallOf(ann.page, 'Stalls')
    await signed.pick(['B', 10])
    await signed.hold()
    const holdId = await signed.held.getAttribute('data-hold')
    await ann.page.getByRole('button', { name: 'Sell', exact: true }).click()
    await ann.page.locator('.hold[data-status="sold"]').waitFor()
    assert.equal((await api.getHold(holdId ?? '', 'organiser')).json<Hold>().status, 'sold')
    const bob = await openHall()
    await bob.pick(['B', 12])
    await bob.hold()
    assert.equal(await bob.page.getByRole('button', { name: 'Sell', exact: true }).count(), 0)
  })
})
