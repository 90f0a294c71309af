import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { sharedBrowser, whyNoBrowser } from '../support/browser.ts'
import { buildDemo, serveDemo } from './demo.ts'

/**
 * Measures the map of 15,000 seats in this machine's Chromium, which draws in software where it has no display: until the first
 * map, and frames while it is zoomed and dragged. Prints milliseconds. Other programs that are at work are in the figures.
 *
 *     node --import=tsx --conditions=source test/browser/picker-harness/measure.ts
 */
const SEATS = 15_000
const DRAGS: readonly (readonly [what: string, zoomSteps: number])[] = [
  ['drag, all seats small', 5],
  ['drag, seats', 9],
  ['drag, seats with numbers', 13],
]

const why = whyNoBrowser()
if (why !== undefined) throw new Error(`Nothing can be measured: ${why}.`)

const server = await serveDemo(await buildDemo(), () => "default-src 'self'")
const { port } = server.address() as AddressInfo
const browser = await sharedBrowser()
const page = await (await browser.newContext({ viewport: { width: 1_440, height: 900 } })).newPage()
await page.goto(`http://127.0.0.1:${port}/?seats=${SEATS}`, { waitUntil: 'commit' })
say('first map', { ms: await firstMapMs(page) })

const box = await page.getByRole('listbox').boundingBox()
if (box === null) throw new Error('There is no map.')
const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
await page.mouse.move(x, y)
say('at rest', await frames(page, () => page.waitForTimeout(1_000)))
say('zoom in', await frames(page, () => wheel(-120, 30)))
say('zoom out', await frames(page, () => wheel(120, 30)))
for (const [what, zoomSteps] of DRAGS) {
  await wheel(-120, zoomSteps)
  await page.waitForTimeout(500)
  say(what, await frames(page, drag))
  await page.keyboard.press('0')
  await page.waitForTimeout(500)
  await page.mouse.move(x, y)
}
await browser.close()
server.close()

async function wheel(px: number, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) {
    await page.mouse.wheel(0, px)
    await page.waitForTimeout(30)
  }
}

async function drag(): Promise<void> {
  await page.mouse.down()
  for (let step = 0; step < 90; step++) {
    await page.mouse.move(x + Math.sin(step / 8) * 300, y + Math.cos(step / 6) * 200 - 200)
    await page.waitForTimeout(14)
  }
  await page.mouse.up()
}

/** From the navigation until something stands on the canvas. */
async function firstMapMs(on: Page): Promise<number> {
  return await on.evaluate<number>(`new Promise((done) => {
    const look = () => {
      const canvas = document.querySelector('.picker-drawing canvas')
      const pixels = canvas?.width > 300 ? canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data : []
      if (new Set(pixels).size > 8) done(performance.now())
      else requestAnimationFrame(look)
    }
    look()
  })`)
}

/** The times between two frames while something is done. */
async function frames(on: Page, act: () => Promise<void>): Promise<Readonly<Record<string, number>>> {
  await on.evaluate(`{
    window.times = []
    let last = performance.now()
    const next = (now) => {
      times.push(now - last)
      last = now
      window.watching = requestAnimationFrame(next)
    }
    window.watching = requestAnimationFrame(next)
  }`)
  await act()
  const times = await on.evaluate<number[]>('cancelAnimationFrame(window.watching), window.times.slice(2)')
  times.sort((a, b) => a - b)
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return { frames: times.length, p50: at(0.5), p95: at(0.95), max: at(1) }
}

function say(what: string, figures: Readonly<Record<string, number>>): void {
  const shown = Object.entries(figures).map(([name, value]) => `${name} ${Math.round(value * 10) / 10}`)
  process.stdout.write(`${what}: ${shown.join(', ')}\n`)
}
