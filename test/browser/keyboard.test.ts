import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { apiOf } from '../support/client.ts'
import { openTheatre } from '../support/hall.ts'
import { describeInBrowser } from './support/browser.ts'

const TABS_MAX = 80

/** Presses Tab until the focus is on what is described. Fails when it never gets there. */
async function tabTo(page: Page, what: string, matches: RegExp): Promise<void> {
  const passed: string[] = []
  for (let presses = 0; presses < TABS_MAX; presses++) {
    await page.keyboard.press('Tab')
    const name = await page.evaluate<string>(
      `(() => { const at = document.activeElement; return at.getAttribute('aria-label') ?? at.labels?.[0]?.innerText ?? at.innerText ?? '' })()`,
    )
    if (matches.test(name)) return
    passed.push(name)
  }
  throw new Error(`The keyboard does not reach ${what}: ${passed.join(' · ')}`)
}

describeInBrowser('Everything by keyboard alone', (site) => {
  let performanceId = ''

  before(async () => {
    performanceId = (await openTheatre(apiOf(site.product()), { name: 'Opening night' })).performanceId
  })

  it('goes from the list to seats that are held, extended and given back', async () => {
    const { page } = await site.visit('/')
    await page.getByText(/places left/).waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate<string>('document.activeElement.id'), 'content', 'the way past the header')
    await tabTo(page, 'the performance', /^Opening night/)
    await page.keyboard.press('Enter')
    await page.getByRole('tab', { name: 'Map' }).waitFor()
    assert.equal(await page.evaluate<string>('document.activeElement.id'), 'content', 'a new page begins at its content')
    await tabTo(page, 'the tabs', /^Map/)
    await page.keyboard.press('ArrowRight')
    await tabTo(page, 'the stalls', /Stalls/)
    await page.keyboard.press('Enter')
    await tabTo(page, 'the seats', /^Row A, seat 1,/)
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Space')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Space')
    const basket = page.getByRole('region', { name: 'Your choice' })
    await basket.getByText('Stalls, row A, seat 2').waitFor()
    await basket.getByText('Stalls, row B, seat 2').waitFor()
    await tabTo(page, 'holding', /^Hold 2 seats/)
    await page.keyboard.press('Enter')
    await page.locator('.hold[data-status="held"]').waitFor()
    await page.locator('[data-announcer="polite"]', { hasText: '2 places are held for you until' }).waitFor({ state: 'attached' })
    await page.keyboard.press('Home')
    await tabTo(page, 'more time', /^More time/)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'More time' }).waitFor({ state: 'detached' })
    await tabTo(page, 'giving back', /^Give back/)
    await page.keyboard.press('Enter')
    await page.locator('.hold[data-status="released"]').waitFor()
  })

  it('takes the reader of a refusal to it, and away from it again', async () => {
    const { page } = await site.visit(`/performances/${performanceId}`)
    await page.route('**/holds', (route) =>
      route.fulfill({
        status: 409,
        contentType: 'application/problem+json',
        body: JSON.stringify({ status: 409, code: 'PURCHASE_LIMIT', detail: 'x', retryable: false, limit: 2, have: 2 }),
      }),
    )
    await page.getByRole('tab', { name: 'List' }).click()
    await page.getByRole('button', { name: /Stalls .*left/ }).click()
    await page.getByRole('checkbox', { name: /^Row C, seat 1,/ }).click()
    await tabTo(page, 'holding', /^Hold this seat/)
    await page.keyboard.press('Enter')
    await page.getByText('Each buyer may have 2 seats here; you have 2 already.').waitFor()
    assert.equal(await page.evaluate<string>('document.activeElement.dataset.code'), 'PURCHASE_LIMIT')
    await tabTo(page, 'dismissing', /^Dismiss/)
    await page.keyboard.press('Enter')
    await page.locator('.refusal').waitFor({ state: 'detached' })
    assert.notEqual(await page.evaluate<string>('document.activeElement.tagName'), 'BODY', 'the focus is not lost')
  })
})
