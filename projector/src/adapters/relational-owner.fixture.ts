import { openEmbeddedTables } from './relational-tables.ts'

// Opens the tables of a folder, says where they are, and stays until somebody kills it.
const [dir = ''] = process.argv.slice(2)
const tables = await openEmbeddedTables({ dir, warn: (message, error) => console.error(message, error) })
process.stdout.write(`${tables?.url ?? ''}\n`)
setInterval(() => undefined, 60_000)
