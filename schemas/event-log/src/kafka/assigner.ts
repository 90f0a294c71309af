import { AssignerProtocol } from 'kafkajs'
import { type GroupMember, shareOut, type TopicPartition } from '../sticky-assignment.ts'
import type { JoinedGroup } from './inner.ts'

/** The name by which the members of a group know that they share out in the same way. */
export const PROTOCOL_NAME = 'cavea-sticky'
const PROTOCOL_VERSION = 1

/** What a member tells the leader: the topics, and which partitions it has. */
export function encodeMember(topics: readonly string[], owned: readonly TopicPartition[]): Buffer {
  const userData = Buffer.from(JSON.stringify(toLists(owned)))
  return AssignerProtocol.MemberMetadata.encode({ version: PROTOCOL_VERSION, topics: [...topics], userData })
}

/** The leader's part: what every member gets. */
export function assign(members: JoinedGroup['members'], partitionsOf: ReadonlyMap<string, number>) {
  const partitions = [...partitionsOf].flatMap(([topic, count]) => Array.from({ length: count }, (_, partition) => ({ topic, partition })))
  const shares = shareOut(partitions, members.map(decodeMember))
  return [...shares].map(([memberId, owned]) => ({
    memberId,
    memberAssignment: AssignerProtocol.MemberAssignment.encode({
      version: PROTOCOL_VERSION,
      assignment: toLists(owned),
      userData: Buffer.alloc(0),
    }),
  }))
}

/** The topics that any member asks for. */
export function topicsOf(members: JoinedGroup['members']): Set<string> {
  return new Set(members.flatMap((member) => decodeMember(member).topics))
}

export function decodeAssignment(bytes: Buffer): readonly TopicPartition[] {
  return fromLists(AssignerProtocol.MemberAssignment.decode(bytes)?.assignment ?? {})
}

function decodeMember({ memberId, memberMetadata }: JoinedGroup['members'][number]): GroupMember {
  const decoded = AssignerProtocol.MemberMetadata.decode(memberMetadata)
  return { id: memberId, topics: decoded?.topics ?? [], owned: fromLists(parseLists(decoded?.userData)) }
}

function parseLists(userData: Buffer | undefined): Record<string, number[]> {
  try {
    return JSON.parse(String(userData ?? '{}')) as Record<string, number[]>
  } catch {
    return {}
  }
}

function toLists(owned: readonly TopicPartition[]): Record<string, number[]> {
  const lists: Record<string, number[]> = {}
  for (const { topic, partition } of owned) {
    const list = lists[topic] ?? []
    lists[topic] = list
    list.push(partition)
  }
  return lists
}

function fromLists(lists: Record<string, number[]>): TopicPartition[] {
  return Object.entries(lists).flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition })))
}
