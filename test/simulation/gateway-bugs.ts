import type { Decision } from '@cavea/contracts/envelope'
import { partitionOf } from '@cavea/contracts/partitioning'
import { type Context, topicsOf } from '@cavea/contracts/topics'
import { type LedgerStart, ledgerStart } from '@cavea/event-log/ledger-reader'
import { readRange } from '@cavea/event-log/port'
import { type Answer, CommandNotSentError } from '@cavea/gateway/ports/command-bus'
import type { SimulatedGateway } from './gateway.ts'
import type { Plant } from './plants.ts'

type Hear = (decision: Decision) => void

/** What gateways are told of decisions, by the id of the command, before they read it themselves. */
const rumours = new WeakMap<object, Map<string, Hear>>()

function rumoursIn(world: object): Map<string, Hear> {
  const found = rumours.get(world) ?? new Map<string, Hear>()
  rumours.set(world, found)
  return found
}

/** A gateway that answers by whichever comes first. */
function believing(gateway: SimulatedGateway, world: object): SimulatedGateway {
  const { bus } = gateway
  const partitions = (context: Context): number => bus.positions().get(topicsOf(context).events)?.size ?? 1
  return {
    ...gateway,
    bus: {
      ...bus,
      send: (context, bucket, command) => {
        const heard = new Promise<Answer>((resolve) =>
          rumoursIn(world).set(command.envelope.commandId, (decision) =>
            resolve({ outcome: 'decided', decision, asked: decision, context, partition: partitionOf(bucket, partitions(context)) }),
          ),
        )
        return Promise.race([bus.send(context, bucket, command), heard])
      },
    },
  }
}

const tell = (world: object, decision: Decision): void => {
  const opens = decision.events.some(({ type }) => type === 'CartOpened')
  if (decision.outcome !== 'duplicate' && !opens) rumoursIn(world).get(decision.envelope.commandId)?.(decision)
}

/** Mistakes in how answers are found. */
export const GATEWAY_BUGS: readonly Plant[] = [
  {
    name: 'an answer is sent from memory before its record counts',
    breaks: ['I2'],
    gateway: believing,
    options: (options, world) => ({
      ...options,
      codec: {
        ...options.codec,
        encodeDecision(decision) {
          tell(world, decision)
          return options.codec.encodeDecision(decision)
        },
      },
    }),
  },
  {
    name: 'an answer is sent when its append is acknowledged',
    breaks: ['I2'],
    gateway: believing,
    options: (options, world) => ({
      ...options,
      log: {
        ...options.log,
        async append(topic, partition, values) {
          const appended = await options.log.append(topic, partition, values)
          if (topic === topicsOf(options.decider.context).events)
            for (const value of values) tell(world, options.codec.decodeDecision(Buffer.from(value)))
          return appended
        },
      },
    }),
  },
  {
    name: 'a reader starts in the middle with the first head that it sees',
    breaks: ['I2', 'I10'],
    gatewayParts: (parts) => ({
      ...parts,
      async starts(topic, partition): Promise<LedgerStart> {
        const offset = (await parts.log.endOffset(topic, partition)) - 1
        for await (const { records } of readRange(parts.log, topic, partition, Math.max(0, offset), offset + 1)) {
          const head = records[0]?.value.toString('hex', 5, 37) ?? ''
          return { offset, head: head as LedgerStart['head'], headOffset: offset - 1, commandOffset: -1 }
        }
        return ledgerStart(topic, partition)
      },
    }),
  },
  {
    name: 'what the log refused is said to be under way',
    breaks: ['I2'],
    gateway: (gateway) => ({
      ...gateway,
      bus: {
        ...gateway.bus,
        send: (context, bucket, command) =>
          gateway.bus.send(context, bucket, command).catch((error: unknown) => {
            if (!(error instanceof CommandNotSentError)) throw error
            return { outcome: 'undecided', commandId: command.envelope.commandId }
          }),
      },
    }),
  },
  {
    name: 'a read model does not hear of what expires',
    breaks: ['I5'],
    seatState: (state) => ({
      ...state,
      apply: (events, atMs) =>
        state.apply(
          events.filter(({ type }) => type !== 'HoldExpired'),
          atMs,
        ),
    }),
  },
  {
    name: 'a repeat is answered with the newest that its client was told',
    breaks: ['I2'],
    gateway(gateway) {
      const { bus } = gateway
      const newest = new Map<string, Answer>()
      const sent = new Set<string>()
      return {
        ...gateway,
        bus: {
          ...bus,
          recall: () => undefined,
          async send(context, bucket, command) {
            const { commandId, actor } = command.envelope
            const known = newest.get(actor.id)
            if (sent.has(commandId) && known !== undefined) return known
            sent.add(commandId)
            const answer = await bus.send(context, bucket, command)
            newest.set(actor.id, answer)
            return answer
          },
        },
      }
    },
  },
]
