import type { Membership, OwnershipHandler } from '@cavea/event-log/port'
import type { Machine } from './machine.ts'
import type { Scheduler } from './scheduler.ts'

/** A member that is silent for so long is taken for dead. */
const SESSION_MS = 3_000
const HEARTBEAT_MS = 500
/** How long it takes until a member hears of a new assignment. */
const WORD_MS = 50

/** What is shared out. */
export interface Shared {
  readonly scheduler: Scheduler
  readonly partitions: (topic: string) => readonly unknown[]
}

interface Member {
  readonly machine: Machine
  readonly handler: OwnershipHandler
  readonly owned: Set<string>
  /** Owned before it was taken for dead: it does not know yet that others have it. */
  lost: readonly string[]
  isMember: boolean
}

/** Shares out partitions among the machines that seem to be alive. What it says is a hint, and may come late or be wrong. */
export class Group {
  readonly #log: Shared
  readonly #members: Member[] = []
  #topics: readonly string[] = []
  #watching = false

  constructor(log: Shared) {
    this.#log = log
  }

  join(machine: Machine, topics: readonly string[], handler: OwnershipHandler): Membership {
    for (const topic of topics) this.#log.partitions(topic) // Throws when it is missing.
    const member: Member = { machine, handler, owned: new Set(), lost: [], isMember: true }
    this.#members.push(member)
    this.#topics = topics
    this.#share()
    this.#watch()
    return {
      owns: (topic, partition) => member.owned.has(`${topic}/${partition}`),
      leave: async () => {
        if (!this.#members.includes(member)) return
        member.isMember = false
        member.owned.clear()
        this.#members.splice(this.#members.indexOf(member), 1)
        this.#share()
      },
    }
  }

  /** Whether some living machine was given the partition. */
  isOwned(topic: string, partition: number): boolean {
    return this.#members.some(({ machine, owned }) => machine.state === 'up' && owned.has(`${topic}/${partition}`))
  }

  /** Gives a partition to a second member for a while. */
  doubleOwner(topic: string, partition: number, ms: number, random: () => number): void {
    const place = `${topic}/${partition}`
    const others = this.#members.filter(({ isMember, machine, owned }) => isMember && machine.state === 'up' && !owned.has(place))
    const other = others[Math.floor(random() * others.length)]
    if (other === undefined) return
    this.#tell(other, place, 'assigned')
    this.#log.scheduler.after(ms, () => {
      if (!other.owned.has(place)) this.#tell(other, place, 'revoked')
    })
  }

  #watch(): void {
    if (this.#watching) return
    this.#watching = true
    const look = (): void => {
      this.#log.scheduler.after(HEARTBEAT_MS, look)
      const { nowMs } = this.#log.scheduler
      let isChanged = false
      for (const member of [...this.#members]) {
        const { machine } = member
        const isSilent = machine.state !== 'up' && nowMs - machine.sinceMs > SESSION_MS
        if (member.isMember && isSilent) {
          member.isMember = false
          member.lost = [...member.owned]
          member.owned.clear()
          isChanged = true
        }
        if (machine.state === 'dead' && !member.isMember) this.#members.splice(this.#members.indexOf(member), 1)
        if (machine.state === 'up' && !member.isMember) {
          member.isMember = true
          for (const place of member.lost) this.#tell(member, place, 'revoked')
          isChanged = true
        }
      }
      if (isChanged) this.#share()
    }
    this.#log.scheduler.after(HEARTBEAT_MS, look)
  }

  /** Each partition to one member; as few as possible move. */
  #share(): void {
    const members = this.#members.filter(({ isMember }) => isMember)
    if (members.length === 0) return
    const places = this.#topics.flatMap((topic) => this.#log.partitions(topic).map((_, partition) => `${topic}/${partition}`))
    const most = Math.ceil(places.length / members.length)
    for (const member of members) {
      for (const place of [...member.owned].slice(most)) {
        member.owned.delete(place)
        this.#tell(member, place, 'revoked')
      }
    }
    const owned = new Set(members.flatMap((member) => [...member.owned]))
    for (const place of places) {
      if (owned.has(place)) continue
      const least = members.reduce((best, member) => (member.owned.size < best.owned.size ? member : best))
      least.owned.add(place)
      this.#tell(least, place, 'assigned')
    }
  }

  #tell({ machine, handler }: Member, place: string, what: 'assigned' | 'revoked'): void {
    const slash = place.lastIndexOf('/')
    machine.later(WORD_MS, () => handler[what](place.slice(0, slash), Number(place.slice(slash + 1))))
  }
}
