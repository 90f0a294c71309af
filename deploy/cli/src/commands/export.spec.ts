import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PUBLIC_SUBJECTS } from '@cavea/contracts/public/schemas'
import { recorded } from '@cavea/contracts/rejections'
import { CONTEXTS, topicsOf } from '@cavea/contracts/topics'
import { openEmbeddedLog } from '@cavea/event-log/embedded/embedded-log'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { BUYER, FLOOR_1, PlantedLog } from '../audit/planted-log.fixture.ts'
import { ParquetFile } from '../export/parquet-file.ts'
import { runCli } from '../program.ts'

const HOLDS = 30_000

describe('cavea export', function () {
  this.timeout(60_000)
  let dir = ''
  let folder = ''
  let planted = new PlantedLog()
  let heldAt = 0

  /** A hall that is open, a hold that is sold, another that is refused, a block with a note, and a record that does not count. */
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cavea-export-'))
    planted = new PlantedLog()
    planted.open()
    planted.open(FLOOR_1, 2)
    const sold = planted.holdAs([1, 2])
    heldAt = sold.offset
    planted.records.seating.push(planted.records.seating.at(-1) as Buffer)
    planted.record('seating', [{ type: 'SeatsSold', ...planted.section(), holdId: sold.holdId, seats: [1, 2], priceRevision: 1 }])
    const conflict = { seat: 2, reason: 'sold', sinceMs: 5, mayFreeAtMs: null }
    const rejection = recorded({ code: 'SEAT_UNAVAILABLE', conflicts: [conflict] } as never)
    planted.record('seating', [], { commandType: 'HoldSeats', outcome: 'rejected', rejection, actor: BUYER, commandOffset: 40 })
    planted.record('seating', [{ type: 'SeatsBlocked', ...planted.section(), blockId: 'block_1', seats: [5], note: 'for my aunt' }])
    const command = { type: 'HoldSeats', ...planted.section(), seats: [2], cart: null }
    const log = await openEmbeddedLog({ dir: join(dir, 'log') })
    for (const context of CONTEXTS) {
      const { commands, events } = topicsOf(context)
      await log.ensureTopics([commands, events].map((topic) => ({ topic, partitions: 1 })))
      if (planted.records[context].length > 0) await log.append(events, 0, planted.records[context])
    }
    const envelope = planted.codec.decodeDecision(planted.records.seating[heldAt] as Buffer).envelope
    const refused = planted.codec.encodeCommand('seating', { envelope, message: command })
    await log.append(
      topicsOf('seating').commands,
      0,
      Array.from({ length: 41 }, () => refused),
    )
    await log.close()
  })
  after(() => rm(dir, { recursive: true, force: true }))

  beforeEach(() => {
    folder = join(dir, `export ${performance.now()}`)
  })

  async function run(...args: readonly string[]) {
    const out: string[] = []
    const err: string[] = []
    const to = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) }
    const io = { env: {}, ...to, errIsTerminal: false, signal: new AbortController().signal }
    const exitCode = await runCli(['export', '--data', dir, '--parquet', folder, ...args], '1.2.3', io)
    return { exitCode, out: out.join(''), err: err.join('') }
  }

  async function rowsOf(event: string): Promise<Record<string, unknown>[]> {
    return await parquetReadObjects({ file: await asyncBufferFromFile(join(folder, `${event}.parquet`)) })
  }

  it('writes one file for each public event, which any reader of Parquet reads, with the names that people know', async () => {
    const { exitCode, out } = await run()
    assert.equal(exitCode, 0, out)
    assert.deepEqual(
      (await readdir(folder)).sort(),
      [...PUBLIC_SUBJECTS.keys()].map((subject) => `${subject.replace('public.', '')}.parquet`).sort(),
    )
    const [held, ...others] = await rowsOf('seating.SeatsHeld')
    assert.deepEqual(others, [], 'a record that does not count was exported')
    const seat = (number: string) => ({ seatId: `A-${number}`, row: 'A', number, category: 'A', amount: 100n })
    assert.deepEqual(held?.['seats'], [seat('1'), seat('2')])
    assert.deepEqual(
      [held?.['eventId'], held?.['section'], held?.['currency'], held?.['quantity'], held?.['buyer']],
      [`seating/0/${heldAt}/0`, 'stalls', 'EUR', 2, BUYER.id],
    )
    assert.ok(held?.['occurredAt'] instanceof Date && held['expiresAt'] instanceof Date)
    assert.deepEqual((await rowsOf('seating.SeatsSold'))[0]?.['seats'], [seat('1'), seat('2')])
    assert.deepEqual((await rowsOf('seating.SectionOpened')).length, 2)
    assert.deepEqual((await rowsOf('cart.CartHeld')).length, 0)
    const [performance] = await rowsOf('catalog.PerformanceScheduled')
    assert.deepEqual(performance?.['prices'], [{ category: 'A', ticketType: '', amount: 100n }])
    const terms = performance?.['terms'] as { readonly seatsPerHoldMax: number } | undefined
    assert.equal(terms?.seatsPerHoldMax, 10)
  })

  it('tells of a refusal what was asked for, and nothing that a person typed', async () => {
    await run()
    const [refused] = await rowsOf('seating.CommandRejected')
    const seat = { seatId: 'A-2', row: 'A', number: '2', category: 'A' }
    assert.deepEqual([refused?.['code'], refused?.['section'], refused?.['quantity']], ['SEAT_UNAVAILABLE', 'stalls', 1])
    assert.deepEqual(refused?.['seats'], [seat])
    assert.deepEqual(refused?.['conflicts'], [{ ...seat, reason: 'sold', since: new Date(5), mayFreeAt: null }])
    for (const name of await readdir(folder)) assert.ok(!(await readFile(join(folder, name))).includes('aunt'), name)
  })

  it('overwrites nothing unless told to, and leaves no half file behind', async () => {
    await run('--context', 'cart')
    const refused = await run()
    assert.deepEqual([refused.exitCode, /is there already.*--force/.test(refused.err)], [2, true])
    assert.equal((await run('--force', '--json')).exitCode, 0)
    const unknown = await run('--force', '--performance', 'perf_unknown')
    assert.deepEqual([unknown.exitCode, unknown.err], [2, 'The log knows no performance "perf_unknown".\n'])
    assert.deepEqual(
      (await readdir(folder)).filter((name) => !name.endsWith('.parquet')),
      [],
    )
    assert.equal((await rowsOf('seating.SeatsHeld')).length, 1)
  })

  it('exports one performance with its hall when asked for it', async () => {
    const { out } = await run('--performance', planted.performanceId, '--json')
    const { files } = JSON.parse(out) as { readonly files: readonly { readonly event: string; readonly rows: number }[] }
    const counts = Object.fromEntries(files.map(({ event, rows }) => [event, rows]))
    assert.deepEqual(
      ['catalog.VenueCreated', 'catalog.SeatMapPublished', 'catalog.PerformanceScheduled', 'seating.SeatsHeld'].map((name) => counts[name]),
      [1, 1, 1, 1],
    )
  })

  it('writes many row groups where there are many events, so that memory holds one', async () => {
    const schema = PUBLIC_SUBJECTS.get('public.seating.HoldExtended')
    assert.ok(schema !== undefined)
    const path = join(dir, 'many.parquet')
    const file = new ParquetFile(path, schema, {})
    const origin = { occurredAt: 1, organisation: '', commandId: '', correlationId: '', actorKind: '' }
    const place = { performanceId: 'p', sectionId: 's', section: 'S', stream: 's' }
    for (let at = 0; at < HOLDS; at++)
      file.add({ type: 'HoldExtended', ...origin, ...place, eventId: `${at}`, holdId: `hold ${at}`, expiresAt: at, extensionsLeft: 0 })
    file.finish()
    const read = await asyncBufferFromFile(path)
    assert.ok((await parquetMetadataAsync(read)).row_groups.length > 1)
    const rows = await parquetReadObjects({ file: read, columns: ['eventId', 'expiresAt'] })
    assert.deepEqual([rows.length, rows.at(-1)], [HOLDS, { eventId: `${HOLDS - 1}`, expiresAt: new Date(HOLDS - 1) }])
  })
})
