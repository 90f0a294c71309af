// Writes the next version of each schema that changed to avro/, or says why it must not; then what describes the public ones.
// Run by `npm run schemas:commit`, which gives node the options --import=tsx --conditions=source.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { asyncApiText } from '../src/public/asyncapi.ts'
import { PUBLIC_SUBJECTS } from '../src/public/schemas.ts'
import { commitSchemas } from '../src/schema-history.ts'
import { SUBJECTS } from '../src/subjects.ts'

const { faults, pending } = commitSchemas(fileURLToPath(new URL('../avro', import.meta.url)), new Map([...SUBJECTS, ...PUBLIC_SUBJECTS]))
if (faults.length > 0) {
  process.stderr.write(`Nothing was written:\n${faults.map((fault) => `  ${fault}\n`).join('')}`)
  process.exitCode = 1
} else {
  for (const { subject, version } of pending) process.stdout.write(`${subject} v${version}\n`)
  writeFileSync(fileURLToPath(new URL('../asyncapi.json', import.meta.url)), asyncApiText())
  if (pending.length === 0) process.stdout.write('Every schema is committed already.\n')
}
