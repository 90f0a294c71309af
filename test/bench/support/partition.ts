import { DECIDERS } from '@cavea/command-service/application/command-service'
import { type DecisionRecord, decideCommand } from '@cavea/command-service/application/deciding'
import { OwnedState } from '@cavea/command-service/application/owned-state'
import type { WorkerOptions } from '@cavea/command-service/application/worker-options'
import { createCodec } from '@cavea/contracts/codec'
import { SUBJECTS } from '@cavea/contracts/subjects'
import { topicsOf } from '@cavea/contracts/topics'
import { inProcessRegistry, schemaId } from '@cavea/event-log/registry/in-process'
import { buyer, envelopeOf, holdsOf, NOW, openingsOf, SYSTEM } from './sections.ts'
import type { HallShape } from './wrk.ts'

export const registry = inProcessRegistry([...SUBJECTS].map(([subject, schema]) => ({ subject, schema: schema as object })))
export const codec = createCodec((subject) => schemaId(subject, SUBJECTS.get(subject) as object))
export const TOPIC = topicsOf('seating', '').events
export const FOLDING = { codec, registry, decider: DECIDERS.seating.decider }

// What deciding takes of a worker's options; a log, a clock and snapshots it has no use for.
const OPTIONS = {
  ...FOLDING,
  policy: DECIDERS.seating.policy,
  telemetry: {
    unreadable() {
      throw new Error('A command could not be read.')
    },
  },
} as unknown as WorkerOptions

const FRESH = { throws: new Map<number, number>(), reactedTo: 0 }

export const emptyState = (): OwnedState => OwnedState.empty(FOLDING, TOPIC, 0)

/** The worker's own way from a command's bytes to a decision's, without a log. Throws unless the command is accepted. */
export async function decideBytes(state: OwnedState, offset: number, value: Buffer): Promise<DecisionRecord> {
  const record = await decideCommand(OPTIONS, 0, state, FRESH, { offset, value, appendTimeMs: NOW })
  if (record.decision.outcome !== 'accepted')
    throw new Error(`The command was ${record.decision.outcome}: ${record.decision.rejection?.code}`)
  return record
}

/** A partition with all sections of a hall open, and the values of the decisions that made it so. */
export async function openPartition(shape: HallShape): Promise<{ readonly state: OwnedState; readonly values: Buffer[] }> {
  const state = emptyState()
  const values: Buffer[] = []
  for (const message of openingsOf(shape)) {
    const envelope = envelopeOf(message.type, SYSTEM, `open ${message.sectionId}`)
    const { value } = await decideBytes(state, values.length, codec.encodeCommand('seating', { envelope, message }))
    values.push(value)
  }
  return { state, values }
}

/** The bytes of one hold for each seat, as the gateway sends them. `round` makes their ids differ from another round's. */
export function holdCommands(shape: HallShape, count: number, round = 0): Buffer[] {
  const commands: Buffer[] = []
  for (const message of holdsOf(shape)) {
    if (commands.length === count) break
    const envelope = envelopeOf(message.type, buyer(commands.length), `hold ${round} ${commands.length}`)
    commands.push(codec.encodeCommand('seating', { envelope, message }))
  }
  return commands
}
