import assert from 'node:assert/strict'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { eventually } from '../support/hall.ts'
import { describePicker, type PickerPage } from './picker-harness/harness.ts'
import { seriousFaults } from './support/faults.ts'

const WITHIN_MS = 10_000
/** It looks at every seat of a list, three times. */
const AXE_MS = 180_000
const PHONE = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true }

/** Resolves when the page has done what it had to, and shows it. */
const AT_REST =
  'new Promise((done) => requestIdleCallback(() => requestAnimationFrame(() => requestAnimationFrame(done)), { timeout: 1_000 }))'

const map = (page: Page) => page.getByRole('listbox')
const summary = (page: Page, text: string) => page.locator('.picker-summary').getByText(text, { exact: true })

/** Has the keyboard bring the first seat, row 1 seat 1 of block 101, into the middle of the map; answers where that is. */
async function centreFirstSeat(page: Page): Promise<{ readonly x: number; readonly y: number }> {
  await map(page).focus()
  await page.keyboard.press('0')
  await page.keyboard.press('Home')
  await page.evaluate(AT_REST)
  const box = await map(page).boundingBox()
  assert.ok(box)
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

async function openList({ page }: PickerPage, section: string): Promise<void> {
  await page.getByRole('tab', { name: 'List' }).click()
  await page.getByRole('button', { name: section }).click()
}

async function expectSaid(picker: PickerPage, words: RegExp): Promise<void> {
  await eventually(`hearing ${words}`, WITHIN_MS, async () => (words.test(await picker.said()) ? true : undefined))
}

describePicker('The seat picker in a browser', (harness) => {
  it('selects the seat that is clicked, says which one it is, and lets it go again', async () => {
    const picker = await harness.open('seats=1500')
    const { page } = picker
    const { x, y } = await centreFirstSeat(page)
    await page.mouse.move(x, y)
    await page.locator('.picker-tip', { hasText: 'Row 1, seat 1' }).getByText('Wheelchair place').waitFor()
    await page.mouse.click(x, y)
    await summary(page, '1 seat selected').waitFor()
    assert.equal(await picker.said(), 'Block 101, row 1, seat 1 selected, 1 of at most 6.')
    await page.keyboard.press('Enter')
    await summary(page, 'No seat selected').waitFor()
  })

  it('is used by keyboard alone: arrows go from seat to seat, Enter selects, and no more than is allowed', async () => {
    const picker = await harness.open('seats=1500&max=2')
    const { page } = picker
    await map(page).focus()
    await page.keyboard.press('ArrowDown')
    const first = await activeOption(page)
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowDown')
    const second = await activeOption(page)
    assert.notEqual(second, first)
    await page.keyboard.press('Space')
    await summary(page, '2 seats selected').waitFor()
    assert.match(await picker.said(), /selected, 2 of at most 2\.$/)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expectSaid(picker, /^You can choose at most 2\.$/)
    await page.keyboard.press('ArrowUp')
    assert.equal(await activeOption(page), second.replace('Free', 'Selected'))
    const active = page.locator(`[id="${await map(page).getAttribute('aria-activedescendant')}"]`)
    assert.equal(await active.getAttribute('aria-selected'), 'true')
    await page.keyboard.press('PageDown')
    assert.equal(await map(page).getAttribute('aria-label'), 'Block 102, row 1')
    await page.locator('[aria-live=polite]', { hasText: 'Block 102, 416 left' }).waitFor({ state: 'attached' })
    for (const key of ['+', '-', '0']) await page.keyboard.press(key)
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate<string>('document.activeElement.getAttribute("aria-label")'), 'Zoom in')
  })

  it('has the same seats in the list, where typing goes to one and the space bar selects it', async () => {
    const picker = await harness.open('seats=1500')
    const { page } = picker
    await map(page).focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await openList(picker, 'Block 101')
    await page.locator('[role=checkbox][aria-checked=true]').waitFor()
    const grid = page.getByRole('grid')
    assert.equal(await grid.locator('[tabindex="0"]').count(), 1)
    await grid.locator('[tabindex="0"]').focus()
    await page.keyboard.type('512')
    assert.match(await focusedName(page), /^Row 5, seat 12, Free, Lower tier, €95$/)
    await page.keyboard.press('Space')
    await summary(page, '2 seats selected').waitFor()
    await page.keyboard.press('ArrowRight')
    assert.match(await focusedName(page), /^Row 5, seat 13,/)
    await page.keyboard.press('End')
    assert.match(await focusedName(page), /^Row 5, seat 26,/)
    assert.equal(await page.locator('[role=checkbox][aria-checked=true]').count(), 2)
  })

  it('takes a seat out of the selection that somebody else took, and says so; what I hold stays', async () => {
    const picker = await harness.open('seats=800')
    const { page } = picker
    await openList(picker, 'Block 101')
    for (const name of ['Row 5, seat 3,', 'Row 5, seat 4,']) await page.getByRole('checkbox', { name }).click()
    await picker.setMine('101-5-3')
    await picker.set('held', '101-5-3', '101-5-4', '101-9-9')
    await summary(page, '1 seat selected').waitFor()
    assert.equal(await picker.said(), 'Block 101, row 5, seat 4 was just taken by someone else and is no longer selected.')
    await page.getByRole('checkbox', { name: 'Row 5, seat 3, Held for you' }).waitFor()
    await page.getByRole('checkbox', { name: 'Row 9, seat 9, Held by someone else' }).focus()
    await page.getByText('It may be free again at 19:42.').first().waitFor()
  })

  it('never shows a seat as free while the connection is gone, and says in words that it is', async () => {
    const picker = await harness.open('seats=400')
    const { page } = picker
    await openList(picker, 'Block 101')
    const seat = page.getByRole('checkbox', { name: 'Row 5, seat 3,' })
    await picker.setStale(true)
    await page.getByText('Which seats are free is not known until it is back').waitFor()
    await page.getByRole('checkbox', { name: 'Row 5, seat 3, Not known right now' }).waitFor()
    assert.equal(await page.getByRole('checkbox', { name: 'Free' }).count(), 0)
    await seat.click({ force: true })
    await expectSaid(picker, /^Block 101, row 5, seat 3: Not known right now\.$/)
    await picker.setStale(false)
    await expectSaid(picker, /^The connection is back\.$/)
    await seat.click()
    await summary(page, '1 seat selected').waitFor()
  })

  it('asks for places in a standing area and for the best seats', async () => {
    const picker = await harness.open('seats=400')
    const { page } = picker
    await page.getByRole('button', { name: 'More in Floor' }).click()
    await page.getByRole('button', { name: 'Take 2 places in Floor' }).click()
    await page.getByLabel('How many').selectOption('3')
    await page.getByLabel('Category').selectOption('Premium')
    await page.getByLabel('With a wheelchair place').check()
    await page.getByRole('button', { name: 'Find the best' }).click()
    assert.deepEqual(await picker.asked(), [
      ['area', 'floor', '2'],
      ['best', '3', 'Premium', 'true'],
    ])
  })

  it('shows only what is looked for, by price and by who can reach it', async () => {
    const picker = await harness.open('seats=1500')
    const { page } = picker
    await openList(picker, 'Block 101')
    await page.getByRole('button', { name: /^Show only Premium, €120/ }).click()
    assert.equal(await page.getByRole('checkbox', { name: 'Lower tier' }).count(), 0)
    assert.equal(await page.getByRole('checkbox', { name: 'Premium' }).count(), 104)
    await page.getByLabel('Wheelchair and companion places only').check()
    assert.equal(await page.getByRole('grid').getByRole('checkbox').count(), 2)
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.locator('.picker-filters select').selectOption({ label: 'Up to €95' })
    assert.equal(await page.getByRole('checkbox', { name: 'Premium' }).count(), 0)
  })

  it('lets an organiser drag over seats to block them, without those that are taken', async () => {
    const picker = await harness.open('seats=400&mode=block&max=5000')
    const { page } = picker
    await picker.set('sold', '101-1-1', '101-16-25')
    const box = await map(page).boundingBox()
    assert.ok(box)
    await page.mouse.move(box.x + 4, box.y + 4)
    await page.mouse.down()
    await page.mouse.move(box.x + 300, box.y + 200)
    await page.mouse.move(box.x + box.width - 70, box.y + box.height - 4)
    await page.mouse.up()
    await summary(page, '398 seats selected').waitFor()
  })

  it('hands a clicked seat over to be inspected, whatever its status', async () => {
    const picker = await harness.open('seats=400&mode=inspect')
    const { page } = picker
    await picker.set('sold', '101-1-1')
    await map(page).focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    const [asked] = await picker.asked()
    assert.equal(asked?.[0], 'inspect')
  })

  it('comes closer on a phone before a finger can choose, then tells about the seat that was touched', async () => {
    const picker = await harness.open('seats=1500', PHONE)
    const { page } = picker
    const box = await map(page).boundingBox()
    assert.ok(box)
    const zoomOut = page.getByRole('button', { name: 'Zoom out' })
    assert.equal(await zoomOut.getAttribute('aria-disabled'), 'true')
    for (let y = 0.2; y < 0.9 && (await zoomOut.getAttribute('aria-disabled')) === 'true'; y += 0.05) {
      await page.touchscreen.tap(box.x + box.width * 0.6, box.y + box.height * y)
      await page.evaluate(AT_REST)
    }
    assert.equal(await zoomOut.getAttribute('aria-disabled'), 'false')
    await summary(page, 'No seat selected').waitFor()

    const { x, y } = await centreFirstSeat(page)
    await page.touchscreen.tap(x, y)
    const sheet = page.locator('.picker-sheet')
    await sheet.getByText('Row 1, seat 1').waitFor()
    await summary(page, '1 seat selected').waitFor()
    await sheet.getByRole('button', { name: 'Remove' }).click()
    await summary(page, 'No seat selected').waitFor()
    await sheet.getByRole('button', { name: 'Close' }).click()
    await sheet.waitFor({ state: 'detached' })
  })

  it('is drawn anew where a seat changes, and as it was when the seat changes back', async () => {
    const picker = await harness.open('seats=400')
    const { page } = picker
    const pixels = async (): Promise<string> =>
      await page.evaluate<string>(`(() => {
        const canvas = document.querySelector('.picker-drawing canvas')
        return canvas.toDataURL()
      })()`)
    await map(page).waitFor()
    await page.evaluate(AT_REST)
    const before = await pixels()
    await picker.set('sold', '101-5-5')
    const after = await eventually('another drawing', WITHIN_MS, async () => {
      const now = await pixels()
      return now === before ? undefined : now
    })
    await picker.set('available', '101-5-5')
    await eventually('the drawing of before', WITHIN_MS, async () => ((await pixels()) === before ? true : undefined))
    assert.notEqual(after, before)
  })

  for (const colorScheme of ['light', 'dark'] as const)
    it(`has nothing that axe finds serious, on the map and in the list, ${colorScheme}`, async () => {
      const picker = await harness.open('seats=48', { colorScheme })
      const { page } = picker
      await page.locator('summary').click()
      await picker.set('sold', '101-1-1')
      await picker.set('held', '101-1-2')
      await map(page).focus()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      assert.deepEqual(await pickerFaults(page), [])
      await openList(picker, 'Block 101')
      await page.getByRole('grid').waitFor()
      assert.deepEqual(await pickerFaults(page), [])
      await picker.setStale(true)
      await page.getByRole('checkbox', { name: 'Not known right now' }).first().waitFor()
      assert.deepEqual(await pickerFaults(page), [])
    }).timeout(AXE_MS)

  it('speaks the language it is asked for', async () => {
    const { page } = await harness.open('seats=400&locale=vi-VN')
    await page.getByRole('tab', { name: 'Danh sách' }).click()
    assert.equal(await page.locator('.cavea-picker').getAttribute('lang'), 'vi-VN')
  })
})

const pickerFaults = (page: Page) => seriousFaults(new AxeBuilder({ page }).include('.cavea-picker'))

async function activeOption(page: Page): Promise<string> {
  const id = await map(page).getAttribute('aria-activedescendant')
  return (await page.locator(`[id="${id}"]`).textContent()) ?? ''
}

const focusedName = async (page: Page): Promise<string> =>
  await page.evaluate<string>('document.activeElement.getAttribute("aria-label") ?? ""')
