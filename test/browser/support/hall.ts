import type { Locator, Page } from 'playwright-core'

/** What a person does on the page of a performance, in the list of its seats. */
export interface HallPage {
  readonly page: Page
  openSection(name: string): Promise<void>
  seat(row: string, number: number | string): Locator
  pick(...seats: readonly (readonly [row: string, number: number])[]): Promise<void>
  /** Holds what is chosen and waits until it is held. */
  hold(): Promise<void>
  readonly held: Locator
  readonly basket: Locator
}

/** The hall's list view, once it is there. */
export async function hallOf(page: Page, section: string): Promise<HallPage> {
  await page.getByRole('tab', { name: 'List' }).click()
  const hall: HallPage = {
    page,
    async openSection(name) {
      await page.getByRole('button', { name: new RegExp(`${name} .*left`) }).click()
    },
    seat: (row, number) => page.getByRole('grid').getByRole('checkbox', { name: new RegExp(`(^|\\b)Row ${row}, seat ${number}, `) }),
    async pick(...seats) {
      for (const [row, number] of seats) await hall.seat(row, number).click()
    },
    async hold() {
      await page.getByRole('button', { name: /^Hold / }).click()
      await hall.held.first().waitFor()
    },
    held: page.locator('.hold[data-status="held"]'),
    basket: page.getByRole('region', { name: 'Your choice' }),
  }
  await hall.openSection(section)
  return hall
}
