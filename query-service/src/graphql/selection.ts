import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getArgumentValues,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  print,
  visit,
} from 'graphql'
import type { KnownDocument } from './documents.ts'
import { RefusedRequestError, refusedDocument } from './errors.ts'

/** What a subscription asks for: of which field, and which part of it. */
export interface RootField {
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
  /** The same for all operations to which the same value is told in the same bytes, whatever they give as arguments. */
  readonly selectionKey: string
}

interface Shape {
  readonly field: FieldNode
  readonly text: string
  /** Names of the variables that the selection itself uses. */
  readonly variables: readonly string[]
}

const shapes = new WeakMap<OperationDefinitionNode, Shape>()

/** Reads the one field of a subscription. Throws when its variables do not fit. */
export function rootFieldOf(
  schema: GraphQLSchema,
  known: KnownDocument,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): RootField {
  const shape = shapes.get(operation) ?? shapeOf(known, operation)
  shapes.set(operation, shape)
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, { maxErrors: 5 })
  if (errors !== undefined) throw new RefusedRequestError(errors, 400, true)
  const definition = schema.getSubscriptionType()?.getFields()[shape.field.name.value]
  if (definition === undefined) throw refusedDocument('GRAPHQL_VALIDATION_FAILED', 'There is no such subscription.')
  const values = shape.variables.map((name) => [name, coerced[name] ?? null])
  return {
    name: definition.name,
    args: getArgumentValues(definition, shape.field, coerced),
    selectionKey: `${shape.text}\n${JSON.stringify(values)}`,
  }
}

function shapeOf({ document, text }: KnownDocument, operation: OperationDefinitionNode): Shape {
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
  const [field, ...more] = fieldsOf(operation.selectionSet.selections, fragments)
  if (field === undefined) throw refusedDocument('GRAPHQL_VALIDATION_FAILED', 'A subscription has one field.')
  const variables = new Set<string>()
  const used = [field.selectionSet, ...fragments]
  for (const node of used) if (node !== undefined) visit(node, { Variable: ({ name }) => void variables.add(name.value) })
  // Usually the text of the selection says all; where the field is put together from several places, that of the whole document.
  const isPlain = more.length === 0 && (field.directives ?? []).length === 0
  const name = field.alias?.value ?? field.name.value
  const selection = [name, ...used.map((node) => (node === undefined ? '' : print(node)))].join('\n')
  return { field, text: isPlain ? selection : `${operation.name?.value ?? ''}\n${text}`, variables: [...variables].sort() }
}

function fieldsOf(
  selections: OperationDefinitionNode['selectionSet']['selections'],
  fragments: readonly FragmentDefinitionNode[],
): readonly FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection]
    if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsOf(selection.selectionSet.selections, fragments)
    const fragment = fragments.find(({ name }) => name.value === selection.name.value)
    return fragment === undefined ? [] : fieldsOf(fragment.selectionSet.selections, fragments)
  })
}
