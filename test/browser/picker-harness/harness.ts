import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { sharedBrowser, whyNoBrowser } from '../support/browser.ts'
import { faultsOf } from '../support/faults.ts'
import { buildDemo, serveDemo } from './demo.ts'

/** The picker alone on a page, under the policy that the gateway sets. */
export interface Harness {
  /** `query` as `seats=400&mode=block`. Gone when the test is over, which fails if the page had faults. */
  open(query: string, options?: BrowserContextOptions): Promise<PickerPage>
  /** Of the page that shows the custom element. */
  openElement(query: string, connect: string): Promise<PickerPage>
}

export interface PickerPage {
  readonly page: Page
  /** What was announced last. */
  said(): Promise<string>
  /** Calls of `onArea`, `onInspect` and `onBestAvailable`. */
  asked(): Promise<readonly (readonly string[])[]>
  /** Changes seats as others do. */
  set(status: string, ...seatIds: readonly string[]): Promise<void>
  setStale(isStale: boolean): Promise<void>
  setMine(...seatIds: readonly string[]): Promise<void>
}

const STEP_MS = 15_000
const BUILD_MS = 120_000
const POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'"

/** A suite in a real browser. Skips itself where there is none. */
export function describePicker(title: string, define: (harness: Harness) => void): void {
  const why = whyNoBrowser()
  if (why !== undefined) {
    describe(title, () => void it(`is skipped: ${why}`))
    return
  }
  describe(title, function () {
    this.timeout(60_000)
    let server: Server | undefined
    let connect = "'self'"
    let left: (() => Promise<readonly string[]>)[] = []

    before(async function buildPage() {
      this.timeout(BUILD_MS)
      const [dir] = await Promise.all([buildDemo(), sharedBrowser()])
      server = await serveDemo(dir, () => `${POLICY}; connect-src ${connect}`)
    })
    afterEach(async function leave() {
      const faults = (await Promise.all(left.map((close) => close()))).flat()
      left = []
      if (faults.length > 0) throw new Error(`Pages had faults:\n${faults.join('\n')}`)
    })
    after(async function stopServer() {
      server?.closeAllConnections()
      await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())))
    })

    async function visit(path: string, options: BrowserContextOptions): Promise<PickerPage> {
      if (server === undefined) throw new Error('The page is not served yet.')
      const { port } = server.address() as AddressInfo
      const browser = await sharedBrowser()
      const context = await browser.newContext({ reducedMotion: 'reduce', viewport: { width: 1_280, height: 900 }, ...options })
      context.setDefaultTimeout(STEP_MS)
      const page = await context.newPage()
      const faults = faultsOf(page)
      left.push(async () => {
        await context.close()
        return faults
      })
      await page.goto(`http://127.0.0.1:${port}/${path}`)
      return pickerPage(page)
    }

    define({
      open: (query, options = {}) => visit(`?${query}`, options),
      openElement(query, allowed) {
        connect = `'self' ${allowed}`
        return visit(`element.html?${query}`, {})
      },
    })
  })
}

function pickerPage(page: Page): PickerPage {
  const status = page.locator('.picker-said')
  return {
    page,
    said: async () => (await status.textContent()) ?? '',
    asked: async () => await page.evaluate<string[][]>('window.demo.asked'),
    set: async (...args) => void (await page.evaluate(`window.demo.state.set(...${JSON.stringify(args)})`)),
    setStale: async (isStale) => void (await page.evaluate(`window.demo.state.setStale(${isStale})`)),
    setMine: async (...seatIds) => void (await page.evaluate(`window.demo.setMine(${JSON.stringify(seatIds)})`)),
  }
}
