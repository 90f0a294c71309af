import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { emptyHead, type Head, headAfter } from '@cavea/contracts/ledger'
import type { TableSpec, Value } from '@cavea/contracts/read-models/table'
import { type LedgerStart, ledgerStart } from '@cavea/event-log/ledger-reader'
import type { Projection } from '../application/projection.ts'
import { ChangesRefusedError, type Generation, type KeyedChange, type ProjectionStore, type Row } from '../ports/projection-store.ts'

export interface StoreHarness {
  /** Another client of the same database. */
  open(): Promise<ProjectionStore>
  /** What a reader sees under a table's own name, in any order; undefined when there is nothing of that name. Times are numbers. */
  read(table: TableSpec): Promise<readonly Readonly<Record<string, Value>>[] | undefined>
  stop(): Promise<void>
}

type Kind = Projection['store']
type Key = KeyedChange['key']
type Set = KeyedChange['set']

const TOPIC = 'seating.events'
const LARGE = 1_200
const STRANGE = 'Đỗ Thị Ước, "ß" \\ \' {} $ . 𝄞'

/** A projection that nobody runs, with a name of its own, so that tests share a database. */
function example(kind: Kind, version = 1, name = `contract-${randomBytes(6).toString('hex')}`): Projection {
  const suffix = name.replaceAll('-', '_')
  const columns = {
    hall: 'text',
    number: 'integer',
    status: 'text',
    price: 'bigint',
    seen: 'time',
    open: 'boolean',
    rows: 'integers',
    tags: 'texts',
    terms: 'json',
  } as const
  return {
    name,
    version,
    store: kind,
    tables: [
      { name: `seats_${suffix}`, key: ['hall', 'number'], columns },
      { name: `halls_${suffix}`, key: ['hall'], columns: { hall: 'text', name: 'text', terms: 'json' } },
    ],
    project: {},
  }
}

const at = (offset: number, partition = 0): LedgerStart =>
  offset === 0
    ? ledgerStart(TOPIC, partition)
    : { offset, head: headAfter(Buffer.from(`${partition}/${offset}`)), headOffset: offset - 1, commandOffset: 2 * offset }

