export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

export interface GroupMember {
  readonly id: string
  readonly topics: readonly string[]
  /** What the member owned until now. */
  readonly owned: readonly TopicPartition[]
}

interface Share {
  readonly id: string
  readonly topics: ReadonlySet<string>
  readonly owned: TopicPartition[]
}

/**
 * Shares out the partitions: every member gets as many as every other, give or take one, and as few as possible change hands.
 * Where two members claim the same partition, the one with the lower id keeps it. The result depends on the arguments' content only.
 */
export function shareOut(partitions: readonly TopicPartition[], members: readonly GroupMember[]): Map<string, readonly TopicPartition[]> {
  const shares: Share[] = [...members]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((member) => ({ id: member.id, topics: new Set(member.topics), owned: [] }))
  const free = new Map(
    [...partitions].sort((a, b) => a.partition - b.partition || (a.topic < b.topic ? -1 : 1)).map((one) => [keyOf(one), one]),
  )
  const ownedBefore = new Map(members.map((member) => [member.id, member.owned]))
  for (const share of shares) {
    for (const claim of ownedBefore.get(share.id) ?? []) {
      const partition = free.get(keyOf(claim))
      if (partition === undefined || !share.topics.has(claim.topic)) continue
      free.delete(keyOf(claim))
      share.owned.push(partition)
    }
  }
  for (const partition of free.values()) {
    const taker = shares
      .filter((share) => share.topics.has(partition.topic))
      .reduce<Share | undefined>((best, share) => lighter(best, share, partition.topic), undefined)
    taker?.owned.push(partition)
  }
  while (moveOne(shares));
  return new Map(shares.map((share) => [share.id, share.owned]))
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}

function lighter(best: Share | undefined, share: Share, topic: string): Share {
  if (best === undefined) return share
  const difference = share.owned.length - best.owned.length || countOf(share, topic) - countOf(best, topic)
  return difference < 0 ? share : best
}

function countOf(share: Share, topic: string): number {
  return share.owned.filter((one) => one.topic === topic).length
}

/** Moves one partition from a member with at least two more than another to that other. Answers whether it found one to move. */
function moveOne(shares: readonly Share[]): boolean {
  const byLoad = [...shares].sort((a, b) => b.owned.length - a.owned.length)
  for (const giver of byLoad) {
    for (const taker of [...byLoad].reverse()) {
      if (giver.owned.length - taker.owned.length < 2) break
      const candidates = giver.owned.filter((one) => taker.topics.has(one.topic))
      const surplus = (one: TopicPartition) => countOf(giver, one.topic) - countOf(taker, one.topic)
      const moved = candidates.reduce<TopicPartition | undefined>(
        (best, one) => (best === undefined || surplus(one) >= surplus(best) ? one : best),
        undefined,
      )
      if (moved === undefined) continue
      giver.owned.splice(giver.owned.indexOf(moved), 1)
      taker.owned.push(moved)
      return true
    }
  }
  return false
}
