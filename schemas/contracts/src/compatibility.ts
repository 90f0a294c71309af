/**
 * Whether two versions of a schema can read each other, by Avro's rules for schema resolution and some of our own. It is
 * stricter than the library that decodes: that one forgets a failure inside a union, and lets text turn into bytes.
 */

type Json = Readonly<Record<string, unknown>>
type Named = ReadonlyMap<string, Json>
interface Field {
  readonly name: string
  readonly type: unknown
  readonly default?: unknown
}

const PRIMITIVES: ReadonlySet<unknown> = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'])
const LINK_BYTES = 32

/** Every reason why not; empty when each can read what the other wrote. */
export function faultsBetween(one: unknown, other: unknown): string[] {
  return [...new Set([...faultsOfReading(one, other), ...faultsOfReading(other, one)])]
}

/** Why the `reader` cannot read what the `writer` wrote; empty when it can. */
export function faultsOfReading(reader: unknown, writer: unknown): string[] {
  const readerNames = namesIn(reader)
  const writerNames = namesIn(writer)
  const met = new Set<string>() // A type that contains itself is compared once.

  function compare(to: unknown, from: unknown, path: string): string[] {
    const [into, out] = [resolve(to, readerNames), resolve(from, writerNames)]
    if (Array.isArray(out)) return out.flatMap((branch) => compare(into, branch, path))
    if (Array.isArray(into)) {
      const branch = into.find((candidate) => label(resolve(candidate, readerNames)) === label(out))
      return branch === undefined ? [`${path}: no branch of the union reads ${label(out)}`] : compare(branch, out, path)
    }
    if (label(into) !== label(out)) return [`${path}: ${label(out)} cannot be read as ${label(into)}`]
    if (logicalOf(into) !== logicalOf(out)) return [`${path}: the logical type differs`]
    if (!isObject(into) || !isObject(out)) return []
    switch (into['type']) {
      case 'record': {
        const pair = label(into)
        if (met.has(pair)) return []
        met.add(pair)
        return compareFields(into, out, path)
      }
      case 'array':
        return compare(into['items'], out['items'], `${path}[]`)
      case 'map':
        return compare(into['values'], out['values'], `${path}{}`)
      case 'fixed':
        return into['size'] === out['size'] ? [] : [`${path}: the size of ${label(into)} differs`]
      case 'enum': {
        const symbols = listOf(into['symbols'])
        const unread = listOf(out['symbols']).filter((symbol) => !symbols.includes(symbol))
        return unread.map((symbol) => `${path}: the symbol ${String(symbol)} cannot be read`) // No default: a state must not turn into another.
      }
      default:
        return []
    }
  }

  function compareFields(into: Json, out: Json, path: string): string[] {
    const written = new Map(fieldsOf(out).map((field) => [field.name, field]))
    return fieldsOf(into).flatMap((field) => {
      const at = `${path}.${field.name}`
      const source = written.get(field.name)
      if (source !== undefined) return compare(field.type, source.type, at)
      if (!('default' in field)) return [`${at}: is not in every version and has no default`]
      return isDefaultOf(field.type, field.default, readerNames) ? [] : [`${at}: its default is no value of its type`]
    })
  }

  return compare(reader, writer, label(resolve(reader, readerNames)))
}

/** The ledger rule reads the link of a decision by its place, so it stands first in every version. */
export function linkFaults(schema: unknown): string[] {
  const [first] = isObject(schema) ? fieldsOf(schema) : []
  const type = first?.type
  const isLink = first?.name === 'link' && isObject(type) && type['type'] === 'fixed' && type['size'] === LINK_BYTES
  return isLink ? [] : [`the first field is not "link", fixed, of ${LINK_BYTES} bytes`]
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const logicalOf = (type: unknown): unknown => (isObject(type) ? type['logicalType'] : undefined)
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const fieldsOf = (record: Json): readonly Field[] => listOf(record['fields']) as readonly Field[]

function fullName(type: Json, namespace: string): string {
  const name = String(type['name'])
  const space = typeof type['namespace'] === 'string' ? type['namespace'] : namespace
  return name.includes('.') || space === '' ? name : `${space}.${name}`
}

/** Named types by their full names, each with that name in place of a relative one. */
function namesIn(schema: unknown): Named {
  const names = new Map<string, Json>()
  function visit(type: unknown, namespace: string): void {
    if (Array.isArray(type)) for (const branch of type) visit(branch, namespace)
    if (!isObject(type)) return
    if (typeof type['name'] === 'string') {
      const name = fullName(type, namespace)
      names.set(name, type)
      namespace = name.slice(0, Math.max(0, name.lastIndexOf('.')))
    }
    for (const field of fieldsOf(type)) visit(field.type, namespace)
    visit(type['items'], namespace)
    visit(type['values'], namespace)
    if (isObject(type['type'])) visit(type['type'], namespace)
  }
  visit(schema, '')
  return names
}

/** What a type stands for: `{ type: 'int' }` is int, and a name is what it names. */
function resolve(type: unknown, names: Named): unknown {
  if (isObject(type) && (isObject(type['type']) || (PRIMITIVES.has(type['type']) && type['logicalType'] === undefined)))
    return resolve(type['type'], names)
  if (typeof type !== 'string' || PRIMITIVES.has(type)) return type
  const named = names.get(type) ?? [...names].find(([name]) => name.endsWith(`.${type}`))?.[1]
  if (named === undefined) throw new TypeError(`There is no type "${type}".`)
  return named
}

/** What makes two types candidates for each other: the kind, and for named types the name. A renamed type is another type. */
function label(type: unknown): string {
  if (Array.isArray(type)) return 'a union'
  if (!isObject(type)) return String(type)
  const name = type['name'] === undefined ? '' : ` ${fullName(type, '')}`
  return `${String(type['type'])}${name}`
}

/** Avro wants the default of a union to be of its first branch. */
function isDefaultOf(type: unknown, value: unknown, names: Named): boolean {
  const resolved = resolve(type, names)
  if (Array.isArray(resolved)) return isDefaultOf(resolved[0], value, names)
  switch (isObject(resolved) ? resolved['type'] : resolved) {
    case 'null':
      return value === null
    case 'boolean':
      return typeof value === 'boolean'
    case 'int':
      return Number.isInteger(value) && value === (Number(value) | 0)
    case 'long':
      return Number.isSafeInteger(value)
    case 'float':
    case 'double':
      return typeof value === 'number'
    case 'string':
    case 'bytes':
      return typeof value === 'string'
    case 'fixed':
      return typeof value === 'string' && isObject(resolved) && value.length === resolved['size']
    case 'enum':
      return isObject(resolved) && listOf(resolved['symbols']).includes(value)
    case 'array':
      return isObject(resolved) && Array.isArray(value) && value.every((item) => isDefaultOf(resolved['items'], item, names))
    case 'map':
      return isObject(resolved) && isObject(value) && Object.values(value).every((item) => isDefaultOf(resolved['values'], item, names))
    case 'record':
      return (
        isObject(resolved) &&
        isObject(value) &&
        fieldsOf(resolved).every((field) => isDefaultOf(field.type, field.name in value ? value[field.name] : field.default, names))
      )
    default:
      return false
  }
}
