import assert from 'node:assert/strict'
import { type Api, apiOf, expectStatus, type Hold } from '../support/client.ts'
import { openTheatre, theatrePlan } from '../support/hall.ts'
import { describeInBrowser } from './support/browser.ts'
import { faultsOfPage } from './support/faults.ts'
import { dragOver, organiserAt, planFile, signIn } from './support/organiser.ts'

interface Plan {
  readonly zones: readonly { readonly rows: readonly { readonly seats: { seat_guid: string; category: string }[] }[] }[]
}

describeInBrowser("The organiser's pages", (site) => {
  let api: Api
  let performanceId = ''

  before(async () => {
    api = apiOf(site.product())
    ;({ performanceId } = await openTheatre(api, { name: 'Opening night' }))
  })

  const pathOf = (page: string): string => `/organise/performances/${performanceId}/${page}`

  it('let nobody in but organisers, say why, and ask again when the session is over', async () => {
    const { page } = await site.visit('/organise')
    await signIn(page, 'not a token'.replaceAll(' ', '-'))
    await page.getByText('This token is not valid').waitFor()
    await signIn(page, (await api.newBuyer()).buyerToken)
    await page.getByText("This is a buyer's token.").waitFor()
    assert.deepEqual(await faultsOfPage(page, 'sign-in'), [])
    await signIn(page, site.product().adminToken)
    await page.getByRole('link', { name: 'Opening night' }).waitFor()
    const readable = await page.evaluate<string>('JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie')
    assert.ok(!readable.includes(site.product().adminToken), 'a script can read the token')
    assert.doesNotMatch(readable, /cavea_session/, 'a script can read the session')
    assert.deepEqual(await faultsOfPage(page, 'list'), [])

    await page.context().clearCookies()
    await page.getByRole('link', { name: 'Opening night' }).click()
    await page.getByLabel('Organiser token').waitFor()
  })

  it('lead from a seating plan, over its faults, to a performance that buyers can take seats in', async function leadToSale() {
    this.timeout(120_000) // Axe looks at six pages on the way.
    const page = await organiserAt(site, '/organise/new')
    await page.getByRole('radio', { name: 'Another venue' }).check()
    await page.getByRole('button', { name: 'Create the venue' }).click()
    await page.getByText('Please fill this in.').waitFor()
    assert.deepEqual(await faultsOfPage(page, 'venue'), [])
    await page.getByLabel('Name of the venue').fill('Lantern')
    await page.getByLabel('City').fill('Hanoi')
    await page.getByLabel('Country').selectOption('VN')
    await page.getByLabel('Time zone').selectOption('Asia/Bangkok')
    await page.getByRole('button', { name: 'Create the venue' }).click()

    const faulty = planFile(theatrePlan(), (plan: Plan) => {
      const [first, second] = plan.zones[0]?.rows[0]?.seats ?? []
      if (first !== undefined && second !== undefined) second.seat_guid = first.seat_guid
      const other = plan.zones[1]?.rows[1]?.seats[2]
      if (other !== undefined) other.category = 'Nowhere'
    })
    await page.locator('input[type=file]').setInputFiles(faulty)
    await page.getByRole('heading', { name: 'The plan has 2 faults' }).waitFor()
    await page.getByText('Two seats have the same id').waitFor()
    await page.getByText('The category is not listed').waitFor()
    await page.getByRole('button', { name: 'Show on the plan' }).first().click()
    await page.getByRole('tab', { name: 'List' }).waitFor()
    assert.deepEqual(await faultsOfPage(page, 'faults'), [])

    const file = planFile(theatrePlan())
    const dropped = await page.evaluateHandle(
      `(() => { const data = new DataTransfer(); data.items.add(new File([${JSON.stringify(file.buffer.toString())}], 'plan.json')); return data })()`,
    )
    await page.locator('.drop').dispatchEvent('drop', { dataTransfer: dropped })
    await page.getByLabel('Name of the performance').fill('First night')
    await page.getByRole('button', { name: 'Open the performance' }).click()
    await page.getByText('2 things have to be mended first.').waitFor()
    await page.getByText('Look at the hall').click()
    await page.getByText('More rules').click()
    assert.deepEqual(await faultsOfPage(page, 'sale'), [])
    await page.getByLabel(/^Stalls/).fill('450.000')
    await page.getByText('₫450,000').first().waitFor()
    await page.getByLabel(/^Balcony/).fill('300000')
    await page.getByRole('button', { name: 'Open the performance' }).click()
    await page.getByRole('heading', { name: '“First night” is on sale' }).waitFor()
    assert.deepEqual(await faultsOfPage(page, 'opened'), [])

    const address = await page.getByLabel('Address for buyers').inputValue()
    const { page: buyer } = await site.visit(new URL(address).pathname)
    await buyer.getByRole('heading', { name: 'First night', level: 1 }).waitFor()
    await buyer.getByRole('tab', { name: 'List' }).click()
    await buyer.getByRole('button', { name: /Stalls .*48 left/, expanded: false }).click()
    await buyer.getByRole('checkbox', { name: /Row A, seat 1, / }).click()
    await buyer.getByRole('button', { name: /^Hold / }).click()
    await buyer.locator('.hold[data-status="held"]').waitFor()
    await page.getByRole('link', { name: 'Watch it fill' }).click()
    await page.locator('[data-section="stalls"]', { hasText: /Stalls\s*48\s*0\s*1\s*47\s*0/ }).waitFor()
  })

  it('block seats by dragging over them, and put them on sale again', async () => {
    const page = await organiserAt(site, pathOf('block'))
    // The stalls lie above the middle of the drawing, the balcony below.
    await dragOver(page, { x: 0.02, y: 0.02 }, { x: 0.98, y: 0.55 })
    await page.getByText('48 seats selected').first().waitFor()
    await page.getByLabel('Note').fill('Sound desk')
    await page.getByRole('button', { name: 'Block 48 seats' }).click()
    const made = page.locator('[data-block]')
    await made.getByText('Stalls, 48 seats').waitFor()
    const { sections } = await api.availability(performanceId)
    assert.deepEqual(
      sections.map(({ name, blocked }) => [name, blocked]),
      [
        ['Stalls', 48],
        ['Balcony', 0],
      ],
    )
    assert.deepEqual(await faultsOfPage(page, 'block'), [])
    await page.setViewportSize({ width: 1_440, height: 900 })
    await page.reload()
    await made.getByText('Sound desk').waitFor()
    await page.getByRole('button', { name: /^Unblock/ }).click()
    await made.waitFor({ state: 'detached' })
    assert.equal((await api.availability(performanceId)).sections[0]?.blocked, 0)
  })

  it('block whole rows by keyboard, and put them on sale again', async () => {
    const page = await organiserAt(site, pathOf('block'))
    await page.getByRole('tab', { name: 'List' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /Balcony .*left/, expanded: false }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Select row B' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Block 10 seats' }).focus()
    await page.keyboard.press('Enter')
    await page.locator('[data-block]').getByText('Balcony, 10 seats').waitFor()
    await page.locator('[data-announcer="polite"]', { hasText: '10 seats are blocked' }).waitFor({ state: 'attached' })
    await page.getByRole('button', { name: /^Unblock/ }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('Nothing yet.').waitFor()
  })

  it('sell what a buyer holds, and give back what another does', async () => {
    const buyer = await api.newBuyer()
    const holdOf = async (seat: string) => expectStatus(await api.hold(performanceId, [seat], buyer), 201).json<Hold>().holdId
    const [sold, released] = [await holdOf('Balcony-A-1'), await holdOf('Balcony-A-10')]
    const page = await organiserAt(site, pathOf('box-office'))
    const hold = page.locator('.box-office .hold')
    await page.getByLabel('Id of the hold').fill(sold)
    await page.getByRole('button', { name: 'Find' }).click()
    await hold.getByText('Balcony, row A, seat 1').waitFor()
    assert.deepEqual(await faultsOfPage(page, 'box office'), [])
    await page.getByRole('button', { name: 'Sell' }).click()
    await page.locator('.hold[data-status="sold"]').waitFor()

    await page.getByLabel('Id of the hold').fill(released)
    await page.getByRole('button', { name: 'Find' }).click()
    await page.getByRole('button', { name: 'Give back' }).click()
    await page.getByRole('button', { name: 'Give back: the buyer loses the seats' }).click()
    await page.locator('.hold[data-status="released"]').waitFor()
    await page.getByLabel('Id of the hold').fill('hold_none')
    await page.getByRole('button', { name: 'Find' }).click()
    await page.getByText('There is no such hold in your performances.').waitFor()
    const { sections } = await api.availability(performanceId)
    assert.deepEqual(
      sections.map(({ name, sold, held }) => [name, sold, held]),
      [
        ['Stalls', 0, 0],
        ['Balcony', 1, 0],
      ],
    )
  })
})
