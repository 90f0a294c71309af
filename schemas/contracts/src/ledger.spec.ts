import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { Chain, type ChainPosition, emptyHead, FRAME_BYTES, type Head, headAfter, parseHead, startOfChain, step } from './ledger.ts'

const TOPIC = 'seating.events'
const START = startOfChain(TOPIC, 0)
const LINK_TO = FRAME_BYTES + 32

let made = 0
/** A record as a writer with this head makes it. No two are alike, as no two decisions are. */
function recordOn(head: Head, payload = `decision ${made++}`): Buffer {
  return Buffer.concat([Buffer.from([0, 0, 0, 0, 7]), Buffer.from(head, 'hex'), Buffer.from(payload)])
}

/** What a writer appends in one piece: each record links to the one before. */
function batchOn(head: Head, size: number): { readonly values: readonly Buffer[]; readonly head: Head } {
  const values: Buffer[] = []
  for (let at = 0; at < size; at++) {
    const value = recordOn(head)
    values.push(value)
    head = headAfter(value)
  }
  return { values, head }
}

const logOf = (values: readonly Buffer[]) => values.map((value, offset) => ({ offset, value }))

/** Which records count, and the positions before and after each record. */
function walk(values: readonly Buffer[], start: ChainPosition = START) {
  const chain = new Chain(start)
  const positions: ChainPosition[] = [chain.position]
  const counts = logOf(values)
    .slice(start.offset)
    .map((record) => {
      const counted = chain.accept(record)
      positions.push(chain.position)
      return counted
    })
  return { counts, positions, chain }
}

/** The rule again, word by word, with nothing shared: "A record counts if and only if its link equals the current head." */
function naiveCounts(values: readonly Buffer[]): boolean[] {
  const sha256 = (bytes: Buffer | string): Buffer => createHash('sha256').update(bytes).digest()
  let head = sha256(`cavea/1 ${TOPIC} 0`)
  return values.map((value) => {
    const link = value.subarray(5, 37)
    const counts = link.length === 32 && link.compare(head) === 0
    if (counts) head = sha256(value)
    return counts
  })
}

/** One move of one of three writers, who know of each other only what they read. */
interface Move {
  readonly writer: number
  readonly act: 'append' | 'delay' | 'land' | 'resend' | 'read' | 'tear' | 'foreign'
  readonly size: number
}
const moves = fc.array(
  fc.record<Move>({
    writer: fc.nat(2),
    act: fc.constantFrom('append', 'append', 'delay', 'land', 'resend', 'read', 'read', 'tear', 'foreign'),
    size: fc.integer({ min: 1, max: 4 }),
  }),
  { maxLength: 60 },
)

/** Plays the moves on an empty log. Appends may land late or twice; `read` is a writer that folds the log again. */
function play(script: readonly Move[]): Buffer[] {
  const log: Buffer[] = []
  const writers = [0, 1, 2].map(() => ({ head: START.head, last: [] as readonly Buffer[], late: [] as (readonly Buffer[])[] }))
  for (const { writer: index, act, size } of script) {
    const writer = writers[index]
    assert.ok(writer)
    switch (act) {
      case 'append':
      case 'delay': {
        const batch = batchOn(writer.head, size)
        writer.head = batch.head
        writer.last = batch.values
        if (act === 'append') log.push(...batch.values)
        else writer.late.push(batch.values)
        break
      }
      case 'land':
        log.push(...(writer.late.shift() ?? []))
        break
      case 'resend':
        log.push(...writer.last)
        break
      case 'read':
        writer.head = walk(log).chain.head
        break
      case 'tear': {
        const torn = recordOn(writer.head)
        log.push(torn.subarray(0, Math.min(torn.length, size * 12)))
        break
      }
      case 'foreign':
        log.push(recordOn(emptyHead('catalog.events', index)))
        break
      default:
        act satisfies never
    }
  }
  return log
}

