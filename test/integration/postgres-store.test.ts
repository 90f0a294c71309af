import assert from 'node:assert/strict'
import { startPostgres } from '@cavea/engines/postgres'
import type { Engine } from '@cavea/engines/process'
import { readersOf } from '@cavea/projector/adapters/postgres-readers.fixture'
import { openPostgresStore } from '@cavea/projector/adapters/postgres-store'
import type { ProjectionStore } from '@cavea/projector/ports/projection-store'
import { bookings } from '@cavea/projector/projections/bookings/bookings'
import { describeProjectionStore } from '@cavea/projector/testing/store-contract'
import pg from 'pg'
import { skipsEngine } from '../support/engines.ts'
import { storeOptions } from '../support/tables.ts'

if (!skipsEngine('postgres')) {
  describeProjectionStore('PostgreSQL', 'tables', async () => {
    const engine = await startPostgres()
    const readers = readersOf(engine.url)
    return {
      open: async () => openPostgresStore(storeOptions(engine.url)),
      read: readers.read,
      async stop() {
        await readers.close()
        await engine.stop()
      },
    }
  })

  describe('Accounts of PostgreSQL', function () {
    this.timeout(60_000)
    let engine: Engine
    let store: ProjectionStore
    before(async () => {
      engine = await startPostgres()
      store = openPostgresStore(storeOptions(engine.url))
      await store.prepare()
    })
    after(async () => {
      await store?.close()
      await engine?.stop()
    })

    it('that may read see the read models of today and tomorrow, and nothing else', async () => {
      const admin = new pg.Client({ connectionString: engine.url })
      await admin.connect()
      await admin.query('CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA read_models TO reader')
      await admin.query('ALTER DEFAULT PRIVILEGES IN SCHEMA read_models GRANT SELECT ON TABLES TO reader')
      await admin.end()
      const url = new URL(engine.url)
      url.username = 'reader'
      const readers = readersOf(url.href)
      try {
        for (const number of [1, 2]) {
          await store.activate(bookings, await store.begin(bookings, number))
          for (const table of bookings.tables) assert.deepEqual(await readers.read(table), [], `${table.name}, making ${number}`)
        }
        const reader = new pg.Client({ connectionString: url.href })
        await reader.connect()
        for (const text of ['SELECT * FROM projector.generations', 'SELECT * FROM projector.holds_v1_2', 'DELETE FROM read_models.holds'])
          await assert.rejects(reader.query(text), { code: '42501' }, text)
        await reader.end()
      } finally {
        await readers.close()
      }
    })
  })
}
