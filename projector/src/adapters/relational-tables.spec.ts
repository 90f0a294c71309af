import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { describeProjectionStore } from '../testing/store-contract.ts'
import { readersOf } from './postgres-readers.fixture.ts'
import { openPostgresStore } from './postgres-store.ts'
import { type EmbeddedTables, joinEmbeddedTables, openEmbeddedTables } from './relational-tables.ts'

const warn = (message: string, error: unknown): void => console.warn(message, error)

async function open(dir: string): Promise<EmbeddedTables> {
  const tables = await openEmbeddedTables({ dir, warn })
  assert.ok(tables)
  return tables
}

async function query(url: string, text: string): Promise<readonly Record<string, string>[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined) // Whoever waits for an answer is told as well.
  await client.connect()
  try {
    return (await client.query<Record<string, string>>(text)).rows
  } finally {
    await client.end().catch(() => undefined)
  }
}

describe('the embedded tables', function () {
  this.timeout(120_000)
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cavea-tables-'))
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  it('are there again after a restart, on another port and with the same password', async () => {
    const first = await open(dir)
    await first.store.prepare()
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS seven')
    await first.close()
    const second = await open(dir)
    try {
      assert.deepEqual(await query(second.url, 'SELECT seven FROM kept'), [{ seven: 7 }])
    } finally {
      await second.close()
    }
  })

  it('are shared with a second process, which leaves the server as it is', async () => {
    const owner = await open(dir)
    try {
      const guest = await joinEmbeddedTables({ dir, warn })
      assert.equal(guest?.url, owner.url)
      await guest?.store.prepare()
      await guest?.close()
      assert.deepEqual(await owner.store.generations(), [])
    } finally {
      await owner.close()
    }
  })

  it('end with a process that was killed, and are there for the next one', async () => {
    const fixture = fileURLToPath(new URL('relational-owner.fixture.ts', import.meta.url))
    const owner = spawn(process.execPath, [...process.execArgv, fixture, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(owner, 'exit')
    try {
      const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string]
      await query(line, 'CREATE TABLE kept AS SELECT 7 AS seven')
      owner.kill('SIGKILL')
      await ended
      const tables = await open(dir)
      try {
        assert.notEqual(tables.url, line)
        assert.deepEqual(await query(tables.url, 'SELECT seven FROM kept'), [{ seven: 7 }])
        await assert.rejects(query(line, 'SELECT 1'))
      } finally {
        await tables.close()
      }
    } finally {
      owner.kill('SIGKILL')
      await ended
    }
  })

  it('are made anew where their data cannot be used any more', async () => {
    const first = await open(dir)
    const [row] = await query(first.url, 'SHOW data_directory')
    await first.close()
    await rm(join(row?.['data_directory'] ?? '', 'global'), { recursive: true })
    const second = await open(dir)
    try {
      await second.store.prepare()
      assert.deepEqual(await second.store.generations(), [])
    } finally {
      await second.close()
    }
  })

  it('are left out, with a warning, where they cannot be kept', async () => {
    const warnings: string[] = []
    const nowhere = join(process.execPath, 'tables') // A file has no folders.
    assert.equal(await openEmbeddedTables({ dir: nowhere, warn: (message) => void warnings.push(message) }), undefined)
    assert.equal(warnings.length, 1)
  })

  it('let in nobody without the password, which only their owner can read', async () => {
    const tables = await open(dir)
    try {
      const strange = new URL(tables.url)
      strange.password = 'guessed'
      await assert.rejects(query(strange.href, 'SELECT 1'), { code: '28P01' })
      for (const name of ['password', 'url']) assert.equal((await stat(join(dir, name))).mode & 0o077, 0, name)
    } finally {
      await tables.close()
    }
  })
})

describeProjectionStore('the embedded PostgreSQL', 'tables', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'cavea-tables-'))
  const tables = await open(dir)
  const readers = readersOf(tables.url)
  return {
    open: async () => openPostgresStore({ url: tables.url, warn }),
    read: readers.read,
    async stop() {
      await readers.close()
      await tables.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
})
