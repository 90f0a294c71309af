import assert from 'node:assert/strict'
import { createHub, type Hub, type HubSettings } from './hub.ts'
import { nextPrefix } from './payload.ts'
import type { Outlet, Source } from './topic.ts'

const SETTINGS = { intervalMs: 100, waitingBytesMax: 1_000, slowMsMax: 10_000, aheadMsMax: 5_000, tendMs: 250 }
const WATCHED = { kind: 'sections', performanceId: 'perf_1', sectionIds: ['a', 'b'] } as const

/** Two sections, each with a value that is its version, and how often they were encoded. */
class Sections implements Source {
  readonly now = [1, 1]
  encodings = 0
  over = false
  versions = (): readonly number[] => [...this.now]
  encode(since?: readonly number[]): Buffer {
    this.encodings++
    const told = this.now.map((version, at) => (since?.[at] === version ? null : version))
    return Buffer.from(JSON.stringify(since === undefined ? { snapshot: told } : { delta: told }))
  }
  isOver = (): boolean => this.over
  failure: Error | undefined
  check(): void {
    if (this.failure !== undefined) throw this.failure
  }
}

class Reader implements Outlet {
  readonly prefix = nextPrefix('1')
  readonly told: unknown[] = []
  waiting = 0
  ended: unknown[] = []
  cuts = 0
  send(frame: readonly Buffer[]): void {
    const bytes = Buffer.concat([...frame])
    this.told.push((JSON.parse(bytes.subarray(bytes.indexOf('{')).toString()) as { payload: unknown }).payload)
  }
  waitingBytes = (): number => this.waiting
  end(error?: unknown): void {
    this.ended.push(error)
  }
  cut(): void {
    this.cuts++
  }
}

