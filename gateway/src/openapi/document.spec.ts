import assert from 'node:assert/strict'
import { HoldRequest } from '../parse/requests.ts'
import { openApiDocument } from './document.ts'

interface Operation {
  readonly operationId: string
  readonly security: readonly object[]
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly examples?: Readonly<Record<string, { readonly value: unknown }>> }>>
  }
  readonly responses: Readonly<Record<string, unknown>>
}

describe('the OpenAPI document', () => {
  const document = openApiDocument() as {
    paths: Record<string, Record<string, Operation>>
    components: { schemas: Record<string, { additionalProperties?: unknown }> }
  }
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

  it('names each operation once, with its security and its problems', () => {
    assert.equal(new Set(operations.map(({ operation }) => operation.operationId)).size, operations.length)
    for (const { path, method, operation } of operations) {
      assert.ok(operation.security.length > 0, `${method} ${path}`)
      assert.ok('500' in operation.responses && '429' in operation.responses, `${method} ${path}`)
    }
  })

  it('describes every parameter that stands in a path', () => {
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      assert.deepEqual(
        inPath,
        (operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name),
        path,
      )
    }
  })

  it('shows holds of every kind, as they are accepted', () => {
    const examples = document.paths['/v1/performances/{performanceId}/holds']?.['post']?.requestBody?.content['application/json']?.examples
    const values = Object.values(examples ?? {}).map(({ value }) => HoldRequest.parse(value))
    for (const kind of ['seats', 'bestAvailable', 'area'] as const)
      assert.ok(
        values.some((value) => value[kind] !== undefined),
        kind,
      )
  })

  it('lets answers grow and requests not', () => {
    assert.equal(document.components.schemas['HoldRequest']?.additionalProperties, false)
    assert.equal(document.components.schemas['NewHold']?.additionalProperties, undefined)
  })
})
