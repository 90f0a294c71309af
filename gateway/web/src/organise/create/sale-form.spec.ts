import assert from 'node:assert/strict'
import { fieldAt, readSale, type SaleForm } from './sale-form.ts'

const FORM: SaleForm = {
  name: ' Opening night ',
  startsAt: '2027-05-01T19:30',
  endsAt: '',
  opens: 'now',
  saleStartsAt: '',
  closes: 'start',
  saleEndsAt: '',
  currency: 'VND',
  prices: { Stalls: '250.000', Balcony: '120000' },
  holdMinutes: '10',
  extensionMinutes: '5',
  maxMinutes: '30',
  seatsPerHold: '8',
  purchaseLimit: '',
  orphanRule: 'lenient',
}
const OF = {
  seatMapId: 'seatmap_1',
  timeZone: 'Asia/Ho_Chi_Minh',
  categories: ['Stalls', 'Balcony'],
  nowMs: Date.parse('2027-01-01T00:00:00Z'),
}

function faultsOf(change: Partial<SaleForm>): readonly (readonly [string, string])[] {
  const read = readSale({ ...FORM, ...change }, OF)
  return read.outcome === 'faulty' ? [...read.faults] : []
}

describe("An organiser's form of a sale", () => {
  it('becomes the request that opens the performance, in the time zone of the venue', () => {
    assert.deepEqual(readSale(FORM, OF), {
      outcome: 'ready',
      request: {
        seatMapId: 'seatmap_1',
        name: 'Opening night',
        startsAt: '2027-05-01T12:30:00.000Z',
        endsAt: null,
        saleStartsAt: null,
        saleEndsAt: '2027-05-01T12:30:00.000Z',
        holdPolicy: { ttlSeconds: 600, extensionSeconds: 300, maxSeconds: 1_800 },
        purchaseLimit: null,
        seatsPerHold: 8,
        orphanRule: 'lenient',
        prices: [
          { category: 'Stalls', amount: 250_000 },
          { category: 'Balcony', amount: 120_000 },
        ],
        currency: 'VND',
      },
    })
  })

  const FAULTY: readonly (readonly [string, Partial<SaleForm>, readonly (readonly [string, string])[]])[] = [
    [
      'has no name and no date',
      { name: ' ', startsAt: '' },
      [
        ['name', 'REQUIRED'],
        ['startsAt', 'REQUIRED'],
      ],
    ],
    ['is over already', { startsAt: '2026-12-31T20:00' }, [['startsAt', 'PAST']]],
    ['ends before it begins', { endsAt: '2027-05-01T19:00' }, [['endsAt', 'BEFORE_START']]],
    [
      'lacks a price',
      { prices: { Stalls: 'much' } },
      [
        ['price-0', 'AMOUNT'],
        ['price-1', 'REQUIRED'],
      ],
    ],
    ['opens its sale at no time', { opens: 'at' }, [['saleStartsAt', 'REQUIRED']]],
    ['opens its sale after the performance', { opens: 'at', saleStartsAt: '2027-05-02T10:00' }, [['saleStartsAt', 'BEFORE_START']]],
    ['closes its sale before it opens', { closes: 'at', saleEndsAt: '2026-12-01T10:00' }, [['saleEndsAt', 'BEFORE_START']]],
    ['ends all holds before their time', { maxMinutes: '5' }, [['maxMinutes', 'TOO_SHORT']]],
    [
      'lets nobody take a seat',
      { seatsPerHold: '0', purchaseLimit: 'x' },
      [
        ['seatsPerHold', 'NUMBER'],
        ['purchaseLimit', 'NUMBER'],
      ],
    ],
  ]
  for (const [what, change, faults] of FAULTY) it(`is sent back when it ${what}`, () => assert.deepEqual(faultsOf(change), faults))

  it('knows which field a fault of the request is about', () => {
    assert.equal(fieldAt('/prices/1/amount'), 'price-1')
    assert.equal(fieldAt('/holdPolicy/maxSeconds'), 'maxMinutes')
    assert.equal(fieldAt('/startsAt'), 'startsAt')
    assert.equal(fieldAt('/seatMapId'), undefined)
  })
})
