import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createCommandService } from '@cavea/command-service/application/command-service'
import { DEFAULT_LIMITS, type WorkerTelemetry } from '@cavea/command-service/application/worker-options'
import type { Actor, Decision } from '@cavea/contracts/envelope'
import { commandIdOf } from '@cavea/contracts/ids'
import { Chain, startOfChain } from '@cavea/contracts/ledger'
import { recorded } from '@cavea/contracts/rejections'
import { SUBJECTS } from '@cavea/contracts/subjects'
import { CONTEXTS, topicsOf } from '@cavea/contracts/topics'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { type EventLog, readRange } from '@cavea/event-log/port'
import { inProcessRegistry } from '@cavea/event-log/registry/in-process'
import { fileSnapshots } from '@cavea/event-log/snapshots'
import { BUYER, codecOfThisBuild, ORGANISATION, ORGANISER, PlantedLog, reading, SYSTEM } from './planted-log.fixture.ts'
import { redecideLog } from './redecide.ts'
import { verifyLog } from './verify.ts'

const codec = codecOfThisBuild()
const { commands, events } = topicsOf('seating')
const telemetry: WorkerTelemetry = {
  folded: () => {},
  decided: () => {},
  dropped: () => {},
  voids: () => {},
  unreadable: () => {},
  quarantined: () => {},
  snapshot: () => {},
  trouble: () => {},
  failed: () => {},
}

/** Any performance does: what is decided again is what the section decides. */
const section = new PlantedLog().section()

function command(name: string, actor: Actor, message: { readonly type: string } & Readonly<Record<string, unknown>>): Buffer {
  const commandId = commandIdOf(name)
  const envelope = { commandId, commandType: message.type, actor, organisation: actor.kind === 'buyer' ? '' : ORGANISATION }
  const rest = { bodyHash: '', causationId: '', correlationId: commandId, traceparent: '' }
  return codec.encodeCommand('seating', { envelope: { ...envelope, ...rest }, message })
}

const terms = {
  priceRevision: 1,
  saleStartsAtMs: null,
  saleEndsAtMs: null,
  holdTtlMs: 60_000,
  extensionMs: 60_000,
  extensions: 1,
  holdMaxMs: 180_000,
  seatsPerHoldMax: 4,
  purchaseLimit: null,
  orphanRule: 'off',
}
const COMMANDS = [
  command('open', SYSTEM, {
    type: 'OpenSection',
    ...section,
    revision: 1,
    seatCount: 10,
    terms,
    geometry: { row: [], x: [], y: [], categories: [], category: [], type: [], focalX: 0, focalY: 0 },
  }),
  command('hold', BUYER, { type: 'HoldSeats', ...section, seats: [0, 1] }),
  command('hold', BUYER, { type: 'HoldSeats', ...section, seats: [0, 1] }),
  command('hold too', BUYER, { type: 'HoldSeats', ...section, seats: [1, 2] }),
  Buffer.from('nobody can read this'),
  command('hold many', BUYER, { type: 'HoldSeats', ...section, seats: [4, 5, 6, 7, 8] }),
  command('block', ORGANISER, { type: 'BlockSeats', ...section, seats: [9], note: 'pillar' }),
]

/** Has the real workers decide the commands, in a folder that `use` may then write to. */
async function decided(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'cavea-redecide-'))
  try {
    const log = await openEmbeddedLog({ dir: join(dir, 'log') })
    for (const context of CONTEXTS) await log.ensureTopics(Object.values(topicsOf(context)).map((topic) => ({ topic, partitions: 1 })))
    const registry = inProcessRegistry([...SUBJECTS].map(([subject, schema]) => ({ subject, schema: schema as object })))
    const clock = {
      nowMs: () => Date.now(),
      sleep: (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => {}),
      random: () => Math.random(),
    }
    const common = { log, codec, registry, clock, telemetry, limits: DEFAULT_LIMITS, topicPrefix: '', owner: 'spec' }
    const service = createCommandService({ ...common, snapshots: fileSnapshots(join(dir, 'snapshots')) })
    await service.start()
    await log.append(commands, 0, COMMANDS)
    while ((await lastDecision(log)).commandOffset < COMMANDS.length - 1) await sleep(5)
    await service.stop()
    await log.close()
    await use(join(dir, 'log'))
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function lastDecision(log: EventLog): Promise<Pick<Decision, 'commandOffset' | 'atMs' | 'link'>> {
  const chain = new Chain(startOfChain(events, 0))
  let last = { commandOffset: -1, atMs: 0 as Decision['atMs'] }
  for await (const { records } of readRange(log, events, 0, 0, await log.endOffset(events, 0))) {
    for (const record of records)
      if (chain.accept(record) && codec.decodeDecision(record.value).outcome !== 'started') last = codec.decodeDecision(record.value)
  }
  return { commandOffset: last.commandOffset, atMs: last.atMs, link: chain.head }
}

describe('Deciding again', () => {
  it('finds what the workers recorded the same, and the audit finds it intact', async () => {
    await decided(async (dir) => {
      await reading(dir, async (deps) => {
        const { breaks, partitions } = await verifyLog(deps)
        assert.deepEqual(breaks, [])
        assert.equal(partitions.find(({ context }) => context === 'seating')?.unlisted, 1)
        const [catalog, seating] = await redecideLog(deps)
        assert.equal(catalog?.difference, null)
        assert.deepEqual([seating?.compared, seating?.difference], [COMMANDS.length, null])
      })
    })
  }).timeout(30_000)

  it('names the decision that is not what the rules say, though the chain is unbroken', async () => {
    await decided(async (dir) => {
      const log = await openEmbeddedLog({ dir })
      const value = command('hold free seats', BUYER, { type: 'HoldSeats', ...section, seats: [2] })
      const { baseOffset: commandOffset } = await log.append(commands, 0, [value])
      const { link } = await lastDecision(log)
      let atMs = 0
      for await (const { records } of readRange(log, commands, 0, commandOffset, commandOffset + 1)) atMs = records[0]?.appendTimeMs ?? 0
      const lie: Decision = {
        link,
        envelope: codec.decodeCommand(value).envelope,
        commandOffset,
        atMs: atMs as Decision['atMs'],
        ruleVersion: 1,
        outcome: 'rejected',
        duplicateOf: null,
        rejection: recorded({ code: 'SEAT_UNAVAILABLE', conflicts: [] }),
        events: [],
      }
      const { baseOffset } = await log.append(events, 0, [codec.encodeDecision(lie)])
      await log.close()
      await reading(dir, async (deps) => {
        assert.equal((await verifyLog(deps)).intact, true)
        const difference = (await redecideLog(deps)).find(({ context }) => context === 'seating')?.difference
        assert.deepEqual([difference?.offset, difference?.commandOffset], [baseOffset, commandOffset])
        assert.match(difference?.why ?? '', /recorded was .*SEAT_UNAVAILABLE.*decided anew it is .*SeatsHeld/)
      })
    })
  }).timeout(30_000)
})
