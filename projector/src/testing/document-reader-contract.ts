import assert from 'node:assert/strict'
import { ledgerStart } from '@cavea/event-log/ledger-reader'
import type { Projection } from '../application/projection.ts'
import type { DocumentQuery, DocumentReader } from '../ports/document-reader.ts'
import type { KeyedChange, ProjectionStore } from '../ports/projection-store.ts'

export interface ReaderHarness {
  readonly store: ProjectionStore
  /** Reads what the store keeps. */
  readonly reader: DocumentReader
  stop(): Promise<void>
}

const PROJECTION: Projection = {
  name: 'contract-queries',
  version: 1,
  store: 'documents',
  tables: [
    {
      name: 'shows_of_contract',
      key: ['hall', 'show'],
      columns: { hall: 'text', show: 'text', at: 'time', price: 'integer', tags: 'texts', place: 'json' },
    },
  ],
  project: {},
}
const DAY_MS = 86_400_000

/** What every store of documents answers alike to queries. */
export function describeDocumentReader(name: string, setup: () => Promise<ReaderHarness>): void {
  describe(`${name} as a reader of documents`, function () {
    this.timeout(30_000)
    let harness: ReaderHarness

    before(async function () {
      this.timeout(120_000)
      harness = await setup()
      const { store } = harness
      await store.prepare()
      const generation = await store.begin(PROJECTION, 1)
      const show = (id: string, version: number, set: KeyedChange['set'], hall = 'oper'): KeyedChange => {
        return { table: 'shows_of_contract', key: [hall, id], set, source: 'catalog/0', version }
      }
      const changes = [
        show('aida', 0, { at: DAY_MS, price: 50, tags: ['verdi', 'late'], place: { city: 'Wien', country: 'AT' } }),
        show('boris', 1, { at: 2 * DAY_MS, price: 20, tags: [], place: { city: 'Berlin', country: 'DE' } }),
        show('carmen', 2, { at: 3 * DAY_MS, price: 35, tags: ['bizet'], place: { city: 'Berlin', country: 'DE' } }, 'are/na'),
      ]
      const from = ledgerStart('catalog.events', 0)
      const to = { ...from, offset: 3 }
      await store.write(PROJECTION, generation, { topic: 'catalog.events', partition: 0, from, to, changes })
      await store.activate(PROJECTION, generation)
    })
    after(() => harness?.stop())

    const shows = async (filter: DocumentQuery['filter'], rest: Partial<DocumentQuery> = {}): Promise<unknown[]> => {
      const found = await harness.reader.find('shows_of_contract', { filter, sort: { show: 1 }, limit: 10, ...rest })
      return (found ?? []).map(({ show }) => show)
    }

    it('finds documents by their fields, and by fields inside of them', async () => {
      assert.deepEqual(await shows({ hall: 'oper' }), ['aida', 'boris'])
      assert.deepEqual(await shows({ 'place.city': 'Berlin' }), ['boris', 'carmen'])
      assert.deepEqual(await shows({ tags: 'verdi' }), ['aida'])
      assert.deepEqual(await shows({ show: { $regex: '^[ab]' }, price: { $lt: 50 } }), ['boris'])
      assert.deepEqual(await shows({ $or: [{ price: { $gte: 50 } }, { show: { $in: ['carmen', 'tosca'] } }] }), ['aida', 'carmen'])
      assert.deepEqual(await shows({ nothing: { $exists: true } }), [])
    })

    it('compares times as dates', async () => {
      assert.deepEqual(await shows({ at: { $gte: new Date(2 * DAY_MS) } }), ['boris', 'carmen'])
    })

    it('answers in the order and the number asked for', async () => {
      assert.deepEqual(await shows({}, { sort: { price: -1 } }), ['aida', 'carmen', 'boris'])
      assert.deepEqual(await shows({}, { skip: 1, limit: 1 }), ['boris'])
    })

    it('answers whole documents, each under an id of its own', async () => {
      assert.deepEqual(await harness.reader.find('shows_of_contract', { filter: { show: 'carmen' }, limit: 1 }), [
        {
          _id: 'are%2Fna/carmen',
          source: 'catalog/0',
          version: 2,
          hall: 'are/na',
          show: 'carmen',
          at: new Date(3 * DAY_MS),
          price: 35,
          tags: ['bizet'],
          place: { city: 'Berlin', country: 'DE' },
        },
      ])
    })

    it('says when nothing of that name is active', async () => {
      assert.equal(await harness.reader.find('no_such_collection', { filter: {}, limit: 1 }), undefined)
    })
  })
}
