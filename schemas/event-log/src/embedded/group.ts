import type { Membership, OwnershipHandler } from '../port.ts'
import { shareOut, type TopicPartition } from '../sticky-assignment.ts'

interface Member {
  readonly id: string
  readonly topics: readonly string[]
  readonly handler: OwnershipHandler
  owned: ReadonlyMap<string, TopicPartition>
}

/** The members of the groups of one log instance. Handlers are called after `join` has answered, in order. */
export class Groups {
  readonly #partitionsOf: (topic: string) => number
  readonly #members = new Map<string, Member[]>()
  #joined = 0

  constructor(partitionsOf: (topic: string) => number) {
    this.#partitionsOf = partitionsOf
  }

  join(group: string, topics: readonly string[], handler: OwnershipHandler): Membership {
    const member: Member = { id: String(this.#joined++).padStart(9, '0'), topics, handler, owned: new Map() }
    const members = this.#members.get(group) ?? []
    this.#members.set(group, members)
    members.push(member)
    this.#share(members)
    return {
      owns: (topic, partition) => member.owned.has(`${topic}/${partition}`),
      leave: async () => {
        const index = members.indexOf(member)
        if (index < 0) return
        members.splice(index, 1)
        member.owned = new Map()
        this.#share(members)
      },
    }
  }

  close(): void {
    for (const members of this.#members.values()) {
      for (const member of members.splice(0)) member.owned = new Map()
    }
  }

  #share(members: readonly Member[]): void {
    const topics = [...new Set(members.flatMap((member) => member.topics))]
    const partitions = topics.flatMap((topic) =>
      Array.from({ length: this.#partitionsOf(topic) }, (_, partition) => ({ topic, partition })),
    )
    const shares = shareOut(
      partitions,
      members.map((member) => ({ ...member, owned: [...member.owned.values()] })),
    )
    const calls: (() => void)[] = []
    for (const member of members) {
      const before = member.owned
      const after = new Map((shares.get(member.id) ?? []).map((one) => [`${one.topic}/${one.partition}`, one]))
      member.owned = after
      for (const [key, { topic, partition }] of before) {
        if (!after.has(key)) calls.unshift(() => member.handler.revoked(topic, partition))
      }
      for (const [key, { topic, partition }] of after) {
        if (!before.has(key)) calls.push(() => members.includes(member) && member.handler.assigned(topic, partition))
      }
    }
    queueMicrotask(() => {
      for (const call of calls) call()
    })
  }
}
