import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  blockIdOf,
  commandIdOf,
  derivedKey,
  epochMillis,
  freshId,
  holdIdOf,
  keyOfId,
  type Place,
  parseCommandId,
  performanceIdOf,
  placeOf,
  seatMapIdOf,
  venueIdOf,
} from './ids.ts'
import { BUCKETS } from './partitioning.ts'

const TIME_MAX = 2 ** 50 - 1 // What ten characters hold: the year 37,648.
const times = fc.integer({ min: 0, max: TIME_MAX }).map(epochMillis)
const commandIds = fc.array(fc.string()).map((parts) => commandIdOf(...parts))
const places: fc.Arbitrary<Place> = fc.record(
  { kind: fc.constantFrom('section', 'cart'), bucket: fc.integer({ min: 0, max: BUCKETS - 1 }) },
  { noNullPrototype: true },
)
const somewhere: Place = { kind: 'section', bucket: 7 }
const makers = {
  venueIdOf,
  seatMapIdOf,
  performanceIdOf,
  holdIdOf: (at: Parameters<typeof venueIdOf>[0], commandId: Parameters<typeof venueIdOf>[1]) => holdIdOf(at, somewhere, commandId),
  blockIdOf: (at: Parameters<typeof venueIdOf>[0], commandId: Parameters<typeof venueIdOf>[1]) => blockIdOf(at, somewhere, commandId),
}

describe('commandIdOf', () => {
  it('gives the same parts the same id in every version, for ids derived twice must meet', () => {
    assert.equal(commandIdOf(), 'cmd_werc8gmrzge196qvyk49jvxs4g')
    assert.equal(commandIdOf('buyer_1', 'POST /holds', 'Schlüssel-1'), 'cmd_ky865cnd454t45jkw48r0xynz7')
  })

  it('does not confuse where one part ends and the next begins', () => {
    const joined = [
      ['ab', 'c'],
      ['a', 'bc'],
      ['abc'],
      ['abc', ''],
      ['', 'abc'],
      ['a', 'b', 'c'],
      ['3:abc'],
      ['1:a', '2:bc'],
      [''],
      ['', ''],
      [],
    ]
    assert.equal(new Set(joined.map((parts) => commandIdOf(...parts))).size, joined.length)
  })

  it('gives two lists of parts one id only when they are equal, however they are cut', () => {
    const cuts = fc.tuple(fc.stringMatching(/^[0-9:]{0,12}$/), fc.array(fc.nat(12)), fc.array(fc.nat(12)))
    fc.assert(
      fc.property(cuts, ([text, first, second]) => {
        const [one, other] = [cut(text, first), cut(text, second)]
        assert.equal(commandIdOf(...one) === commandIdOf(...other), JSON.stringify(one) === JSON.stringify(other))
      }),
    )
  })

  it('makes ids that its parser accepts', () => {
    fc.assert(fc.property(commandIds, (id) => assert.equal(parseCommandId(id), id)))
  })
})

describe('parseCommandId', () => {
  it('refuses what is no command id', () => {
    const id = commandIdOf('x')
    const junk = [
      '',
      'cmd_',
      id.slice(0, -1),
      `${id}0`,
      `${id}\n`,
      ` ${id}`,
      id.toUpperCase(),
      id.replace('cmd', 'hold'),
      id.replace(/.$/, 'u'),
    ]
    for (const text of junk) assert.equal(parseCommandId(text), undefined, JSON.stringify(text))
  })

  it('refuses any text that is not made of its alphabet', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ minLength: 26, maxLength: 26 }).map((text) => `cmd_${text}`),
        ),
        (text) => {
          assert.equal(parseCommandId(text) !== undefined, /^cmd_[0123456789abcdefghjkmnpqrstvwxyz]{26}$/.test(text))
        },
      ),
    )
  })
})

