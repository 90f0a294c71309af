import { onPath } from './process.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** The path of a browser of Chromium's kind, or undefined. Nothing starts it but the tests of pages. */
export function findChromium(): string | undefined {
  for (const name of NAMES) {
    const path = onPath(name)
    if (path !== undefined) return path
  }
  return undefined
}
