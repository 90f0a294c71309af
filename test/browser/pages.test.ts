import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { apiOf } from '../support/client.ts'
import { openTheatre } from '../support/hall.ts'
import { scratchDir } from '../support/program.ts'
import { describeInBrowser } from './support/browser.ts'
import { faultsOfPage } from './support/faults.ts'
import { hallOf } from './support/hall.ts'

describeInBrowser('The pages in the browser', (site) => {
  let performanceId = ''
  /** To look at; kept where CAVEA_SCREENSHOTS says. */
  const pictures = process.env['CAVEA_SCREENSHOTS'] ?? scratchDir('screenshots')

  before(async () => {
    mkdirSync(pictures, { recursive: true })
    performanceId = (await openTheatre(apiOf(site.product()), { name: 'Opening night' })).performanceId
  })

  const picture = (page: Page, name: string) => page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })

  it('say what they are about without any script', async () => {
    const { page } = await site.visit('/', { javaScriptEnabled: false })
    await page.getByRole('link', { name: 'Opening night' }).click()
    await page.getByRole('heading', { name: 'Opening night', level: 1 }).waitFor()
    await page.getByText('Small theatre, Rotterdam').waitFor()
    assert.equal(await page.getByRole('row', { name: /Stalls/ }).innerText(), 'Stalls\t€45.00')
    assert.equal(await page.title(), 'Opening night · Cavea')
  })

  it('find a performance by its name, and say when there is none', async () => {
    const { page } = await site.visit('/')
    await page.getByRole('searchbox').fill('opening')
    await page.waitForURL('**/?q=opening')
    await page.getByRole('link', { name: 'Opening night' }).waitFor()
    await page.getByRole('searchbox').fill('nothing like it')
    await page.getByText('Nothing matches your search.').waitFor()
    await page.getByRole('searchbox').fill('')
    await page.getByRole('link', { name: 'Opening night' }).click()
    await page.getByRole('tab', { name: 'List' }).waitFor()
  })

  it('say in words that there is no such page, wherever one came from', async () => {
    for (const path of ['/performances/perf_00000000000000000000000000', '/nowhere']) {
      const { page } = await site.visit(path)
      await page.getByRole('heading', { name: 'There is no such page', level: 1 }).waitFor()
      await page.getByRole('link', { name: 'See all performances' }).click()
      await page.getByRole('heading', { name: 'Performances', level: 1 }).waitFor()
    }
  })

  it('speak the language that the browser asks for, and from then on the one that was chosen', async () => {
    const { page } = await site.visit(`/performances/${performanceId}`, { locale: 'tr-TR' })
    await page.getByRole('heading', { name: 'Seçiminiz' }).waitFor()
    await page.getByRole('combobox', { name: 'Dil' }).selectOption('vi')
    await page.getByRole('heading', { name: 'Lựa chọn của bạn' }).waitFor()
    assert.equal(await page.getAttribute('html', 'lang'), 'vi')
    await page.reload()
    await page.getByRole('heading', { name: 'Lựa chọn của bạn' }).waitFor()
  })

  it('keep the colours that were chosen', async () => {
    const { page } = await site.visit('/', { colorScheme: 'light' })
    const ground = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor')
    const light = await ground()
    await page.getByRole('combobox', { name: 'Colours' }).selectOption('dark')
    const dark = await ground()
    assert.notEqual(dark, light)
    await page.reload()
    assert.equal(await ground(), dark)
  })

  it('say that the network is gone, and that it is back', async () => {
    const { page, context } = await site.visit(`/performances/${performanceId}`)
    await page.getByRole('tab', { name: 'List' }).waitFor()
    await context.setOffline(true)
    await page.getByText('You are offline.').waitFor()
    await context.setOffline(false)
    await page.getByText('You are offline.').waitFor({ state: 'detached' })
  })

  it('keep the first script within 200 kB, and the organiser’s out of it', async () => {
    const scripts = new Map<string, number>()
    const { page } = await site.visit('about:blank')
    page.on('response', (response) => {
      const name = new URL(response.url()).pathname
      if (name.endsWith('.js')) scripts.set(name, Number(response.headers()['content-length'] ?? Number.NaN))
    })
    await page.goto(`${site.product().url}/performances/${performanceId}`)
    await page.getByRole('tab', { name: 'List' }).waitFor()
    const bytes = [...scripts.values()].reduce((sum, each) => sum + each, 0)
    assert.deepEqual(
      [...scripts.keys()].filter((name) => /organise|uplot|fill/i.test(name)),
      [],
    )
    assert.ok(bytes > 50_000 && bytes <= 200_000, `${bytes} bytes`)
  })

  for (const colorScheme of ['light', 'dark'] as const)
    it(`have no serious fault that axe knows, and fit every width, in ${colorScheme} colours`, async () => {
      const { page } = await site.visit('/', { colorScheme, viewport: { width: 1_440, height: 900 } })
      const faults: string[] = []
      const look = async (name: string): Promise<void> => {
        // In other colours nothing but contrasts differs.
        const contrasts = colorScheme === 'dark' && { axe: new AxeBuilder({ page }).withRules(['color-contrast']) }
        const atWidth = (width: number) => picture(page, `${name}-${width}-${colorScheme}`)
        faults.push(...(await faultsOfPage(page, name, { ...contrasts, atWidth })))
      }
      await page.getByText(/places left/).waitFor()
      await look('list')
      await page.getByRole('link', { name: 'Opening night' }).click()
      await page.getByRole('tab', { name: 'List' }).waitFor()
      await look('map')
      const hall = await hallOf(page, 'Balcony')
      const seats = colorScheme === 'light' ? ([['A', 3]] as const) : ([['B', 3]] as const)
      await hall.pick(...seats)
      await look('chosen')
      await hall.hold()
      await look('held')
      await page.getByRole('link', { name: 'My seats' }).click()
      await hall.held.first().waitFor()
      await look('holds')
      await page.goto('/nowhere')
      await page.getByRole('link', { name: 'See all performances' }).waitFor()
      await look('missing')
      assert.deepEqual(faults, [])
    })
})