describe('ids that derive from a command', () => {
  for (const [name, idOf] of Object.entries(makers)) {
    it(`sort by time: ${name}`, () => {
      fc.assert(
        fc.property(times, times, commandIds, commandIds, (first, second, one, other) => {
          const [earlier, later] = [idOf(first, one), idOf(second, other)]
          if (first !== second) assert.equal(earlier < later, first < second)
        }),
      )
    })

    it(`carry the key of their command at their end: ${name}`, () => {
      fc.assert(fc.property(times, commandIds, (at, commandId) => assert.ok(idOf(at, commandId).endsWith(derivedKey(commandId)))))
    })

    it(`are the same for the same command and differ for another: ${name}`, () => {
      fc.assert(
        fc.property(times, commandIds, commandIds, (at, one, other) => {
          assert.equal(idOf(at, one), idOf(at, one))
          assert.equal(idOf(at, one) === idOf(at, other), one === other)
        }),
      )
    })
  }

  it('have the command key as the key of holds and blocks', () => {
    fc.assert(
      fc.property(times, places, commandIds, (at, place, commandId) => {
        assert.equal(keyOfId(holdIdOf(at, place, commandId)), derivedKey(commandId))
        assert.equal(keyOfId(blockIdOf(at, place, commandId)), derivedKey(commandId))
      }),
    )
  })
})

describe('placeOf', () => {
  it('finds the kind and the bucket that a hold or a block was made with', () => {
    fc.assert(
      fc.property(times, places, commandIds, (at, place, commandId) => {
        assert.deepEqual(placeOf(holdIdOf(at, place, commandId)), place)
        assert.deepEqual(placeOf(blockIdOf(at, place, commandId)), place)
      }),
    )
  })

  it('finds every bucket', () => {
    const commandId = commandIdOf('x')
    for (const kind of ['section', 'cart'] as const)
      for (let bucket = 0; bucket < BUCKETS; bucket++)
        assert.deepEqual(placeOf(holdIdOf(epochMillis(1), { kind, bucket }, commandId)), { kind, bucket })
  })

  it('is undefined for ids of other things', () => {
    const commandId = commandIdOf('x')
    for (const id of [commandId, venueIdOf(epochMillis(1), commandId), performanceIdOf(epochMillis(1), commandId)])
      assert.equal(placeOf(id), undefined)
  })

  it('is undefined for a kind that this version does not know', () => {
    const known = holdIdOf(epochMillis(1), { kind: 'cart', bucket: 1023 }, commandIdOf('x'))
    assert.equal(known.slice(15, 18), '1zz')
    assert.equal(placeOf(`${known.slice(0, 15)}200${known.slice(18)}`), undefined)
    assert.equal(placeOf(`${known.slice(0, 15)}zzz${known.slice(18)}`), undefined)
  })

  it('answers any text with a place of this version or with undefined, and never throws', () => {
    const nearly = fc.stringMatching(/^(hold|block)_[0-9a-z]{28,30}$/)
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), (text) => {
        const place = placeOf(text)
        if (place === undefined) return
        assert.match(text, /^(hold|block)_[0-9a-hjkmnp-tv-z]{29}$/)
        assert.ok(place.bucket >= 0 && place.bucket < BUCKETS)
      }),
    )
  })

  it('is undefined for an id with anything before or behind it', () => {
    const id = holdIdOf(epochMillis(1), somewhere, commandIdOf('x'))
    for (const text of [`${id}\n`, ` ${id}`, `x${id}`, `${id}0`, id.toUpperCase()]) assert.equal(placeOf(text), undefined)
  })
})

describe('freshId', () => {
  const entropies = fc.uint8Array({ minLength: 10, maxLength: 16 })

  it('sorts by time', () => {
    fc.assert(
      fc.property(times, times, entropies, entropies, (first, second, one, other) => {
        if (first !== second) assert.equal(freshId('buyer', first, one) < freshId('buyer', second, other), first < second)
      }),
    )
  })

  it('keeps all 80 bits of its entropy: one bit makes another id', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 10, maxLength: 10 }), fc.nat(79), (entropy, bit) => {
        const changed = entropy.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
        assert.notEqual(freshId('buyer', 0, entropy), freshId('buyer', 0, changed))
        assert.match(freshId('buyer', 0, entropy), /^buyer_[0-9a-hjkmnp-tv-z]{26}$/)
      }),
    )
  })
})

function cut(text: string, places: readonly number[]): string[] {
  const at = [0, ...places.map((place) => Math.min(place, text.length)).sort((a, b) => a - b), text.length]
  return at.slice(1).map((to, index) => text.slice(at[index], to))
}
