import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

const WIDTHS = [320, 768, 1_440] as const
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What a page should never do: break its content security policy, or throw. Grows as long as the page is open. */
export function faultsOf(page: Page): readonly string[] {
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`${page.url()} threw ${error.stack ?? error.message}`))
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) faults.push(`${page.url()} ${message.text()}`)
  })
  return faults
}

interface Look {
  /** Looks for faults of the page; without it, for all that WCAG 2.2 and good practice know. */
  readonly axe?: AxeBuilder
  /** Called while the page is shown at each width. */
  readonly atWidth?: (width: number) => Promise<unknown>
}

/** What is wider than the page, and what axe calls serious, on the page as it is now. */
export async function faultsOfPage(page: Page, name: string, { axe, atWidth }: Look = {}): Promise<readonly string[]> {
  const faults: string[] = []
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 })
    await atWidth?.(width)
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
    if (overflow > 0) faults.push(`${overflow} px too wide for ${width}`)
  }
  faults.push(...(await seriousFaults(axe ?? new AxeBuilder({ page }).withTags(TAGS))))
  return faults.map((fault) => `${name}: ${fault}`)
}

/** The faults that axe calls serious or critical, in words. */
export async function seriousFaults(axe: AxeBuilder): Promise<readonly string[]> {
  const { violations } = await axe.analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary ?? ''}`).join(' | ')}`,
    )
}