describe('The ledger rule', () => {
  it('counts the records of an undisturbed writer, all of them', () => {
    const { values, head } = batchOn(START.head, 100)
    const { counts, chain } = walk(values)
    assert.ok(counts.every((counted) => counted))
    assert.equal(chain.head, head)
    assert.deepEqual([chain.counted, chain.voided, chain.offset], [100, 0, 100])
  })

  it('starts every partition of every topic from a head of its own, which is pinned for ever', () => {
    assert.equal(emptyHead(TOPIC, 0), createHash('sha256').update('cavea/1 seating.events 0').digest('hex'))
    const heads = ['seating.events', 'catalog.events', 'seating.events 1'].flatMap((topic) => [0, 1, 10].map((at) => emptyHead(topic, at)))
    assert.equal(new Set(heads).size, heads.length)
  })

  it('agrees with a naive reading of its own words, whatever the writers do', () => {
    fc.assert(
      fc.property(moves, (script) => {
        const log = play(script)
        assert.deepEqual(walk(log).counts, naiveCounts(log))
      }),
      { numRuns: 500 },
    )
  })

  it('makes exactly one chain of any interleaving: each counted record links to the counted record before it', () => {
    fc.assert(
      fc.property(moves, (script) => {
        const log = play(script)
        const { counts, chain } = walk(log)
        let head: string = START.head
        const seen = new Set<string>()
        for (const [at, value] of log.entries()) {
          if (!counts[at]) continue
          assert.equal(value.toString('hex', FRAME_BYTES, LINK_TO), head)
          head = createHash('sha256').update(value).digest('hex')
          assert.ok(!seen.has(head), 'a record counted twice')
          seen.add(head)
        }
        assert.equal(chain.head, head)
        assert.equal(chain.counted + chain.voided, log.length)
      }),
    )
  })

  it('lets two writers that know the same head append in any order, and counts the batch of exactly one', () => {
    const batches = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.infiniteStream(fc.boolean()))
    fc.assert(
      fc.property(batches, ([first, second, turns]) => {
        const queues: readonly [Buffer[], Buffer[]] = [[...batchOn(START.head, first).values], [...batchOn(START.head, second).values]]
        const owners: number[] = []
        const log: Buffer[] = []
        while (queues[0].length + queues[1].length > 0) {
          const turn = (turns.next().value && queues[1].length > 0) || queues[0].length === 0 ? 1 : 0
          const value = queues[turn].shift()
          assert.ok(value)
          log.push(value)
          owners.push(turn)
        }
        const { counts } = walk(log)
        assert.deepEqual(
          counts,
          owners.map((owner) => owner === owners[0]),
        )
      }),
    )
  })

  it('gives every reader the same answer, from whichever earlier position it starts with its head', () => {
    fc.assert(
      fc.property(moves, (script) => {
        const log = play(script)
        const whole = walk(log)
        for (const position of whole.positions) {
          const part = walk(log, position)
          assert.deepEqual(part.counts, whole.counts.slice(position.offset))
          assert.deepEqual(part.chain.position, whole.chain.position)
        }
      }),
    )
  })

  it('does not depend on offsets: a log with gaps in them, or one that was copied elsewhere, has the same head', () => {
    fc.assert(
      fc.property(moves, fc.infiniteStream(fc.nat(50)), (script, gaps) => {
        const log = play(script)
        const chain = new Chain(START)
        let offset = 0
        const counts = log.map((value) => {
          offset += 1 + gaps.next().value
          return chain.accept({ offset, value })
        })
        const whole = walk(log)
        assert.deepEqual(counts, whole.counts)
        assert.equal(chain.head, whole.chain.head)
      }),
    )
  })

  it('does not need the void records: a log without them has the same head', () => {
    fc.assert(
      fc.property(moves, (script) => {
        const log = play(script)
        const whole = walk(log)
        const cleaned = walk(log.filter((_, at) => whole.counts[at]))
        assert.equal(cleaned.chain.head, whole.chain.head)
        assert.equal(cleaned.chain.voided, 0)
      }),
    )
  })
})

