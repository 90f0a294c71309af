import {
  type ExecutionResult,
  type FieldNode,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import { SEAT_FIELDS, type SeatField, type SeatList } from '../answers/sections.ts'

/** A part of a result that is JSON already. */
class Written {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** One field of a seat as a client wants it: its name there, with what comes before its value. */
interface Column {
  readonly before: string
  /** Null: the value is in `before` already. */
  readonly field: SeatField | null
}

/**
 * The seats of one execution as text. graphql resolves, checks and copies each field of each seat, which takes longer
 * than all the rest for a hall of ten thousand; so where a selection is plain, it is shown an empty list, and the seats
 * are written into the answer.
 */
export class SeatTexts {
  readonly #lists: { readonly path: readonly (string | number)[]; readonly text: string }[] = []

  add(path: readonly (string | number)[], text: string): void {
    this.#lists.push({ path, text })
  }

  /** The whole result as JSON. The result is used up. */
  stringify({ data, errors, ...rest }: ExecutionResult): string {
    for (const { path, text } of this.#lists) put(data, path, new Written(text))
    const parts = [
      ...(errors === undefined ? [] : [`"errors":${JSON.stringify(errors)}`]),
      ...(data === undefined ? [] : [`"data":${textOf(data)}`]),
      ...Object.entries(rest).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`),
    ]
    return `{${parts.join(',')}}`
  }
}

/** Lets `SectionSeats.seats` be written as text where the context of the execution has a `seatTexts`. */
export function resolveSeatLists(schema: GraphQLSchema): void {
  const type = schema.getType('SectionSeats')
  const field = isObjectType(type) ? type.getFields()['seats'] : undefined
  if (field === undefined) throw new TypeError('The schema has no SectionSeats.seats.')
  field.resolve = ({ seats }: { readonly seats: SeatList }, _, context: { readonly seatTexts?: SeatTexts }, info) => {
    const columns = context.seatTexts === undefined ? undefined : columnsOf(info)
    if (context.seatTexts === undefined || columns === undefined) return seats.list()
    context.seatTexts.add(pathOf(info), writeSeats(seats, columns))
    return []
  }
}

function writeSeats(seats: SeatList, columns: readonly Column[]): string {
  let text = '['
  seats.each((read) => {
    text += text.length === 1 ? '{' : ',{'
    for (const { before, field } of columns) {
      text += before
      if (field === null) continue
      const value = read(field)
      text += typeof value === 'number' ? value : JSON.stringify(value)
    }
    text += '}'
  })
  return `${text}]`
}

const known = new WeakMap<SelectionSetNode, readonly Column[]>()

/** Undefined where it is not plain: a directive stands in it, or the field stands in several places. */
function columnsOf({ fieldNodes, fragments }: GraphQLResolveInfo): readonly Column[] | undefined {
  const [node, ...more] = fieldNodes
  if (node?.selectionSet === undefined || more.length > 0) return undefined
  const before = known.get(node.selectionSet)
  if (before !== undefined) return before
  const fields = fieldsOf(node.selectionSet, fragments)
  if (fields === undefined) return undefined
  const names = new Set<string>()
  const columns: Column[] = []
  for (const { alias, name } of fields) {
    const key = alias?.value ?? name.value
    if (names.has(key)) continue // The same field again: validation has made sure of it.
    const start = `${names.size === 0 ? '' : ','}${JSON.stringify(key)}:`
    names.add(key)
    const field = SEAT_FIELDS.find((each) => each === name.value)
    if (field === undefined && name.value !== '__typename') return undefined
    columns.push(field === undefined ? { before: `${start}"Seat"`, field: null } : { before: start, field })
  }
  known.set(node.selectionSet, columns)
  return columns
}

function fieldsOf({ selections }: SelectionSetNode, fragments: GraphQLResolveInfo['fragments']): readonly FieldNode[] | undefined {
  const fields: FieldNode[] = []
  for (const selection of selections) {
    if ((selection.directives ?? []).length > 0) return undefined
    if (selection.kind === Kind.FIELD) {
      fields.push(selection)
      continue
    }
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments[selection.name.value]?.selectionSet
    const more = inner && fieldsOf(inner, fragments)
    if (more === undefined) return undefined
    fields.push(...more)
  }
  return fields
}

function pathOf({ path }: GraphQLResolveInfo): readonly (string | number)[] {
  const keys: (string | number)[] = []
  for (let at: GraphQLResolveInfo['path'] | undefined = path; at !== undefined; at = at.prev) keys.unshift(at.key)
  return keys
}

/** Sets what the path leads to. An error may have made null of something on the way. */
function put(root: unknown, path: readonly (string | number)[], value: unknown): void {
  let at = root
  for (const key of path.slice(0, -1)) {
    if (typeof at !== 'object' || at === null) return
    at = Reflect.get(at, key)
  }
  const last = path.at(-1)
  if (typeof at === 'object' && at !== null && last !== undefined) Reflect.set(at, last, value)
}

function textOf(value: unknown): string {
  if (value instanceof Written) return value.text
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([name, each]) => `${JSON.stringify(name)}:${textOf(each)}`)
    .join(',')}}`
}