/** What every adapter promises. */
export function describeProjectionStore(name: string, kind: Kind, setup: () => Promise<StoreHarness>): void {
  describe(`${name} as a store of read models`, function () {
    this.timeout(30_000)
    let harness: StoreHarness
    let store: ProjectionStore
    let beside: ProjectionStore
    let projection: Projection
    let generation: Generation
    let seats: TableSpec
    let halls: TableSpec

    before(async function () {
      this.timeout(120_000)
      harness = await setup()
      store = await harness.open()
      beside = await harness.open()
      await Promise.all([store.prepare(), beside.prepare()])
    })
    after(async () => {
      await Promise.all([store?.close(), beside?.close()])
      await harness?.stop()
    })
    beforeEach(async () => {
      projection = example(kind)
      const [first, second] = projection.tables
      assert.ok(first && second)
      seats = first
      halls = second
      generation = await store.begin(projection, 1)
    })

    const seat = (number: number, version: number, set: Set, hall = 'oper'): KeyedChange => {
      return { table: seats.name, key: [hall, number], set, source: 'seating/0', version }
    }
    const write = (from: number, to: number, changes: readonly KeyedChange[], by = store, of = generation) =>
      by.write(projection, of, { topic: TOPIC, partition: 0, from: at(from), to: at(to), changes })
    async function rowsOf(table = seats, source = 'seating/0', of = generation): Promise<Row[]> {
      const rows: Row[] = []
      for await (const row of beside.rows(projection, of, table.name, source)) rows.push(row)
      return rows
    }
    const fieldsOf = async (key: Key): Promise<Readonly<Record<string, Value>> | undefined> =>
      (await rowsOf()).find((row) => JSON.stringify(row.key) === JSON.stringify(key))?.fields
    const generationsOf = async (of = projection): Promise<string[]> =>
      (await beside.generations()).filter((one) => one.projection === of.name).map((one) => `${one.version}#${one.number} ${one.status}`)

    it('says which kind of projections it keeps', () => assert.equal(store.kind, kind))

    it('is prepared once, however often it is asked', async () => {
      await Promise.all([store.prepare(), beside.prepare(), store.prepare()])
      assert.deepEqual(await generationsOf(), ['1#1 building'])
    })

    describe('generations', () => {
      it('are begun by the first who asks, and shared with who asks second', async () => {
        const other = example(kind, 3)
        const [one, two] = await Promise.all([store.begin(other, 1), beside.begin(other, 1)])
        assert.deepEqual(one, { projection: other.name, version: 3, number: 1, status: 'building' })
        assert.deepEqual(two, one)
        assert.deepEqual(await generationsOf(other), ['3#1 building'])
      })

      it('are seen by no reader before they are activated, and then whole', async () => {
        await write(0, 5, [seat(1, 4, { status: 'held' }), { ...seat(1, 3, { name: 'Opera' }), table: halls.name, key: ['oper'] }])
        assert.equal(await harness.read(seats), undefined)
        await store.activate(projection, generation)
        assert.deepEqual(await generationsOf(), ['1#1 active'])
        assert.deepEqual(
          (await harness.read(seats))?.map((row) => [row['hall'], row['number'], row['status']]),
          [['oper', 1, 'held']],
        )
        assert.deepEqual(
          (await harness.read(halls))?.map((row) => row['name']),
          ['Opera'],
        )
      })

      it('are replaced by the next one at once, with rows and checkpoints of their own', async () => {
        await write(0, 5, [seat(1, 4, { status: 'held' })])
        await store.activate(projection, generation)
        const later = { ...projection, version: 2 }
        const next = await beside.begin(later, 2)
        assert.deepEqual(await generationsOf(), ['1#1 active', '2#2 building'])
        assert.equal((await store.checkpoints(next)).size, 0)
        await beside.write(later, next, {
          topic: TOPIC,
          partition: 0,
          from: at(0),
          to: at(3),
          changes: [seat(2, 2, { status: 'sold' }), { ...seat(1, 2, { name: 'New' }), table: halls.name, key: ['oper'] }],
        })
        assert.deepEqual(
          (await harness.read(seats))?.map((row) => row['status']),
          ['held'],
        )
        await Promise.all([store.activate(later, next), beside.activate(later, next)])
        assert.deepEqual(await generationsOf(), ['1#1 retired', '2#2 active'])
        assert.deepEqual(
          (await harness.read(seats))?.map((row) => row['status']),
          ['sold'],
        )
        assert.deepEqual(
          (await harness.read(halls))?.map((row) => row['name']),
          ['New'],
        )
      })

      it('may be made again at the same version', async () => {
        await write(0, 5, [seat(1, 4, { status: 'held' })])
        await store.activate(projection, generation)
        const again = await store.begin(projection, 2)
        await write(0, 9, [seat(7, 8, { status: 'sold' })], store, again)
        await store.activate(projection, again)
        assert.deepEqual(await generationsOf(), ['1#1 retired', '1#2 active'])
        assert.deepEqual(
          (await harness.read(seats))?.map((row) => row['number']),
          [7],
        )
      })

      it('take new columns with a new version', async () => {
        await store.activate(projection, generation)
        const later: Projection = {
          ...projection,
          version: 2,
          tables: [{ ...seats, columns: { ...seats.columns, colour: 'text' } }, halls],
        }
        const next = await store.begin(later, 2)
        const changes = [seat(1, 0, { colour: 'red' })]
        await store.write(later, next, { topic: TOPIC, partition: 0, from: at(0), to: at(1), changes })
        await store.activate(later, next)
        const [spec] = later.tables
        assert.deepEqual(spec && (await harness.read(spec))?.map((row) => row['colour']), ['red'])
      })

      it('are dropped when they are not active, and nobody writes to them afterwards', async () => {
        await write(0, 5, [seat(1, 4, { status: 'held' })])
        await store.activate(projection, generation)
        await assert.rejects(store.drop(projection, generation))
        const next = await store.begin(projection, 2)
        await write(0, 5, [seat(1, 4, { status: 'sold' })], store, next)
        await store.activate(projection, next)
        await Promise.all([store.drop(projection, generation), beside.drop(projection, generation)])
        await store.drop(projection, generation)
        assert.deepEqual(await generationsOf(), ['1#2 active'])
        assert.equal(await write(5, 6, [seat(1, 5, { status: 'held' })], beside), 'superseded')
        assert.deepEqual(
          (await harness.read(seats))?.map((row) => row['status']),
          ['sold'],
        )
      })
    })

    describe('rows', () => {
      it('come back as they were written, with what was never set as null or absent', async () => {
        const set = {
          status: STRANGE,
          price: 9_007_199_254_740_991,
          seen: 1_790_000_000_123,
          open: false,
          rows: [3, 1, 2],
          tags: ['a', STRANGE, ''],
          terms: { limit: null, names: [STRANGE], nested: { deep: [1, { x: 1.5 }] } },
        }
        assert.equal(await write(0, 10, [seat(1, 7, set), seat(2, 9, { open: true })]), 'written')
        const [first, second] = await rowsOf()
        assert.deepEqual(first, { key: ['oper', 1], version: 7, fields: { hall: 'oper', number: 1, ...set } })
        const given = Object.entries(second?.fields ?? {}).filter(([, value]) => value !== null)
        assert.deepEqual(Object.fromEntries(given), { hall: 'oper', number: 2, open: true })
        if (kind === 'tables') assert.deepEqual(Object.keys(second?.fields ?? {}).toSorted(), Object.keys(seats.columns).toSorted())
      })

      it('keep the fields that a later change does not name, and lose those that it sets to null', async () => {
        await write(0, 5, [seat(1, 1, { status: 'held', price: 5, tags: ['a'] })])
        await write(5, 9, [seat(1, 8, { status: 'sold', tags: null })])
        const fields = await fieldsOf(['oper', 1])
        assert.deepEqual([fields?.['status'], fields?.['price'], fields?.['tags'] ?? null], ['sold', 5, null])
      })

      it('change only by a version above their own', async () => {
        await write(0, 5, [seat(1, 4, { status: 'sold' })])
        assert.equal(await write(5, 6, [seat(1, 4, { status: 'held' }), seat(2, 4, { status: 'held' })]), 'written')
        assert.equal(await write(6, 7, [seat(1, 3, { status: 'held', price: 1 })]), 'written')
        assert.deepEqual(
          (await rowsOf()).map(({ version, fields }) => [version, fields['status']]),
          [
            [4, 'sold'],
            [4, 'held'],
          ],
        )
        assert.equal((await fieldsOf(['oper', 1]))?.['price'] ?? null, null)
      })

      it('are listed by source in the order of their keys', async () => {
        const places = [10, 9, 100, 1].map((number) => seat(number, 1, { status: 'held' }))
        await write(0, 5, [...places, seat(3, 2, {}, 'arena'), { ...seat(4, 2, {}), source: 'seating/1' }])
        assert.deepEqual(
          (await rowsOf()).map(({ key }) => key),
          [
            ['arena', 3],
            ['oper', 1],
            ['oper', 9],
            ['oper', 10],
            ['oper', 100],
          ],
        )
        assert.deepEqual(
          (await rowsOf(seats, 'seating/1')).map(({ key }) => key),
          [['oper', 4]],
        )
        assert.deepEqual(await rowsOf(halls), [])
      })

      it('come in thousands', async () => {
        const changes = Array.from({ length: LARGE }, (_, number) => seat(number, number, { status: `s${number}`, price: number }))
        assert.equal(await write(0, LARGE, changes), 'written')
        const rows = await rowsOf()
        assert.deepEqual([rows.length, rows.at(-1)?.fields['status'], rows.at(-1)?.version], [LARGE, `s${LARGE - 1}`, LARGE - 1])
      })
    })

    describe('checkpoints', () => {
      it('move with the rows, partition by partition', async () => {
        assert.equal((await store.checkpoints(generation)).size, 0)
        await write(0, 5, [seat(1, 4, { status: 'held' })])
        await store.write(projection, generation, { topic: TOPIC, partition: 1, from: at(0, 1), to: at(3, 1), changes: [] })
        await write(5, 6, [])
        const expected = { [`${TOPIC}/0`]: at(6), [`${TOPIC}/1`]: at(3, 1) }
        assert.deepEqual(Object.fromEntries(await beside.checkpoints(generation)), expected)
      })

      it('move only from where their writer believes them to be', async () => {
        const changes = [seat(1, 4, { status: 'held' })]
        assert.equal(await write(0, 5, changes), 'written')
        assert.equal(await write(0, 5, changes, beside), 'superseded')
        assert.equal(await write(4, 9, [seat(1, 3, { status: 'sold' })], beside), 'superseded')
        const elsewhere = { ...at(5), head: emptyHead(TOPIC, 7) satisfies Head }
        const batch = { topic: TOPIC, partition: 0, from: elsewhere, to: at(6), changes: [] }
        assert.equal(await beside.write(projection, generation, batch), 'superseded')
        assert.deepEqual((await store.checkpoints(generation)).get(`${TOPIC}/0`), at(5))
        assert.equal((await fieldsOf(['oper', 1]))?.['status'], 'held')
      })

      it('move for one of many writers that start at the same place', async () => {
        for (const [from, to] of [
          [0, 5],
          [5, 9],
        ] as const) {
          const writers = [store, beside, store, beside].map((by) => write(from, to, [seat(1, to - 1, { price: to })], by))
          assert.deepEqual((await Promise.all(writers)).toSorted(), ['superseded', 'superseded', 'superseded', 'written'])
        }
        assert.deepEqual((await store.checkpoints(generation)).get(`${TOPIC}/0`), at(9))
        assert.deepEqual([(await fieldsOf(['oper', 1]))?.['price'], (await rowsOf())[0]?.version], [9, 8])
      })
    })

    it('refuses what it cannot keep, by an error of its own, and takes the rest without it', async () => {
      await write(0, 1, [seat(1, 0, { status: 'held' })])
      const refused = seat(1, 3, kind === 'tables' ? { price: 'much' } : { 'status.deep': 'much' })
      await assert.rejects(write(1, 5, [seat(2, 2, { status: 'sold' }), refused]), (error: unknown) => error instanceof ChangesRefusedError)
      assert.deepEqual((await store.checkpoints(generation)).get(`${TOPIC}/0`), at(1))
      assert.equal(await write(1, 5, [seat(2, 2, { status: 'sold' })]), 'written')
      assert.deepEqual(
        (await rowsOf()).map(({ fields }) => fields['status']),
        ['held', 'sold'],
      )
    })

    it('amends rows that are not newer, whatever the checkpoint, and names those that are', async () => {
      await write(0, 9, [seat(1, 4, { status: 'held' }), seat(2, 8, { status: 'held' })])
      const newer = seat(2, 7, { status: 'sold' })
      assert.deepEqual(await beside.amend(projection, generation, [seat(1, 4, { price: 5 }), newer, seat(3, 6, { status: 'sold' })]), [
        newer,
      ])
      assert.deepEqual(
        (await rowsOf()).map(({ version, fields }) => [version, fields['status'], fields['price'] ?? null]),
        [
          [4, 'held', 5],
          [8, 'held', null],
          [6, 'sold', null],
        ],
      )
      assert.deepEqual((await store.checkpoints(generation)).get(`${TOPIC}/0`), at(9))
    })

    if (kind === 'documents')
      it('sets fields inside of documents, and leaves those beside them', async () => {
        await write(0, 1, [seat(1, 0, { terms: { a: 1, b: { c: 2 } } })])
        await write(1, 3, [seat(1, 2, { 'terms.b.d': 3, 'terms.7': 'seven' }), seat(2, 1, { 'terms.7': 'new' })])
        assert.deepEqual(
          (await rowsOf()).map(({ fields }) => fields['terms']),
          [{ a: 1, b: { c: 2, d: 3 }, 7: 'seven' }, { 7: 'new' }],
        )
      })
  })
}
