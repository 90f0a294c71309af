import { type Codec, createCodec } from '@cavea/contracts/codec'
import { committedSchemas } from '@cavea/contracts/schema-history'
import { SUBJECTS } from '@cavea/contracts/subjects'
import { inProcessRegistry } from './registry/in-process.ts'
import type { SchemaRegistry } from './registry/port.ts'

/** Makes every schema of this build known to the registry and answers what encodes by its ids. */
export async function registerSchemas(registry: SchemaRegistry): Promise<Codec> {
  const registered = [...SUBJECTS].map(async ([subject, schema]) => [subject, await registry.register(subject, schema as object)] as const)
  const ids = new Map(await Promise.all(registered))
  return createCodec((subject) => {
    const id = ids.get(subject)
    if (id === undefined) throw new Error(`No schema was registered for "${subject}".`)
    return id
  })
}

/** The registry of the embedded profile, which needs nothing beside the build: it has every version there ever was. */
export function embeddedRegistry(): SchemaRegistry {
  const current = [...SUBJECTS].map(([subject, schema]) => ({ subject, schema: schema as object }))
  return inProcessRegistry([...committedSchemas(), ...current])
}
