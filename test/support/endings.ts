type Ending = () => unknown

const endings: Ending[] = []
const ENDING_MS = 60_000

/** Has `work` done when the tests are over: by mocha, or where no mocha runs the file by `endAll`. */
export function atTheEnd(work: Ending): void {
  if (typeof after !== 'function') endings.push(work)
  else
    after(async function endOfAllTests() {
      this.timeout(ENDING_MS)
      await work()
    })
}

/** What was left for the end, the last first, so that nothing loses what it stands on. What fails does not keep the rest from ending. */
export async function endAll(): Promise<void> {
  for (const work of endings.splice(0).reverse())
    await Promise.resolve(work()).catch((error: unknown) => console.error('This did not end well:', error))
}
