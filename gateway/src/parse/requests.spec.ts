import assert from 'node:assert/strict'
import { epochMillis } from '@cavea/contracts/ids'
import { HoldRequest, PerformancePatch, PerformanceRequest, VenueRequest } from './requests.ts'
import { initialTerms, revisedTerms } from './terms.ts'
import { InvalidInputError, pointerOf, validate } from './validate.ts'

const request = { seatMapId: 'seatmap_x', startsAt: '2030-01-01T20:00:00+07:00', currency: 'EUR', prices: [{ category: 'A', amount: 100 }] }
const occasion = { startsAtMs: epochMillis(0), endsAtMs: null, categories: [{ name: 'A' }] }

function faultsOf(act: () => unknown): readonly string[] {
  try {
    act()
  } catch (error) {
    assert.ok(error instanceof InvalidInputError)
    return error.errors.map(({ pointer, code }) => `${pointer} ${code}`)
  }
  return []
}

describe('what clients may send', () => {
  it('has the stated defaults for the terms of a performance', () => {
    assert.deepEqual(initialTerms(validate(PerformanceRequest, request), occasion), {
      saleStartsAtMs: null,
      saleEndsAtMs: null,
      holdTtlMs: 600_000,
      extensionMs: 600_000,
      holdMaxMs: 1_800_000,
      seatsPerHoldMax: 10,
      purchaseLimit: null,
      sectionLimit: null,
      orphanRule: 'off',
      prices: [{ category: 'A', ticketType: '', amount: 100 }],
    })
  })

  it('says of fields that are planned but not there yet just that, and of others that they are unknown', () => {
    const json = { ...request, waitingRoom: {}, colour: 1, prices: [{ category: 'A', amount: 1, ticketType: 'child' }] }
    const faults = faultsOf(() => validate(PerformanceRequest, json))
    assert.deepEqual([...faults].sort(), ['/colour UNKNOWN_FIELD', '/prices/0/ticketType NOT_SUPPORTED', '/waitingRoom NOT_SUPPORTED'])
  })

  it('refuses each wrong value where it stands', () => {
    const wrong = {
      ...request,
      startsAt: '2030-01-01',
      currency: 'XXQ',
      seatsPerHold: 101,
      prices: [{ category: 'A', amount: -1 }],
      seatMapId: undefined,
    }
    const faults = faultsOf(() => validate(PerformanceRequest, JSON.parse(JSON.stringify(wrong))))
    assert.deepEqual([...faults].sort(), [
      '/currency INVALID',
      '/prices/0/amount TOO_SMALL',
      '/seatMapId REQUIRED',
      '/seatsPerHold TOO_BIG',
      '/startsAt INVALID',
    ])
  })

  it('names a seat that is given twice', () => {
    assert.deepEqual(
      faultsOf(() => validate(HoldRequest, { seats: ['a', 'b', 'a'] })),
      ['/seats/2 DUPLICATE_SEAT'],
    )
  })

  it('asks for exactly one kind of seats or places', () => {
    const wish = { quantity: 2 }
    const cases: readonly [object, readonly string[]][] = [
      [{ seats: ['a'] }, []],
      [{ bestAvailable: wish }, []],
      [{ area: 'floor', quantity: 100 }, []],
      [{}, [' ONE_OF']],
      [{ seats: ['a'], bestAvailable: wish }, [' ONE_OF']],
      [{ area: 'floor', quantity: 1, bestAvailable: wish }, [' ONE_OF']],
      [{ area: 'floor' }, ['/quantity REQUIRED']],
      [{ area: 'floor', quantity: 101 }, ['/quantity TOO_BIG']],
      [{ seats: ['a'], quantity: 1 }, ['/quantity WITHOUT_AREA']],
      [{ bestAvailable: { ...wish, price: { min: 2, max: 2 } } }, []],
      [{ bestAvailable: { ...wish, price: { min: 3, max: 2 } } }, ['/bestAvailable/price MIN_ABOVE_MAX']],
      [{ bestAvailable: { ...wish, price: { most: 2 } } }, ['/bestAvailable/price/most UNKNOWN_FIELD']],
    ]
    for (const [json, faults] of cases)
      assert.deepEqual(
        faultsOf(() => validate(HoldRequest, json)),
        faults,
        JSON.stringify(json),
      )
  })

  it('wants a time zone that has a name', () => {
    const address = { street: '', city: '', postalCode: '', country: 'VN' }
    const faults = (timeZone: string) => faultsOf(() => validate(VenueRequest, { name: 'V', timeZone, address }))
    assert.deepEqual([faults('Europe/Paris'), faults('+07:00'), faults('Mars/Base')], [[], ['/timeZone INVALID'], ['/timeZone INVALID']])
  })

  it('changes only what a patch names, and takes away what it sets to null', () => {
    const present = initialTerms(
      validate(PerformanceRequest, { ...request, purchaseLimit: 4, sectionLimit: 2, saleStartsAt: '2029-01-01T00:00:00Z' }),
      occasion,
    )
    const patched = revisedTerms(present, validate(PerformancePatch, { saleStartsAt: null, holdPolicy: { extensionSeconds: 0 } }), occasion)
    assert.deepEqual(patched, { ...present, saleStartsAtMs: null, extensionMs: 0 })
    assert.deepEqual(revisedTerms(present, {}, occasion), present)
    assert.equal(revisedTerms(present, validate(PerformancePatch, { sectionLimit: null }), occasion).sectionLimit, null)
  })

  it('refuses terms that contradict each other', () => {
    const json = { ...request, saleStartsAt: '2029-01-02T00:00:00Z', saleEndsAt: '2029-01-01T00:00:00Z', holdPolicy: { ttlSeconds: 3_600 } }
    assert.deepEqual(
      faultsOf(() => initialTerms(validate(PerformanceRequest, json), occasion)),
      ['/saleEndsAt BEFORE_START', '/holdPolicy/maxSeconds TOO_SMALL'],
    )
  })

  it('wants exactly one price for each category', () => {
    const prices = [
      { category: 'A', amount: 1 },
      { category: 'A', amount: 2 },
      { category: 'Z', amount: 3 },
    ]
    const categories = [{ name: 'A' }, { name: 'B' }]
    const faults = faultsOf(() => initialTerms(validate(PerformanceRequest, { ...request, prices }), { ...occasion, categories }))
    assert.deepEqual(faults, ['/prices/1/category DUPLICATE', '/prices/2/category UNKNOWN_CATEGORY', '/prices PRICE_MISSING'])
  })

  it('is pointed to as RFC 6901 says', () => {
    assert.equal(pointerOf(['a/b', 0, 'c~d']), '/a~1b/0/c~0d')
  })
})
