import { Payload } from './payload.ts'

/** What a topic shows: something that has versions which only grow. */
export interface Source {
  /** One for each part of it, always in the same order. */
  versions(): readonly number[]
  /** What changed after `since`, whole where its changes are not known so far back; without `since` all of it. Throws a problem. */
  encode(since?: readonly number[]): Buffer
  /** Nothing will change any more. */
  isOver(): boolean
  /** Throws a problem when what changes cannot be known any more. */
  check(): void
}

/** One operation of one connection. */
export interface Outlet {
  /** As `nextPrefix` gives it. */
  readonly prefix: Buffer
  send(frame: readonly Buffer[]): void
  /** Bytes that the network has not taken yet. */
  waitingBytes(): number
  /** Ends the operation; with an error when it ends for that reason. */
  end(error?: unknown): void
  /** Ends the connection: its reader does not keep up. */
  cut(): void
}

export interface TopicSettings {
  /** Time between two messages at least. */
  readonly intervalMs: number
  /** A reader for whom more bytes wait is slow, and skipped. Its last snapshot is not counted, however large it is. */
  readonly waitingBytesMax: number
  /** A slow reader that takes nothing for so long is cut off, and one that is slow again so soon after its new snapshot. */
  readonly slowMsMax: number
  /** How long a reader may wait for versions that another replica knew. */
  readonly aheadMsMax: number
  /** Monotonic. */
  readonly nowMs: () => number
}

interface Member {
  readonly outlet: Outlet
  /** The last telling of which it knows everything. */
  told: number
  /** Of the last snapshot that it was sent. */
  snapshotBytes: number
  slow: { readonly sinceMs: number } | undefined
  /** When it was last given a snapshot for having been slow. */
  rescuedAtMs: number | undefined
}

interface Ahead {
  readonly outlet: Outlet
  readonly since: readonly number[]
  readonly untilMs: number
}

/** Time after which a delivery lets others have the processor. */
const SLICE_MS = 8
const SLICE_CHECK = 64

const sum = (versions: readonly number[]): number => versions.reduce((total, version) => total + version, 0)

/**
 * All that watch the same with the same selection. What changes is encoded once, as one message for all of them: that is
 * right because they are in step. Who comes while something is still to be told waits until it is.
 */
