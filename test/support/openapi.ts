type Json = Readonly<Record<string, unknown>>

const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'])
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * What is wrong with the structure of an OpenAPI 3.1 document: references that lead nowhere, path parameters that are not
 * declared, operations without answers or with an id that another one has.
 */
export function structureFaults(document: object): readonly string[] {
  const root = document as Json
  const faults: string[] = []
  const fault = (at: string, what: string): void => void faults.push(`${at}: ${what}`)
  const info = root['info']
  if (!isObject(info) || typeof info['title'] !== 'string' || typeof info['version'] !== 'string') fault('/info', 'no title or version')

  const resolve = (value: unknown): unknown => {
    if (!isObject(value) || typeof value['$ref'] !== 'string') return value
    return value['$ref']
      .replace(/^#\//, '')
      .split('/')
      .reduce<unknown>((at, part) => (isObject(at) ? at[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined), root)
  }
  const walk = (value: unknown, at: string): void => {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) walk(item, `${at}/${index}`)
    if (!isObject(value)) return
    if (typeof value['$ref'] === 'string' && resolve(value) === undefined) fault(at, `${value['$ref']} leads nowhere`)
    for (const [key, item] of Object.entries(value)) walk(item, `${at}/${key}`)
  }
  walk(root, '')

  const ids = new Set<string>()
  for (const [path, item] of Object.entries(isObject(root['paths']) ? root['paths'] : {})) {
    if (!path.startsWith('/')) fault(path, 'does not start with a slash')
    if (!isObject(item)) {
      fault(path, 'is no object')
      continue
    }
    for (const [method, operation] of Object.entries(item)) {
      if (!METHODS.has(method)) continue
      const at = `${method} ${path}`
      if (!isObject(operation)) {
        fault(at, 'is no object')
        continue
      }
      const id = operation['operationId']
      if (typeof id === 'string' && ids.has(id)) fault(at, `its id ${id} is taken`)
      if (typeof id === 'string') ids.add(id)
      const responses = operation['responses']
      if (!isObject(responses) || Object.keys(responses).length === 0) fault(at, 'has no answers')
      for (const [status, response] of Object.entries(isObject(responses) ? responses : {})) {
        if (!/^(?:[1-5]\d\d|[1-5]XX|default)$/.test(status)) fault(at, `${status} is no status`)
        const resolved = resolve(response)
        if (!isObject(resolved) || typeof resolved['description'] !== 'string') fault(at, `its answer ${status} has no description`)
      }
      const parameters = [...listOf(item['parameters']), ...listOf(operation['parameters'])].map(resolve).filter(isObject)
      const declared = parameters.filter((parameter) => parameter['in'] === 'path').map((parameter) => String(parameter['name']))
      const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name ?? '')
      for (const name of inPath) if (!declared.includes(name)) fault(at, `its parameter ${name} is not declared`)
      for (const name of declared) if (!inPath.includes(name)) fault(at, `its parameter ${name} is not in the path`)
    }
  }
  return faults
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
