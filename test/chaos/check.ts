import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, type Asked, type Availability, apiOf, ask, expectStatus, type Hold } from '../support/client.ts'
import { eventually } from '../support/hall.ts'
import type { Product } from '../support/product.ts'
import { FREE, Linearizability } from './history/linearizability.ts'
import { LogReader, type OpenedLog } from './history/log-reader.ts'
import { holdObject, loggedOf } from './history/logged.ts'
import { isAnswered } from './history/operation.ts'
import { placesOf, seatObject } from './history/places.ts'
import type { Load, Request } from './load.ts'

const AT_ONCE = 16
/** How long things may take that must come about: the difference between slow, on a busy machine, and never. */
const SETTLED_WITHIN_MS = 120_000
const DECIDED_WITHIN_MS = 60_000
const SHOWN_WITHIN_MS = 60_000
const REPEATED_MAX = 2_000
const HOLDS_READ_MAX = 500
const FAULTS_SHOWN = 5

/**
 * What must be true after any fault, load after load on one product: the history of all that clients saw is linearizable by
 * the log, what the log took is decided, and reads show it. Throws an `AssertionError` with the first violations in words.
 */
export class HistoryCheck {
  readonly #product: Product
  readonly #linearizability = new Linearizability()
  readonly log = new LogReader()

  constructor(product: Product) {
    this.#product = product
  }

  /** Of a load that has stopped, once for each: what is still open is sent again until it is answered, and much of the rest once more. */
  async check(load: Load): Promise<void> {
    await inParallel(
      load.requests.filter((request) => !isAnswered(request) && !request.isAbandoned),
      (request) => settle(load, request),
    )
    const answered = load.requests.filter(isAnswered)
    const every = Math.ceil(answered.length / REPEATED_MAX)
    await inParallel(
      answered.filter((_, at) => at % every === 0),
      (request) => load.send(request),
    )
    const opened = await this.#product.openLog()
    try {
      const faults = await this.#readOn(opened, load.requests)
      if (faults.length > 0) assert.fail([`${faults.length} violations, the first:`, ...faults.slice(0, FAULTS_SHOWN)].join('\n'))
      await this.#untilDecided(opened)
      await this.#untilShown(opened, load)
      await this.#readHolds(load)
    } finally {
      await opened.close()
    }
  }

  async #readOn(opened: OpenedLog, requests: readonly Request[]): Promise<string[]> {
    const reads = await this.log.read(opened)
    return this.#linearizability.check(requests, loggedOf(reads, placesOf(this.log.directory)))
  }

  async #follow(opened: OpenedLog): Promise<void> {
    assert.deepEqual(await this.#readOn(opened, []), [])
  }

  /** Nothing that the log took is left undecided. */
  async #untilDecided(opened: OpenedLog): Promise<void> {
    let left = await this.log.undecided(opened)
    await eventually('all that was taken to be decided', DECIDED_WITHIN_MS, async () => {
      await this.#follow(opened)
      left = left.filter(({ place, end }) => !this.log.hasDecided(place, end))
      return left.length === 0 || undefined
    }).catch((error: unknown) => assert.fail(`${(error as Error).message} Undecided: ${JSON.stringify(left)}`))
  }

  /** The read model shows every seat as the log has it, and the counts add up. */
  async #untilShown(opened: OpenedLog, { hall: { performanceId, sections } }: Load): Promise<void> {
    const api = apiOf(this.#product)
    const names = sections.flatMap(({ seats }) => seats)
    let differing: readonly string[] = []
    await eventually('seats to be shown as they are', SHOWN_WITHIN_MS, async () => {
      const read = await api.ask('GET', `/v1/performances/${performanceId}/seats`)
      if (read.status !== 200) return undefined
      await this.#follow(opened)
      const shown = new Map(
        read
          .json<{ sections: { seats: { seatId: string; status: string }[] }[] }>()
          .sections.flatMap(({ seats }) => seats.map(({ seatId, status }) => [seatId, status === 'available' ? FREE : status])),
      )
      differing = names.filter((name) => shown.get(name) !== this.#linearizability.stateOf(seatObject(performanceId, name)).split(' ')[0])
      return differing.length === 0 || undefined
    }).catch((error: unknown) => assert.fail(`${(error as Error).message} Differing: ${differing.slice(0, FAULTS_SHOWN).join(', ')}`))
    const counts = await reading(api.url, `/v1/performances/${performanceId}/availability`, {})
    for (const { available, held, sold, blocked, capacity, sectionId } of counts.json<Availability>().sections)
      assert.equal(available + held + sold + blocked, capacity, `the counts of ${sectionId}`)
  }

  /** Every hold is read as its buyer left it, or has expired since. */
  async #readHolds({ requests }: Load): Promise<void> {
    const { url } = this.#product
    const granted = requests.filter(({ kind, answers }) => kind === 'hold' && answers[0]?.said.code === '').slice(-HOLDS_READ_MAX)
    await inParallel(granted, async ({ by, answers: [first] }) => {
      if (by === 'organiser' || first === undefined) return
      const { holdId, version } = first.said
      const headers = { 'cavea-min-version': version }
      const { status } = (await reading(url, `/v1/holds/${holdId}`, { token: by.buyerToken, headers })).json<Hold>()
      const expected = this.#linearizability.stateOf(holdObject(holdId))
      assert.ok(status === expected || (status === 'expired' && expected === 'held'), `${holdId} is shown as ${status}, not as ${expected}`)
    })
  }
}

/** Until it is answered, as a patient client would. */
async function settle(load: Load, request: Request): Promise<void> {
  const deadlineMs = performance.now() + SETTLED_WITHIN_MS
  for (;;) {
    await load.send(request)
    if (isAnswered(request)) return
    assert.ok(performance.now() < deadlineMs, `${request.what} is still not answered`)
    await sleep(200)
  }
}

/** A read that must succeed, after a while if it cannot be answered now. */
async function reading(url: string, path: string, asked: Asked): Promise<Answer> {
  return await eventually(`${path} to be read`, SHOWN_WITHIN_MS, async () => {
    const answer = await ask(url, 'GET', path, asked).catch(() => undefined)
    return answer === undefined || answer.status >= 500 ? undefined : expectStatus(answer, 200)
  })
}

async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of left) await work(item)
    }),
  )
}