describe('A record that must not count', () => {
  it('is late: others have decided since its writer last read', () => {
    const late = batchOn(START.head, 3)
    const winner = batchOn(START.head, 2)
    const { counts } = walk([...winner.values, ...late.values])
    assert.deepEqual(counts, [true, true, false, false, false])
  })

  it('comes in a batch whose predecessor was displaced: void from its first record on, however late and in however many pieces', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.nat(4), (size, rivals, cutAt) => {
        const displaced = batchOn(START.head, 2)
        const next = batchOn(displaced.head, size)
        const rival = batchOn(START.head, 1)
        const after = batchOn(rival.head, rivals)
        const log = [...rival.values, ...displaced.values, ...next.values.slice(0, cutAt), ...after.values, ...next.values.slice(cutAt)]
        const { counts, chain } = walk(log)
        const won = new Set([...rival.values, ...after.values])
        assert.deepEqual(
          counts,
          log.map((value) => won.has(value)),
        )
        assert.equal(chain.head, after.head)
      }),
    )
  })

  it('was sent again: the whole second copy is void, wherever it lands after the first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(5), (size, later) => {
        const batch = batchOn(START.head, size)
        const after = batchOn(batch.head, later)
        const { chain, counts } = walk([...batch.values, ...after.values, ...batch.values])
        assert.deepEqual(counts.slice(size + later), new Array<boolean>(size).fill(false))
        assert.equal(chain.head, after.head)
      }),
    )
  })

  it('was sent again while its batch was still landing: each record counts once, at its first place', () => {
    const { values, head } = batchOn(START.head, 3)
    const [a, b, c] = values
    assert.ok(a && b && c)
    const { counts, chain } = walk([a, b, a, b, c, c])
    assert.deepEqual(counts, [true, true, false, false, true, false])
    assert.equal(chain.head, head)
  })

  it('is torn within its link, at whatever byte, and leaves the head where it was', () => {
    const whole = recordOn(START.head)
    for (let length = 0; length < LINK_TO; length++) assert.equal(step(START.head, whole.subarray(0, length)), undefined, `${length} bytes`)
    assert.equal(step(START.head, whole.subarray(0, LINK_TO)), headAfter(whole.subarray(0, LINK_TO)))
  })

  it('is torn anywhere, after the whole record counted', () => {
    const whole = recordOn(START.head)
    for (let length = 0; length < whole.length; length++) {
      const { counts } = walk([whole, whole.subarray(0, length)])
      assert.deepEqual(counts, [true, false], `${length} bytes`)
    }
  })

  it('is foreign: of another topic or partition, or no record at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(1023), (junk, partition) => {
        assert.equal(step(START.head, Buffer.from(junk)), undefined)
        assert.equal(step(START.head, recordOn(emptyHead('catalog.events', partition))), undefined)
        assert.equal(step(START.head, recordOn(emptyHead(TOPIC, partition + 1))), undefined)
      }),
    )
  })

  it('carries the head at another place than the link', () => {
    const shifted = Buffer.concat([Buffer.from([0]), recordOn(START.head)])
    assert.equal(step(START.head, shifted), undefined)
    assert.equal(step(START.head, shifted.subarray(2)), undefined)
  })

  it('follows one whose bytes were altered: no record that counted after it counts any more, unless an unaltered copy takes its place', () => {
    const tampering = fc.tuple(moves, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }))
    fc.assert(
      fc.property(tampering, ([script, which, where, mask]) => {
        const log = play(script)
        const before = walk(log)
        const counted = log.flatMap((_, at) => (before.counts[at] ? [at] : []))
        const target = counted[which % Math.max(counted.length, 1)]
        const original = log[target ?? -1]
        if (target === undefined || original === undefined) return
        const altered = Buffer.from(original)
        const at = where % altered.length
        altered[at] = (altered[at] ?? 0) ^ mask
        const after = walk(log.with(target, altered))

        assert.notEqual(after.positions[target + 1]?.head, before.positions[target + 1]?.head)
        const copy = log.findIndex((value, offset) => offset > target && value.equals(original) && after.counts[offset])
        for (const later of counted) if (later > target && (copy < 0 || later < copy)) assert.equal(after.counts[later], false)
        if (copy < 0) assert.notEqual(after.chain.head, before.chain.head)
      }),
      { numRuns: 500 },
    )
  })

  it('is a rival that was void: altering the link of the record that won lets it in, and the head shows it', () => {
    const [winner, rival] = [batchOn(START.head, 3), batchOn(START.head, 1)]
    const [won] = winner.values
    assert.ok(won)
    const altered = Buffer.from(won)
    altered.writeUInt8(altered.readUInt8(FRAME_BYTES) ^ 1, FRAME_BYTES)
    const { counts, chain } = walk([altered, ...winner.values.slice(1), ...rival.values])
    assert.deepEqual(counts, [false, false, false, true])
    assert.notEqual(chain.head, winner.head)
  })

  it('follows one that was taken away or put elsewhere', () => {
    const { values, head } = batchOn(START.head, 6)
    for (let gone = 0; gone < values.length; gone++) {
      const { counts, chain } = walk(values.toSpliced(gone, 1))
      assert.deepEqual(
        counts,
        values.slice(1).map((_, at) => at < gone),
      )
      assert.notEqual(chain.head, head)
    }
    for (let at = 1; at < values.length; at++) {
      const [earlier, later] = [values[at - 1], values[at]]
      assert.ok(earlier && later)
      assert.notEqual(walk(values.toSpliced(at - 1, 2, later, earlier)).chain.head, head)
    }
  })
})

describe('Chain', () => {
  it('refuses to go back: a record before its offset is a mistake of the caller', () => {
    const chain = new Chain({ ...START, offset: 5 })
    assert.throws(() => chain.accept({ offset: 4, value: recordOn(START.head) }), RangeError)
    assert.ok(chain.accept({ offset: 5, value: recordOn(START.head) }))
    assert.throws(() => chain.accept({ offset: 5, value: recordOn(START.head) }), RangeError)
    assert.deepEqual([chain.counted, chain.offset], [1, 6])
  })

  it('moves its offset over void records too, so that a reader that resumes does not read them again', () => {
    const chain = new Chain(START)
    assert.equal(chain.accept({ offset: 8, value: Buffer.alloc(0) }), false)
    assert.deepEqual(chain.position, { offset: 9, head: START.head, headOffset: -1 })
    assert.deepEqual([chain.counted, chain.voided], [0, 1])
  })
})

describe('parseHead', () => {
  it('accepts heads and nothing else', () => {
    const head = START.head
    assert.equal(parseHead(head), head)
    for (const text of ['', head.slice(1), `${head}0`, `${head}\n`, head.toUpperCase(), `${head.slice(1)}g`])
      assert.equal(parseHead(text), undefined)
  })
})
