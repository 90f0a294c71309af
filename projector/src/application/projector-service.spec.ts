import assert from 'node:assert/strict'
import { eventually } from '@cavea/event-log/contract-tools'
import { type MemoryDocuments, openMemoryDocuments } from '../adapters/memory-documents.ts'
import type { ProjectionStore } from '../ports/projection-store.ts'
import { HOLDS, heldEvent, listen, manualClock, openRig, QUICK_LIMITS, type Rig, soldEvent } from '../testing/projector-rig.ts'
import type { Projection } from './projection.ts'
import { createProjectorService, type ProjectorService } from './projector-service.ts'

const PARTITIONS = 3

describe('A projector', () => {
  let rig: Rig
  let store: MemoryDocuments
  const running: { readonly stop: () => Promise<void> }[] = []

  beforeEach(async () => {
    rig = await openRig(PARTITIONS)
    store = openMemoryDocuments()
  })
  afterEach(async () => {
    await Promise.all(running.splice(0).map((service) => service.stop()))
    await rig.close()
  })

  async function start(projection: Projection = HOLDS, by: ProjectionStore = store) {
    const { told, telemetry } = listen()
    const clock = manualClock()
    const options = { ...rig, topicPrefix: '', stores: [by], projections: [projection], telemetry, clock, limits: QUICK_LIMITS }
    const service: ProjectorService = createProjectorService(options)
    running.push(service)
    await service.start()
    return { service, told, clock }
  }
  async function append(times: number, from = 0): Promise<void> {
    for (let partition = 0; partition < PARTITIONS; partition++)
      await rig.ledger.append(
        'seating',
        partition,
        Array.from({ length: times }, (_, at) => [heldEvent(`h${partition}.${from + at}`, from + at)]),
      )
  }
  const statuses = async (): Promise<unknown[]> =>
    ((await store.find('example_holds', { filter: {}, sort: { hold: 1 }, limit: 1_000 })) ?? []).map(({ status }) => status)
  const generations = async (): Promise<string[]> => (await store.generations()).map(({ version, status }) => `v${version} ${status}`)

  it('makes a read model of all partitions, and shows it when it is whole', async () => {
    await append(25)
    const { service } = await start()
    assert.equal(service.readiness().ready, false)
    await eventually('it is ready', () => service.readiness().ready)
    assert.deepEqual(await generations(), ['v1 active'])
    assert.equal((await statuses()).length, 75)
    assert.equal(service.lanes().length, PARTITIONS)
    await append(1, 99)
    await eventually('it goes on', async () => (await statuses()).length === 78)
  })

  it('is ready on an empty log', async () => {
    const { service } = await start()
    await eventually('it is ready', () => service.readiness().ready)
    assert.deepEqual(await statuses(), [])
  })

  it('shares the partitions with others, and takes over from one that leaves', async () => {
    const first = await start()
    const second = await start()
    await eventually('both have some, and together all', () => {
      const [one, other] = [first.service.lanes().length, second.service.lanes().length]
      return one > 0 && other > 0 && one + other === PARTITIONS
    })
    await append(5)
    await eventually('all is there', async () => (await statuses()).length === 15)
    await second.service.stop()
    await append(5, 50)
    await eventually('one does it all', async () => (await statuses()).length === 30)
    assert.equal(first.service.lanes().length, PARTITIONS)
  })

  it('makes a new version beside the old one, switches when it has caught up, and drops the old one after a while', async () => {
    await append(40)
    const old = await start()
    await eventually('the old one is ready', () => old.service.readiness().ready)
    await old.service.stop()
    const later: Projection = {
      ...HOLDS,
      version: 2,
      project: {
        seating: (fact) => (HOLDS.project.seating?.(fact) ?? []).map((change) => ({ ...change, set: { ...change.set, times: 2 } })),
      },
    }
    let isOpen = false
    const gated: ProjectionStore = {
      ...store,
      async write(...args) {
        await eventually('it may write', () => isOpen)
        return await store.write(...args)
      },
    }
    const { service, told, clock } = await start(later, gated)
    await eventually('it is begun', async () => (await generations()).length === 2)
    assert.deepEqual(await generations(), ['v1 active', 'v2 building'])
    assert.equal((await store.find('example_holds', { filter: { times: 2 }, limit: 1 }))?.length, 0)
    isOpen = true
    await eventually('it is switched', async () => (await generations()).includes('v2 active'))
    assert.equal((await store.find('example_holds', { filter: { times: 2 }, limit: 1_000 }))?.length, 120)
    await eventually('it is ready', () => service.readiness().ready)
    assert.deepEqual(await generations(), ['v1 retired', 'v2 active'])
    clock.pass(QUICK_LIMITS.graceMs)
    await eventually('the old one is dropped', async () => (await generations()).length === 1)
    assert.deepEqual(told.generations, ['begun example-holds#2', 'activated example-holds#2', 'dropped example-holds#1'])
  })

  it('makes a read model again when somebody begins a new generation, while it goes on with the present one', async () => {
    await append(30)
    const { service } = await start()
    await eventually('it is ready', () => service.readiness().ready)
    await store.begin(HOLDS, 2)
    await rig.ledger.append('seating', 0, [[soldEvent('h0.0', 0)]])
    await eventually('it is switched', async () => (await generations())[1] === 'v1 active')
    await eventually('it goes on', async () => (await statuses()).filter((status) => status === 'sold').length === 1)
    assert.equal((await statuses()).length, 90)
  })

  it('leaves a generation alone that a later version of it began', async () => {
    await store.begin({ ...HOLDS, version: 9 }, 1)
    const { told } = await start()
    await eventually('it tells', () => told.generations.length > 0)
    assert.deepEqual(told.generations, ['newer example-holds#1'])
    assert.deepEqual(await generations(), ['v9 building'])
  })

  it('waits for a store that does not answer, and says so', async () => {
    let isThere = false
    const away = (): Promise<never> => Promise.reject(new Error('It is away.'))
    const { service, told } = await start(HOLDS, { ...store, prepare: () => (isThere ? store.prepare() : away()) })
    await eventually('it has trouble', () => told.trouble.length > 1)
    assert.deepEqual(service.readiness().reasons, ['The store of documents has not answered yet.'])
    isThere = true
    await eventually('it is ready', () => service.readiness().ready)
  })

  it('tells of dead letters and stays ready', async () => {
    await append(3)
    await rig.ledger.appendUnreadableEvent('seating', 1, 'SeatsHeld')
    const { service } = await start()
    await eventually('it counts', () => service.deadLetters().get('example-holds') === 1)
    await eventually('it is ready', () => service.readiness().ready)
    assert.deepEqual(service.readiness().reasons, ['1 dead letters of example-holds: cavea dlq list shows them.'])
  })
})