export class Topic {
  readonly #source: Source
  readonly #settings: TopicSettings
  readonly #members = new Map<Outlet, Member>()
  readonly #joining = new Map<Outlet, readonly number[] | undefined>()
  readonly #ahead = new Map<Outlet, Ahead>()
  readonly #slow = new Set<Member>()
  /** What the last telling brought everybody to. */
  #sent: readonly number[]
  /** Of that state. */
  #snapshot: Payload | undefined
  #tellings = 0
  #isDirty = false
  #isDelivering = false
  #isClosed = false
  #quietUntilMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(source: Source, settings: TopicSettings) {
    this.#source = source
    this.#settings = settings
    this.#sent = source.versions()
  }

  get readers(): number {
    return this.#members.size + this.#joining.size + this.#ahead.size
  }

  /** Whether somebody has to be looked after, with `tend`. */
  get needsTending(): boolean {
    return this.#slow.size > 0 || this.#ahead.size > 0
  }

  /** Sends what the reader does not have yet, and from then on what changes. Throws a problem. */
  join(outlet: Outlet, since: readonly number[] | undefined): void {
    if (this.#isDirty) this.#joining.set(outlet, since)
    else this.#admit(outlet, since)
  }

  leave(outlet: Outlet): void {
    const member = this.#members.get(outlet)
    if (member !== undefined) this.#slow.delete(member)
    this.#members.delete(outlet)
    this.#joining.delete(outlet)
    this.#ahead.delete(outlet)
  }

  /** Something changed: it is told now, or when the time between two messages has passed. */
  changed(): void {
    this.#isDirty = true
    if (this.#isDelivering || this.#timer !== undefined || this.#isClosed) return
    const waitMs = this.#quietUntilMs - this.#settings.nowMs()
    // Also at once means after the batch that is being folded: it may change the same again.
    this.#timer = setTimeout(() => this.#tell(), Math.max(0, waitMs))
  }

  /** Gives slow readers that have caught up a new snapshot and cuts off those that do not; lets those in that were ahead. */
  tend(): void {
    if (!this.#isDirty) this.#rescue()
    const now = this.#settings.nowMs()
    for (const { outlet, slow } of this.#slow) if (slow !== undefined && now - slow.sinceMs > this.#settings.slowMsMax) outlet.cut()
    for (const { outlet, since, untilMs } of [...this.#ahead.values()]) {
      this.#ahead.delete(outlet)
      if (this.#isDirty || !this.#isAhead(since)) this.#attempt(outlet, () => this.join(outlet, since))
      else this.#ahead.set(outlet, { outlet, since, untilMs })
    }
  }

  /** Readers that waited too long for versions which this replica does not know. */
  overdue(): readonly Outlet[] {
    const now = this.#settings.nowMs()
    return [...this.#ahead.values()].flatMap(({ outlet, untilMs }) => (now >= untilMs ? [outlet] : []))
  }

  /** Ends all its operations when what changes cannot be known any more. */
  check(): void {
    try {
      this.#source.check()
    } catch (error) {
      this.close(error)
    }
  }

  /** Ends all its operations. */
  close(error?: unknown): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    for (const outlet of [...this.#members.keys(), ...this.#joining.keys(), ...this.#ahead.keys()]) outlet.end(error)
  }

  #isAhead(since: readonly number[]): boolean {
    return since.some((version, at) => version > (this.#sent[at] ?? 0))
  }

  /** Only while everything is told, so that what is encoded now is the state that all others know. */
  #admit(outlet: Outlet, since: readonly number[] | undefined): void {
    if (since !== undefined && this.#isAhead(since)) {
      this.#ahead.set(outlet, { outlet, since, untilMs: this.#settings.nowMs() + this.#settings.aheadMsMax })
      return
    }
    const member: Member = { outlet, told: this.#tellings, snapshotBytes: 0, slow: undefined, rescuedAtMs: undefined }
    if (since === undefined) this.#sendSnapshot(member)
    else if (sum(since) !== sum(this.#sent)) outlet.send(new Payload(this.#source.encode(since)).frame(outlet.prefix))
    if (this.#source.isOver()) outlet.end()
    else this.#members.set(outlet, member)
  }

  #attempt(outlet: Outlet, act: () => void): void {
    try {
      act()
    } catch (error) {
      outlet.end(error)
    }
  }

  #sendSnapshot(member: Member): void {
    this.#snapshot ??= new Payload(this.#source.encode())
    member.told = this.#tellings
    member.snapshotBytes = this.#snapshot.bytes.length
    member.outlet.send(this.#snapshot.frame(member.outlet.prefix))
  }

  #rescue(): void {
    for (const member of this.#slow) {
      if (member.outlet.waitingBytes() > 0) continue
      this.#slow.delete(member)
      member.slow = undefined
      member.rescuedAtMs = this.#settings.nowMs()
      this.#attempt(member.outlet, () => this.#sendSnapshot(member))
    }
  }

  #tell(): void {
    this.#timer = undefined
    this.#isDirty = false
    if (this.#isClosed || this.readers === 0) return
    try {
      const versions = this.#source.versions()
      const isNew = sum(versions) !== sum(this.#sent)
      const payload = isNew && this.#members.size > 0 ? new Payload(this.#source.encode(this.#sent)) : undefined
      if (isNew) {
        this.#sent = versions
        this.#snapshot = undefined
        this.#tellings++
      }
      const before = [...this.#joining]
      this.#joining.clear()
      if (payload !== undefined) this.#isDelivering = true
      this.#rescue()
      for (const [outlet, since] of before) this.#attempt(outlet, () => this.#admit(outlet, since))
      if (payload !== undefined) this.#deliver(payload, this.#members.values())
    } catch (error) {
      this.close(error)
    }
  }

  #deliver(payload: Payload, members: Iterator<Member>): void {
    const startedMs = this.#settings.nowMs()
    let count = 0
    for (let next = members.next(); next.done !== true; next = members.next()) {
      this.#give(next.value, payload)
      if (++count % SLICE_CHECK === 0 && this.#settings.nowMs() - startedMs > SLICE_MS) {
        setImmediate(() => this.#deliver(payload, members))
        return
      }
    }
    this.#isDelivering = false
    this.#quietUntilMs = this.#settings.nowMs() + this.#settings.intervalMs
    if (this.#isClosed) return
    if (this.#source.isOver()) this.close()
    else if (this.#isDirty) this.changed()
  }

  #give(member: Member, payload: Payload): void {
    const { outlet } = member
    if (this.#isClosed || member.slow !== undefined || member.told === this.#tellings) return
    if (outlet.waitingBytes() <= member.snapshotBytes + this.#settings.waitingBytesMax) {
      member.told = this.#tellings
      outlet.send(payload.frame(outlet.prefix))
      return
    }
    const now = this.#settings.nowMs()
    if (member.rescuedAtMs !== undefined && now - member.rescuedAtMs < this.#settings.slowMsMax) {
      outlet.cut()
      return
    }
    member.slow = { sinceMs: now }
    this.#slow.add(member)
  }
}
