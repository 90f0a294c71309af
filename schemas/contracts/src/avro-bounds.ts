import avro from 'avsc'

interface Cursor {
  readonly bytes: Buffer
  at: number
}
type Walk = (cursor: Cursor) => void

/** Throws when the bytes do not hold what their counts and lengths say. */
export type AssertBounds = (bytes: Buffer) => void

const VARINT_BYTES_MAX = 10

function readVarint(cursor: Cursor): number {
  const first = cursor.bytes[cursor.at]
  if (first !== undefined && first < 0x80) {
    cursor.at++
    return (first & 1) === 0 ? first / 2 : -(first + 1) / 2
  }
  let value = 0
  let unit = 1
  for (let read = 0; read < VARINT_BYTES_MAX; read++) {
    const byte = cursor.bytes[cursor.at++]
    if (byte === undefined) break
    value += (byte & 0x7f) * unit
    unit *= 128
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
  throw new RangeError(`No number ends at byte ${cursor.at}.`)
}

function skip(cursor: Cursor, count: number): void {
  if (count < 0 || count > cursor.bytes.length - cursor.at) throw new RangeError(`There are no ${count} bytes at byte ${cursor.at}.`)
  cursor.at += count
}

const skipMany =
  (count: number): Walk =>
  (cursor) =>
    skip(cursor, count)

const skipText: Walk = (cursor) => skip(cursor, readVarint(cursor))

function blocksOf(walkItem: Walk): Walk {
  return (cursor) => {
    for (let count = readVarint(cursor); count !== 0; count = readVarint(cursor)) {
      if (count < 0) {
        count = -count
        readVarint(cursor)
      }
      // An item takes a byte at least: no schema of ours has a list of nothings.
      if (count > cursor.bytes.length - cursor.at) throw new RangeError(`There are no ${count} items at byte ${cursor.at}.`)
      for (let left = count; left > 0; left--) walkItem(cursor)
    }
  }
}

/**
 * avsc believes the count of a list: six bytes make it build one of 30 million items before it sees that they are not
 * there. So bytes whose type has lists are walked first. Undefined for a type without, which avsc reads safely.
 */
export function assertBoundsOf(type: avro.Type): AssertBounds | undefined {
  const walks = new Map<avro.Type, Walk>()
  let hasBlocks = false

  function walkOf(of: avro.Type): Walk {
    const known = walks.get(of)
    if (known !== undefined) return known
    let walk: Walk | undefined
    walks.set(of, (cursor) => walk?.(cursor)) // A type that contains itself meets this one.
    walk = makeWalk(of)
    walks.set(of, walk)
    return walk
  }

  function makeWalk(of: avro.Type): Walk {
    if (of instanceof avro.types.RecordType) {
      const fields = of.fields.map((field) => walkOf(field.type))
      return (cursor) => {
        for (const walkField of fields) walkField(cursor)
      }
    }
    if (of instanceof avro.types.ArrayType) {
      hasBlocks = true
      return blocksOf(walkOf(of.itemsType))
    }
    if (of instanceof avro.types.MapType) {
      hasBlocks = true
      const walkValue = walkOf(of.valuesType)
      return blocksOf((cursor) => {
        skipText(cursor)
        walkValue(cursor)
      })
    }
    if (of instanceof avro.types.UnwrappedUnionType || of instanceof avro.types.WrappedUnionType) {
      const branches = of.types.map(walkOf)
      return (cursor) => {
        const index = readVarint(cursor)
        const walkBranch = branches[index]
        if (walkBranch === undefined) throw new RangeError(`There is no branch ${index} at byte ${cursor.at}.`)
        walkBranch(cursor)
      }
    }
    if (of instanceof avro.types.FixedType) return skipMany(of.size)
    switch (of.typeName) {
      case 'null':
        return () => undefined
      case 'boolean':
        return skipMany(1)
      case 'int':
      case 'long':
      case 'enum':
        return readVarint
      case 'float':
        return skipMany(4)
      case 'double':
        return skipMany(8)
      case 'bytes':
      case 'string':
        return skipText
      default:
        throw new TypeError(`Cavea's records hold no ${of.typeName}.`)
    }
  }

  const walk = walkOf(type)
  return hasBlocks ? (bytes) => walk({ bytes, at: 0 }) : undefined
}
