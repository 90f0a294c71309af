import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'

export interface QueryLimits {
  readonly tokensMax: number
  readonly depthMax: number
  readonly aliasesMax: number
  /** Fields, each as often as the lists around it are long. */
  readonly costMax: number
}

export interface Measured {
  readonly depth: number
  readonly aliases: number
  readonly cost: number
}

/** How long lists are taken to be; a page of performances is as long as was asked for. */
const LIST_SIZES: Readonly<Record<string, number>> = {
  'Availability.sections': 30,
  'Seats.sections': 30,
  'Performance.sections': 30,
  'SectionSeats.seats': 200,
}
const LIST_SIZE = 10
const PAGE_FIELD = 'performances'
const PAGE_DEFAULT = 50
const PAGE_MAX = 100

/** What an operation asks for at most, by its document alone. Introspection is not counted. Fragments must be free of cycles. */
export function measure(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Measured {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  const ofFragments = new Map<string, Measured>() // Measured once, however often it is spread.

  function ofSelection({ selections }: SelectionSetNode, type: GraphQLObjectType, pageSize: number): Measured {
    let [depth, aliases, cost] = [0, 0, 0]
    for (const selection of selections) {
      const part = selection.kind === Kind.FIELD ? ofField(selection, type, pageSize) : ofFragment(selection)
      depth = Math.max(depth, part.depth)
      aliases += part.aliases
      cost += part.cost
    }
    return { depth, aliases, cost }

    function ofFragment(spread: Exclude<(typeof selections)[number], FieldNode>): Measured {
      if (spread.kind === Kind.INLINE_FRAGMENT) return ofSelection(spread.selectionSet, type, pageSize)
      const name = spread.name.value
      const key = `${name}/${pageSize}`
      const fragment = fragments.get(name)
      const known = ofFragments.get(key)
      if (known !== undefined || fragment === undefined) return known ?? { depth: 0, aliases: 0, cost: 0 }
      const measured = ofSelection(fragment.selectionSet, type, pageSize)
      ofFragments.set(key, measured)
      return measured
    }
  }

  function ofField(field: FieldNode, parent: GraphQLObjectType, pageSize: number): Measured {
    const aliases = field.alias === undefined ? 0 : 1
    const definition = parent.getFields()[field.name.value]
    if (definition === undefined) return { depth: 0, aliases, cost: 0 }
    const named = getNamedType(definition.type)
    if (field.selectionSet === undefined || !isObjectType(named)) return { depth: 1, aliases, cost: 1 }
    const inner = ofSelection(field.selectionSet, named, field.name.value === PAGE_FIELD ? firstOf(field) : 1)
    const nullable = isNonNullType(definition.type) ? definition.type.ofType : definition.type
    const key = `${parent.name}.${field.name.value}`
    const size = !isListType(nullable) ? 1 : key === 'PerformancePage.data' ? pageSize : (LIST_SIZES[key] ?? LIST_SIZE)
    return { depth: inner.depth + 1, aliases: aliases + inner.aliases, cost: 1 + size * inner.cost }
  }

  const root = schema.getRootType(operation.operation)
  return root ? ofSelection(operation.selectionSet, root, 1) : { depth: 0, aliases: 0, cost: 0 }
}

/** A page's size; the longest when a variable tells it. */
function firstOf(field: FieldNode): number {
  const value = field.arguments?.find(({ name }) => name.value === 'first')?.value
  if (value === undefined) return PAGE_DEFAULT
  return value.kind === Kind.INT ? Math.min(PAGE_MAX, Math.max(1, Number(value.value))) : PAGE_MAX
}
