import { AppendPipeline } from '@cavea/command-service/application/append-pipeline'
import { DecidedCommands } from '@cavea/command-service/application/decided-commands'
import { OwnedState } from '@cavea/command-service/application/owned-state'
import { Reactions } from '@cavea/command-service/application/reactions'
import type { WorkerOptions } from '@cavea/command-service/application/worker-options'
import type { CommandId } from '@cavea/contracts/ids'
import { Chain, emptyHead } from '@cavea/contracts/ledger'
import { topicsOf } from '@cavea/contracts/topics'
import type { RecordBatch } from '@cavea/event-log/port'
import { type Plant, replaceMethod } from './plants.ts'

const LINK = { from: 5, to: 37 } as const

/** Mistakes in how the ledger rule is kept, in the worker and in readers. */
export const WORKER_BUGS: readonly Plant[] = [
  {
    name: 'the link is not compared',
    breaks: ['I2', 'I3', 'I4', 'I10', 'carts', 'guards'],
    install: () =>
      replaceMethod(Chain.prototype, 'accept', (original) => {
        return function accept(this: Chain, record) {
          const value = Buffer.from(record.value)
          if (value.length >= LINK.to) value.write(this.head, LINK.from, LINK.to - LINK.from, 'hex')
          return original.call(this, { ...record, value })
        }
      }),
  },
  {
    name: 'the head is not advanced past a counted record',
    breaks: ['I3', 'I4', 'carts'],
    install: () =>
      replaceMethod(OwnedState.prototype, 'apply', (original) => {
        return function apply(this: OwnedState, counted, events) {
          const { head } = this.position
          original.call(this, counted, events)
          if (events.length > 1) this.position = { ...this.position, head }
        }
      }),
  },
  {
    name: 'memory is kept after a void batch',
    breaks: ['I4', 'I10', 'carts'],
    install() {
      const kept = new WeakMap<object, OwnedState>()
      return replaceMethod(OwnedState, 'empty', (original) => (folding, topic, partition) => {
        const state = kept.get(folding) ?? original(folding, topic, partition)
        kept.set(folding, state)
        return state
      })
    },
    snapshots: (snapshots) => ({ ...snapshots, async *load() {} }),
  },
  {
    name: 'an unknown result is decided again on memory that was not rolled back',
    breaks: ['I2', 'I4', 'rules'],
    options(options) {
      const { decider } = options
      let kept: unknown
      const memory = (fresh: unknown): unknown => {
        kept ??= fresh
        return kept
      }
      const evolve: typeof decider.evolve = (state, event, atMs) => {
        try {
          decider.evolve(state, event, atMs)
        } catch {
          // It is in memory already.
        }
      }
      const initialState = (): unknown => memory(decider.initialState())
      return { ...options, decider: { ...decider, evolve, initialState, decodeState: (bytes) => memory(decider.decodeState(bytes)) } }
    },
  },
  {
    name: 'a snapshot has what is not confirmed',
    breaks: ['I4'],
    install: () => replaceMethod(AppendPipeline.prototype, 'drained', () => () => Promise.resolve()),
  },
  {
    name: 'a snapshot has no head',
    breaks: ['I4', 'I10', 'carts', 'guards'],
    snapshots: (snapshots) => ({
      ...snapshots,
      async *load(topic, partition) {
        for await (const { start, ...snapshot } of snapshots.load(topic, partition))
          yield { ...snapshot, start: { ...start, head: emptyHead(topic, partition), headOffset: -1 } }
      },
    }),
  },
  { name: 'a snapshot is used without being verified', breaks: ['I2', 'I4'], isUnverified: true },
  {
    name: "commands are taken from the group's committed offset",
    breaks: ['I3'],
    options(options, world) {
      const offsets = committed.get(world) ?? new Map<string, number>()
      committed.set(world, offsets)
      return { ...options, log: { ...options.log, read: readCommitted(options, offsets) } }
    },
  },
  {
    name: 'the wall clock is read in the domain',
    breaks: ['I7'],
    options: (options) => ({
      ...options,
      decider: {
        ...options.decider,
        decide: (command, view, given) =>
          options.decider.decide(command, view, { ...given, now: options.clock.nowMs() as typeof given.now }),
      },
    }),
  },
  {
    name: 'what waits to be sent counts as sent',
    breaks: ['I10', 'carts'],
    install: () => replaceMethod(Reactions.prototype, 'sentTo', () => (end) => end),
  },
  {
    name: 'the memory of command ids is not rebuilt at a hand-over',
    breaks: ['I2', 'I4'],
    install: () => replaceMethod(DecidedCommands, 'decode', () => () => new DecidedCommands()),
  },
  {
    name: 'a command id is decided anew',
    breaks: ['I2'],
    install: () => replaceMethod(DecidedCommands.prototype, 'get', () => () => undefined),
  },
  {
    name: 'the detection of duplicates forgets',
    breaks: ['I2'],
    install() {
      const newest = new WeakMap<DecidedCommands, number>()
      const undoAdd = replaceMethod(DecidedCommands.prototype, 'add', (original) => {
        return function add(this: DecidedCommands, id, decided, atMs) {
          newest.set(this, decided.offset)
          original.call(this, id, decided, atMs)
        }
      })
      const undoGet = replaceMethod(DecidedCommands.prototype, 'get', (original) => {
        return function get(this: DecidedCommands, id: CommandId) {
          const known = original.call(this, id)
          return known !== undefined && known.offset > (newest.get(this) ?? 0) - REMEMBERED ? known : undefined
        }
      })
      return () => {
        undoGet()
        undoAdd()
      }
    },
  },
  {
    name: 'policies do not send again after a crash',
    breaks: ['carts', 'I10'],
    install: () =>
      replaceMethod(OwnedState.prototype, 'fold', (original) => {
        return function fold(this: OwnedState, counted) {
          return original.call(this, counted, () => {})
        }
      }),
  },
  {
    name: 'a part of a cart is leaked when the process dies between two steps',
    breaks: ['carts', 'I10'],
    install: () =>
      replaceMethod(OwnedState.prototype, 'fold', (original) => {
        return function fold(this: OwnedState, counted, seen) {
          return original.call(this, counted, (event, decision) => {
            if (event.type !== 'SeatsHeld') seen(event, decision)
          })
        }
      }),
  },
  {
    name: 'a worker leaves without saying so',
    breaks: ['I10'],
    options: (options) => ({
      ...options,
      log: {
        ...options.log,
        join: async (...asked) => ({ ...(await options.log.join(...asked)), leave: () => Promise.resolve() }),
      },
    }),
  },
]

const REMEMBERED = 12

const committed = new WeakMap<object, Map<string, number>>()

function readCommitted({ log, decider }: WorkerOptions, offsets: Map<string, number>): WorkerOptions['log']['read'] {
  const { commands } = topicsOf(decider.context)
  return async function* read(topic, partition, fromOffset, reading): AsyncIterable<RecordBatch> {
    const place = `${topic}/${partition}`
    const from = topic === commands ? (offsets.get(place) ?? fromOffset) : fromOffset
    for await (const batch of log.read(topic, partition, from, reading)) {
      const last = batch.records.at(-1)
      if (topic === commands && last !== undefined) offsets.set(place, last.offset + 1)
      yield batch
    }
  }
}
