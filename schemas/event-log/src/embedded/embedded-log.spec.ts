import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { open } from 'lmdb'
import { describeEventLog } from '../contract.ts'
import { bytes, eventually, follow, readAll } from '../contract-tools.ts'
import { AppendRefusedError, LogUnavailableError } from '../errors.ts'
import { openEmbeddedLog } from './embedded-log.ts'

async function temporaryFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'cavea-log-'))
}

describeEventLog('The embedded log', async () => {
  const dir = await temporaryFolder()
  return {
    open: () => openEmbeddedLog({ dir }),
    openBeside: async (log) => log,
    stop: () => rm(dir, { recursive: true }),
  }
})

describe('The embedded log', function () {
  this.timeout(30_000)
  let dir: string
  const children: ChildProcess[] = []

  beforeEach(async () => {
    dir = await temporaryFolder()
  })
  afterEach(async () => {
    for (const child of children.splice(0)) await kill(child)
    await rm(dir, { recursive: true })
  })

  /** Starts a process that appends, and answers once it has acknowledged `count` batches. */
  async function startWriter(count: number) {
    const script = fileURLToPath(new URL('./crash-writer.fixture.ts', import.meta.url))
    const child = spawn(process.execPath, ['--import=tsx', '--conditions=source', script, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    const acknowledged: number[] = []
    createInterface(child.stdout).on('line', (line) => acknowledged.push(Number(line)))
    await eventually('the writer has appended', () => acknowledged.length >= count)
    return { child, acknowledged }
  }

  it('has every acknowledged batch, whole, after its process was killed, again and again', async () => {
    for (let round = 0; round < 3; round++) {
      const { child, acknowledged } = await startWriter(40)
      await kill(child)
      const log = await openEmbeddedLog({ dir })
      const records = await readAll(log, 'crash', 0)
      assert.ok(records.length > (acknowledged.at(-1) ?? 0), 'an acknowledged record is missing')
      for (const [index, { offset, value }] of records.entries()) {
        assert.equal(offset, index)
        const [base = -1, size = 0, at = -1] = String(value).split(' ').map(Number)
        assert.equal(base + at, offset)
        assert.ok(base + size <= records.length, 'a batch is torn')
      }
      await log.close()
    }
  })

  it('is refused to a second process, by name of the folder and of the process that has it', async () => {
    const { child } = await startWriter(1)
    const isNamed = (error: unknown) =>
      error instanceof LogUnavailableError && error.message.includes(dir) && error.message.includes(`process ${child.pid}`)
    await assert.rejects(openEmbeddedLog({ dir }), isNamed)
  })

  it('is refused to the same process a second time, until the first closes it', async () => {
    const first = await openEmbeddedLog({ dir })
    await assert.rejects(openEmbeddedLog({ dir }), LogUnavailableError)
    await first.close()
    await (await openEmbeddedLog({ dir })).close()
  })

  const dead = [
    { what: 'whose pid another process has now', writer: { pid: process.pid, startedAt: '1' } },
    { what: 'of another boot of the machine', writer: { pid: process.pid, bootId: 'another' } },
    { what: 'of a container that is gone', writer: { pid: 1, pidNamespace: 'another' } },
  ]
  for (const { what, writer } of dead) {
    it(`is not kept by the lock of a writer ${what}`, async () => {
      await leaveLock(dir, writer)
      const long = new Date(Date.now() - 60_000)
      await utimes(join(dir, 'writer.lock'), long, long)
      await (await openEmbeddedLog({ dir })).close()
    })
  }

  it('is kept by the lock of a writer in another container for as long as that touches its file', async () => {
    await leaveLock(dir, { pid: 1, pidNamespace: 'another' })
    const beat = setInterval(() => void utimes(join(dir, 'writer.lock'), new Date(), new Date()), 100)
    try {
      await assert.rejects(openEmbeddedLog({ dir }), LogUnavailableError)
    } finally {
      clearInterval(beat)
    }
  })

  it('writes nothing more once another process has taken its lock', async () => {
    const log = await openEmbeddedLog({ dir })
    await log.ensureTopics([{ topic: 't', partitions: 1 }])
    await log.append('t', 0, bytes('a'))
    await leaveLock(dir, { pid: 1 })
    await assert.rejects(log.append('t', 0, bytes('b')), AppendRefusedError)
    assert.equal(await log.endOffset('t', 0), 1)
    await log.close()
  })

  it('can be read by another process while one writes', async () => {
    const { acknowledged } = await startWriter(10)
    const log = await openEmbeddedLog({ dir, readOnly: true })
    const reader = follow(log, 'crash', 0, 0)
    const target = (acknowledged.at(-1) ?? 0) + 20
    await eventually('the reader follows the writer', () => (reader.records.at(-1)?.offset ?? 0) > target)
    await reader.stop()
    assert.deepEqual(
      reader.records.map(({ offset }) => offset),
      reader.records.map((_, index) => index),
    )
    await assert.rejects(log.append('crash', 0, bytes('no')), AppendRefusedError)
    await log.close()
  })

  it('says so when there is nothing to read', async () => {
    await assert.rejects(openEmbeddedLog({ dir: join(dir, 'nothing'), readOnly: true }), LogUnavailableError)
  })
})

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

/** Leaves the lock that a writer would have left that was like this process, but for `differences`. */
async function leaveLock(dir: string, differences: object): Promise<void> {
  const log = await openEmbeddedLog({ dir }).catch(() => undefined)
  const root = open<unknown, string>({ path: dir, overlappingSync: false, noSubdir: false, mapSize: 1024 ** 4, maxDbs: 4 })
  const meta = root.openDB<unknown, string>({ name: 'meta', encoding: 'json', useVersions: true })
  const own = meta.get('writer') as object
  await log?.close()
  await meta.put('writer', { ...own, ...differences }, 4_711)
  await root.close()
}
