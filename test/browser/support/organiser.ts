import type { Locator, Page } from 'playwright-core'
import { eventually } from '../../support/hall.ts'
import type { Site } from './browser.ts'

/** Somebody who has signed in with the organiser's token, at the page of that path. */
export async function organiserAt(site: Site, path: string, options: Parameters<Site['visit']>[1] = {}): Promise<Page> {
  const { page } = await site.visit(path, options)
  await signIn(page, site.product().adminToken)
  return page
}

export async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Organiser token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** A pretix plan, changed by who wants it otherwise, as a file field takes it. */
export function planFile(
  plan: string,
  change: (plan: never) => void = () => undefined,
): { name: string; mimeType: string; buffer: Buffer } {
  const changed = JSON.parse(plan) as never
  change(changed)
  return { name: 'plan.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(changed)) }
}

/** The seats of the map, once it is drawn at the size that it has on the page. */
export async function drawnMap(page: Page): Promise<Locator> {
  const canvas = page.locator('.plan canvas').first()
  await canvas.waitFor()
  // Not with `waitForFunction`: it evaluates text in the page, which the policy of the page forbids.
  await eventually('The drawing of the map', 15_000, async () => {
    const isDrawn = await page.evaluate<boolean>(`(() => {
      const canvas = document.querySelector('.plan canvas')
      return canvas.clientHeight > 150 && Math.abs(canvas.height - canvas.clientHeight * devicePixelRatio) < 3
    })()`)
    return isDrawn || undefined
  })
  return canvas
}

/** Drags over a part of the map, given in shares of its width and height. */
export async function dragOver(
  page: Page,
  from: { readonly x: number; readonly y: number },
  to: { readonly x: number; readonly y: number },
): Promise<void> {
  const canvas = await drawnMap(page)
  await canvas.scrollIntoViewIfNeeded()
  const box = await canvas.boundingBox()
  if (box === null) throw new Error('The map is not on the page.')
  const at = (share: { readonly x: number; readonly y: number }) => [box.x + box.width * share.x, box.y + box.height * share.y] as const
  await page.mouse.move(...at(from))
  await page.mouse.down()
  await page.mouse.move(...at({ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }))
  await page.mouse.move(...at(to))
  await page.mouse.up()
}