describe('Watching', () => {
  const realTimers = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate }
  let sections: Sections
  let hub: Hub
  let nowMs: number
  let timers: { readonly atMs: number; readonly run: () => void }[]

  /** Lets time pass for the hub, whose timers are the ones of this specification. */
  function pass(ms: number): void {
    const untilMs = nowMs + ms
    for (;;) {
      const [next] = timers.toSorted((a, b) => a.atMs - b.atMs)
      if (next === undefined || next.atMs > untilMs) break
      timers.splice(timers.indexOf(next), 1)
      nowMs = Math.max(nowMs, next.atMs)
      next.run()
    }
    nowMs = untilMs
  }

  beforeEach(() => {
    nowMs = 1_000
    timers = []
    const later = (run: () => void, ms = 0): object => {
      const timer = { atMs: nowMs + ms, run, unref: () => timer }
      timers.push(timer)
      return timer
    }
    const never = (timer: never): void => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0)
    const repeat = (run: () => void, ms: number): object => {
      const again = (): void => {
        later(again, ms)
        run()
      }
      return later(again, ms)
    }
    Object.assign(globalThis, { setTimeout: later, clearTimeout: never, setInterval: repeat, clearInterval: never, setImmediate: later })
    sections = new Sections()
    const settings: HubSettings = { ...SETTINGS, nowMs: () => nowMs, behind: () => new Error('behind') }
    hub = createHub(settings)
  })
  afterEach(() => {
    Object.assign(globalThis, realTimers)
  })

  function watch(outlet: Reader, since?: readonly number[], key = 'k'): () => void {
    return hub.watch({ key, watched: WATCHED, source: () => sections, outlet, ...(since && { since }) })
  }

  function change(at: number, section = 'ab'.charAt(at)): void {
    sections.now[at] = (sections.now[at] ?? 0) + 1
    hub.sectionChanged({ performanceId: 'perf_1', sectionId: section } as never)
  }

  it('starts with a snapshot, which readers that come before the next message share', () => {
    const [one, two] = [new Reader(), new Reader()]
    watch(one)
    watch(two)
    assert.deepEqual([one.told, two.told], [[{ snapshot: [1, 1] }], [{ snapshot: [1, 1] }]])
    assert.equal(sections.encodings, 1)
  })

  it('tells what changed once, encoded once for all, whatever happened within the interval', () => {
    const readers = Array.from({ length: 50 }, () => new Reader())
    for (const reader of readers) watch(reader)
    change(0)
    pass(5)
    for (let times = 0; times < 20; times++) change(1)
    pass(94)
    assert.deepEqual(readers[7]?.told.slice(1), [{ delta: [2, null] }], 'the second message waits')
    pass(10)
    for (const { told } of readers) assert.deepEqual(told.slice(1), [{ delta: [2, null] }, { delta: [null, 21] }])
    assert.equal(sections.encodings, 3)
  })

  it('tells a reader that comes later what is new since its snapshot, and nothing twice', () => {
    const [early, before, after] = [new Reader(), new Reader(), new Reader()]
    watch(early)
    change(0)
    watch(before)
    pass(50)
    watch(after)
    pass(1_000)
    assert.deepEqual(early.told, [{ snapshot: [1, 1] }, { delta: [2, null] }])
    assert.deepEqual([before.told, after.told], [[{ snapshot: [2, 1] }], [{ snapshot: [2, 1] }]])
    change(1)
    pass(10)
    for (const { told } of [early, before, after]) assert.deepEqual(told.at(-1), { delta: [null, 2] })
  })

  it('goes on from the versions that a reader has, and says nothing when it has all', () => {
    const [missing, whole] = [new Reader(), new Reader()]
    sections.now[0] = 5
    watch(missing, [3, 1])
    watch(whole, [5, 1])
    assert.deepEqual([missing.told, whole.told], [[{ delta: [5, null] }], []])
    change(1)
    pass(1)
    assert.deepEqual([missing.told.length, whole.told], [2, [{ delta: [null, 2] }]])
  })

  it('lets a reader wait that knows more, and tells it only what is newer than that', () => {
    const reader = new Reader()
    watch(reader, [3, 1])
    change(0)
    pass(300)
    assert.deepEqual(reader.told, [], 'version 2 is older than what it knows')
    change(0)
    change(0)
    pass(600)
    assert.deepEqual(reader.told, [{ delta: [4, null] }])
  })

  it('sends a reader away that knows more for too long', () => {
    const reader = new Reader()
    watch(reader, [9, 1])
    pass(6_000)
    assert.deepEqual([reader.told, reader.ended.map(String)], [[], ['Error: behind']])
  })

  it('skips a slow reader, and gives it a new snapshot when it has read what waits', () => {
    const [slow, quick] = [new Reader(), new Reader()]
    watch(slow)
    watch(quick)
    slow.waiting = 50_000
    for (let times = 0; times < 10; times++) {
      change(0)
      pass(101)
    }
    assert.deepEqual([slow.told.length, quick.told.length], [1, 11], 'no more waits for the slow one, however much changes')
    slow.waiting = 0
    pass(300)
    assert.deepEqual(slow.told.slice(1), [{ snapshot: [11, 1] }])
    change(1)
    pass(101)
    assert.deepEqual(slow.told.at(-1), { delta: [null, 2] })
    assert.equal(slow.cuts, 0)
  })

  it('cuts a reader off that stays slow, or is slow again soon after its snapshot', () => {
    const [stays, again] = [new Reader(), new Reader()]
    watch(stays)
    watch(again)
    stays.waiting = 50_000
    again.waiting = 50_000
    change(0)
    pass(200)
    again.waiting = 0
    pass(300)
    again.waiting = 50_000
    change(0)
    pass(200)
    assert.deepEqual([stays.cuts, again.cuts], [0, 1])
    pass(10_000)
    assert.ok(stays.cuts > 0)
  })

  it('ends when its source is over, after the last change was told', () => {
    const reader = new Reader()
    watch(reader)
    change(0)
    sections.over = true
    pass(10)
    assert.deepEqual([reader.told.length, reader.ended], [2, [undefined]])
  })

  it('ends with the reason when what changes cannot be known any more', () => {
    const reader = new Reader()
    watch(reader)
    hub.partitionFailed()
    assert.deepEqual(reader.ended, [], 'another partition failed')
    sections.failure = new Error('failed')
    hub.partitionFailed()
    assert.deepEqual(reader.ended, [sections.failure])
  })

  it('forgets what nobody watches, and hears of nothing else', () => {
    const reader = new Reader()
    const stop = watch(reader)
    assert.deepEqual([hub.topicCount(), hub.readerCount()], [1, 1])
    change(0, 'elsewhere')
    pass(200)
    assert.equal(reader.told.length, 1, 'the section that changed is not watched')
    stop()
    assert.deepEqual([hub.topicCount(), hub.readerCount()], [0, 0])
    change(0)
    pass(200)
    assert.equal(reader.told.length, 1)
  })

  it('hears of a shard as of its area', () => {
    const reader = new Reader()
    watch(reader)
    change(0, 'a~7')
    pass(10)
    assert.equal(reader.told.length, 2)
  })
})
