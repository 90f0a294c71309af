import { equal, ok } from 'node:assert/strict'
import { banner, type Started } from './banner.ts'

const STARTED: Started = {
  version: '0.1.0',
  mode: 'in one process',
  url: 'http://127.0.0.1:3000',
  portTaken: undefined,
  dataDir: '/data',
  adminToken: 'organiser-token',
  adminTokenFrom: 'from CAVEA_ADMIN_TOKEN',
  buyerToken: 'buyer-token',
  demo: {
    performanceId: 'perf_1',
    sectionId: 'stalls',
    performances: [
      { name: 'Opening night', hall: 'Lantern Theatre', performanceId: 'perf_1' },
      { name: 'Late set', hall: 'Cellar Club', performanceId: 'perf_3' },
    ],
  },
  tookMs: 1_234,
}

describe('The banner', () => {
  it('has a line for each performance of the demo, with the ids under each other', () => {
    const lines = banner(STARTED).split('\n')
    const [first = '', second = ''] = ['Opening night, Lantern Theatre', 'Late set, Cellar Club'].map((title) =>
      lines.find((line) => line.includes(title)),
    )
    ok(first.endsWith('   perf_1') && second.endsWith('   perf_3'))
    equal(first.indexOf('perf_1'), second.indexOf('perf_3'))
  })

  it('says first where people go', () => {
    ok(banner(STARTED).indexOf('http://127.0.0.1:3000/ ') < banner(STARTED).indexOf('/organise '))
    ok(banner(STARTED).indexOf('/organise ') < banner(STARTED).indexOf('/v1'))
  })

  it('ends with a request for seats of the first performance, by the buyer', () => {
    const request = banner(STARTED).split('curl ')[1] ?? ''
    ok(request.includes('http://127.0.0.1:3000/v1/performances/perf_1/holds'))
    ok(request.includes("'authorization: Bearer buyer-token'"))
    ok(request.includes(`{"bestAvailable": {"quantity": 2, "section": "stalls"}}`))
  })

  it('speaks of no performance and of no request where there is no demo', () => {
    const text = banner({ ...STARTED, demo: undefined })
    ok(!text.includes('perf_') && !text.includes('curl'))
  })
})
