import { join } from 'node:path'
import { findChromium } from '@cavea/engines/chromium'
import { runCommand } from '@cavea/engines/process'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { atTheEnd } from '../../support/endings.ts'
import { skipsEngine } from '../../support/engines.ts'
import { type Standalone, startStandalone } from '../../support/product.ts'
import { ROOT } from '../../support/program.ts'
import { faultsOf } from './faults.ts'

/** A person at a screen of their own. */
export interface Visitor {
  readonly page: Page
  readonly context: BrowserContext
  /** What a page should never do: break its content security policy, or throw. */
  readonly faults: readonly string[]
}

export interface Site {
  /** Available in hooks and tests. */
  product(): Standalone
  /** Gone when the test is over, which fails if the visitor's pages had faults. */
  visit(path: string, options?: BrowserContextOptions): Promise<Visitor>
}

const START_MS = 180_000
/** Machines that test are busy. */
const STEP_MS = 30_000
const ARGS = ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-default-apps']

let shared: Promise<Browser> | undefined
let building: Promise<unknown> | undefined

/** Why pages cannot be tried here, or undefined when they can. */
export function whyNoBrowser(): string | undefined {
  if (skipsEngine('chromium')) return 'CAVEA_SKIP_ENGINES names chromium'
  return findChromium() === undefined ? 'there is no Chromium on PATH' : undefined
}

/** The browser that all tests of this process use, started when the first one asks. */
export function sharedBrowser(): Promise<Browser> {
  shared ??= chromium.launch({ executablePath: findChromium() ?? '', args: ARGS })
  return shared
}

atTheEnd(async function closeBrowser() {
  const browser = await shared?.catch(() => undefined)
  await browser?.close()
})

/** The web client as its sources are now, built once per process. */
export function builtWeb(): Promise<unknown> {
  building ??= runCommand(process.execPath, [join(ROOT, 'deploy/bootstrap/web.mjs')], { cwd: ROOT })
  return building
}

/** A suite in a real browser, on a Cavea of its own with an empty log. Skips itself where there is no browser. */
export function describeInBrowser(title: string, define: (site: Site) => void): void {
  const why = whyNoBrowser()
  if (why !== undefined) {
    describe(title, () => void it(`is skipped: ${why}`))
    return
  }
  describe(title, function () {
    this.timeout(120_000)
    let product: Standalone | undefined
    let visitors: Visitor[] = []

    before(async function startSite() {
      this.timeout(START_MS)
      await builtWeb()
      ;[product] = await Promise.all([startStandalone(), sharedBrowser()])
    })

    afterEach(async function leave() {
      const faults = visitors.flatMap((visitor) => visitor.faults)
      await Promise.all(visitors.map(({ context }) => context.close()))
      visitors = []
      if (faults.length > 0) throw new Error(`Pages had faults:\n${faults.join('\n')}`)
    })

    after(async function stopSite() {
      this.timeout(START_MS)
      await product?.stop()
    })

    const site: Site = {
      product() {
        if (product === undefined) throw new Error('The site has not started.')
        return product
      },
      async visit(path, options = {}) {
        const browser = await sharedBrowser()
        const context = await browser.newContext({ baseURL: site.product().url, locale: 'en-GB', reducedMotion: 'reduce', ...options })
        context.setDefaultTimeout(STEP_MS)
        const page = await context.newPage()
        const visitor = { page, context, faults: faultsOf(page) }
        visitors.push(visitor)
        await page.goto(path)
        return visitor
      },
    }
    define(site)
  })
}
