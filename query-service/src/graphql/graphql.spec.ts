import assert from 'node:assert/strict'
import { HttpProblem } from '@cavea/service-kit/problem'
import type { GraphQLError } from 'graphql'
import { serverAudits } from 'graphql-http'
import type { ReadModel } from '../application/read-model.ts'
import { LIVE_DEFAULTS } from '../application/settings.ts'
import { createLookups } from '../routes/lookups.ts'
import { ADMIN_TOKEN, atLeast, openRig, putOnSale, type QueryRig, startRig } from '../testing/query-rig.ts'
import { ORGANISATION, type ScriptedHall, scriptHall } from '../testing/scripted-hall.ts'
import type { ScriptedLedger } from '../testing/scripted-ledger.ts'
import { openSpecLog, type SpecLog } from '../testing/spec-log.ts'
import { createGraphqlEngine, DOCUMENT_SETTINGS } from './engine.ts'

interface SeatsData {
  readonly seats: {
    readonly version: number
    readonly since: string
    readonly sections: readonly {
      readonly sectionId: string
      readonly held: number
      readonly seats: readonly { readonly seatId: string; readonly status: string }[]
    }[]
  }
}

describe('GraphQL of the query service', () => {
  let spec: SpecLog
  let ledger: ScriptedLedger
  let rig: QueryRig
  let hall: ScriptedHall
  let halls = 0

  before(async () => {
    spec = await openSpecLog()
    ledger = spec.ledger
    rig = await startRig(spec.parts, { minVersionTimeoutMs: 10_000, live: { ...LIVE_DEFAULTS, introspection: true } })
  })
  beforeEach(async () => {
    hall = scriptHall(`Hall ${halls++}`, 4, ORGANISATION, 2_500)
    await putOnSale(rig, ledger, hall)
  })
  after(async () => {
    await rig.stop()
    await spec.close()
  })

  for (const audit of serverAudits({ url: () => `${rig.url}/graphql` }))
    it(`over HTTP ${audit.name}`, async () => {
      const result = await audit.fn()
      if (result.status === 'ok') return
      // A later edition of the specification than the audit's lets answers of the newer media type be chosen freely.
      assert.notEqual(result.status, 'error', `${result.reason}`)
    })

  it('shows a standing area as one section, with the sums of its shards and no seats', async () => {
    const [shard = ''] = hall.streamIds.filter((streamId) => streamId.startsWith('floor'))
    const { token } = await ledger.seating(hall.performanceId, shard, [hall.held('places', shard, [0, 1, 2], 'buyer_1')])
    const { data } = await rig.graphql<SeatsData>(
      'query Seats($id: ID!) { seats(performanceId: $id, sectionIds: ["floor", "stalls"]) { version since sections { sectionId held seats { seatId status } } } }',
      { id: hall.performanceId },
      atLeast(token),
    )
    assert.deepEqual(
      data?.seats.sections.map(({ sectionId, held, seats }) => [sectionId, held, seats.length]),
      [
        ['stalls', 0, 4],
        ['floor', 3, 0],
      ],
    )
    assert.equal(data?.seats.version, 1 + 3 + 1, 'a section, three shards that opened, and a hold')
  })

  it('lists performances page by page, and by the words of their names and their times', async () => {
    const named = async (filter: object, first = 50, after: string | null = null): Promise<{ names: string[]; next: string | null }> => {
      const { data, errors } = await rig.graphql<{ performances: { data: { name: string }[]; next: string | null } }>(
        'query List($first: Int, $after: String, $filter: PerformanceFilter) { performances(first: $first, after: $after, filter: $filter) { data { name } next } }',
        { first, after, filter },
      )
      assert.ok(data, JSON.stringify(errors))
      return { names: data.performances.data.map(({ name }) => name), next: data.performances.next }
    }
    const name = `Hall ${halls - 1}`
    assert.deepEqual((await named({ text: `${halls - 1} hALL` })).names, [name])
    assert.deepEqual((await named({ text: name, startsAfter: '2099-01-01T00:00:00Z' })).names, [])
    assert.deepEqual((await named({ text: name, startsBefore: '2099-01-01T00:00:00Z' })).names, [name])
    const all = (await named({}, 100)).names
    const paged: string[] = []
    for (let after: string | null = null; ; ) {
      const page = await named({}, 2, after)
      paged.push(...page.names)
      after = page.next
      if (after === null) break
    }
    assert.deepEqual(paged, all)
    for (const [variables, code] of [
      [{ first: 0 }, 'LIMIT_INVALID'],
      [{ first: 101 }, 'LIMIT_INVALID'],
      [{ after: '🙂' }, 'CURSOR_INVALID'],
      [{ filter: { startsAfter: 'soon' } }, 'TIME_INVALID'],
    ] as const) {
      const { errors } = await rig.graphql(
        'query List($first: Int, $after: String, $filter: PerformanceFilter) { performances(first: $first, after: $after, filter: $filter) { next } }',
        variables,
      )
      assert.equal(errors?.[0]?.extensions.code, code)
    }
  })

  it('shows unlisted performances to their organiser alone', async () => {
    const opening = scriptHall(`Opening ${halls++}`)
    const { token } = await ledger.catalog(opening.catalogEvents)
    const list = async (headers: Record<string, string>): Promise<number | undefined> => {
      const { data } = await rig.graphql<{ performances: { data: { name: string }[] } }>(
        'query List($text: String) { performances(filter: { text: $text }) { data { name } } }',
        { text: `Opening ${halls - 1}` },
        { ...headers, ...atLeast(token) },
      )
      return data?.performances.data.length
    }
    assert.equal(await list({}), 0)
    assert.equal(await list({ Authorization: `Bearer ${ADMIN_TOKEN}` }), 1)
  })

  it('refuses a version that does not come, and one that is none, as REST does', async () => {
    const impatient = await startRig(spec.parts, { minVersionTimeoutMs: 20 })
    const code = async (version: string): Promise<unknown> =>
      (await impatient.graphql('{ me { id } }', {}, { 'Cavea-Min-Version': version })).errors?.[0]?.extensions
    assert.deepEqual(await code('seating/0/99999999'), { code: 'READ_MODEL_BEHIND', status: 503, retryable: true })
    assert.equal(((await code('nonsense')) as { code: string }).code, 'MIN_VERSION_INVALID')
    await impatient.stop()
  })

  it('hides the schema unless it is told to show it', async () => {
    const silent = await openRig(spec.parts)
    const { errors } = await silent.graphql('{ __schema { types { name } } }')
    assert.equal(errors?.[0]?.extensions.code, 'GRAPHQL_VALIDATION_FAILED')
    assert.ok((await rig.graphql<{ __schema: object }>('{ __schema { types { name } } }')).data)
    await silent.stop()
  })

  it('reads each thing once, however many performances a query is about', async () => {
    for (let more = 0; more < 10; more++) await putOnSale(rig, ledger, scriptHall(`More ${halls++}`, 4, ORGANISATION, 2_500))
    const reads: Record<string, number> = { performances: 0, performance: 0, section: 0, seatMap: 0 }
    const counting = countReads(rig.service.readModel, reads)
    const engine = createGraphqlEngine({
      readModel: counting,
      lookups: createLookups(counting),
      documents: DOCUMENT_SETTINGS,
      report: (error) => assert.fail(String(error)),
    })
    const prepared = engine.prepare({
      query:
        '{ performances(first: 10) { data { name status prices { category } availability { version since sections { available held sold blocked capacity } } } } }',
    })
    const { data, errors } = await engine.query(prepared, { caller: undefined })
    assert.equal(errors, undefined)
    assert.equal((data as unknown as { performances: { data: unknown[] } }).performances.data.length, 10)
    const streams = rig.service.readModel
      .performances()
      .slice(0, 10)
      .reduce((count, { sections }) => count + sections.reduce((sum, { shards }) => sum + Math.max(1, shards), 0), 0)
    assert.deepEqual(reads, { performances: 1, performance: 0, section: streams, seatMap: 0 })
  })

  it('writes seats as graphql itself would, whatever the selection', async () => {
    const engine = createGraphqlEngine({
      readModel: rig.service.readModel,
      lookups: createLookups(rig.service.readModel),
      documents: DOCUMENT_SETTINGS,
      report: (error) => assert.fail(String(error)),
    })
    await ledger.seating(hall.performanceId, 'stalls', [hall.held('a', 'stalls', [1], 'buyer_1')])
    const selections = [
      '{ seatId }',
      '{ __typename at: row y seatId status x type category number x }',
      '{ ...One ... on Seat { status } } } } } fragment One on Seat { seatId again: seatId',
      '{ seatId @skip(if: true) row @include(if: true) }',
      '{ seatId } seats { status }',
      '{ seatId } more: seats { row }',
    ]
    for (const selection of selections) {
      const isOpen = selection.includes('fragment')
      const query = `{ s: seats(performanceId: "${hall.performanceId}") { version sections { sectionId seats ${selection} ${isOpen ? '}' : '} } }'}`
      const prepared = engine.prepare({ query })
      const { text } = await engine.queryText(prepared, undefined)
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(await engine.query(prepared, { caller: undefined }))), query)
      assert.match(text, /stalls|held|"A"/)
    }
  })

  it('says of an error of its own only that there was one', () => {
    const reported: unknown[] = []
    const engine = createGraphqlEngine({
      readModel: rig.service.readModel,
      lookups: createLookups(rig.service.readModel),
      documents: DOCUMENT_SETTINGS,
      report: (error) => void reported.push(error),
    })
    const thrown = (originalError: Error): GraphQLError => engine.clientError({ originalError, extensions: {} } as unknown as GraphQLError)
    assert.deepEqual(thrown(new Error('secret path')).toJSON().extensions, { code: 'INTERNAL', status: 500, retryable: false })
    assert.doesNotMatch(JSON.stringify(thrown(new Error('secret path'))), /secret/)
    assert.equal(reported.length, 2)
    const problem = new HttpProblem({ status: 404, code: 'NOT_FOUND', detail: 'None.' })
    assert.deepEqual(thrown(problem).toJSON().extensions, { code: 'NOT_FOUND', status: 404, retryable: false })
    assert.equal(reported.length, 2)
  })
})

/** The same read model, which counts how often it is asked for what. */
function countReads(readModel: ReadModel, reads: Record<string, number>): ReadModel {
  const count = (name: string): void => {
    reads[name] = (reads[name] ?? 0) + 1
  }
  const { directory } = readModel
  return {
    ...readModel,
    performances() {
      count('performances')
      return readModel.performances()
    },
    section(performanceId, streamId) {
      count('section')
      return readModel.section(performanceId, streamId)
    },
    directory: {
      ...directory,
      performance(id) {
        count('performance')
        return directory.performance(id)
      },
      seatMap(id) {
        count('seatMap')
        return directory.seatMap(id)
      },
    },
  }
}
