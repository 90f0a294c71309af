import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Actor, Decision } from '@cavea/contracts/envelope'
import { Chain, startOfChain } from '@cavea/contracts/ledger'
import { recorded } from '@cavea/contracts/rejections'
import { topicsOf } from '@cavea/contracts/topics'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { type EventLog, readRange } from '@cavea/event-log/port'
import { BUYER, codecOfThisBuild, GEOMETRY, type Message, ORGANISER, PlantedLog, reading, SYSTEM, TERMS } from './planted-log.fixture.ts'
import { redecideLog } from './redecide.ts'
import { verifyLog } from './verify.ts'
import { command as commandFor, decided as decidedByWorkers } from './workers.fixture.ts'

const codec = codecOfThisBuild()
const { commands, events } = topicsOf('seating')
/** Any performance does: what is decided again is what the section decides. */
const section = new PlantedLog().section()

const command = (name: string, actor: Actor, message: Message): Buffer => commandFor('seating', name, actor, message)

const terms = { ...TERMS, holdTtlMs: 60_000, extensionMs: 60_000, holdMaxMs: 180_000, seatsPerHoldMax: 4 }
const COMMANDS = [
  command('open', SYSTEM, {
    type: 'OpenSection',
    ...section,
    revision: 1,
    seatCount: 10,
    terms,
    geometry: GEOMETRY,
  }),
  command('hold', BUYER, { type: 'HoldSeats', ...section, seats: [0, 1], cart: null }),
  command('hold', BUYER, { type: 'HoldSeats', ...section, seats: [0, 1], cart: null }),
  command('hold too', BUYER, { type: 'HoldSeats', ...section, seats: [1, 2], cart: null }),
  Buffer.from('nobody can read this'),
  command('hold many', BUYER, { type: 'HoldSeats', ...section, seats: [4, 5, 6, 7, 8], cart: null }),
  command('block', ORGANISER, { type: 'BlockSeats', ...section, seats: [9], note: 'pillar' }),
]

/** Has the real workers decide the commands, in a folder that `use` may then write to. */
const decided = (use: (dir: string) => Promise<void>): Promise<void> =>
  decidedByWorkers(async ({ log }) => {
    await log.append(commands, 0, COMMANDS)
    while ((await lastDecision(log)).commandOffset < COMMANDS.length - 1) await sleep(5)
  }, use)

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
      const value = command('hold free seats', BUYER, { type: 'HoldSeats', ...section, seats: [2], cart: null })
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
        reactedTo: 0,
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
