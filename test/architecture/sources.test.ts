import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { faultsOf } from './source-rules.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SKIPPED = new Set(['node_modules', 'dist', 'fixtures', '.git', '.cavea'])
const DOMAIN = 'command-service/src/domain/seating/decider.ts'

function sourcesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : sourcesUnder(path)
    return /\.(ts|tsx|mts|cts)$/.test(entry.name) ? [path] : []
  })
}

function rulesBrokenBy(path: string, text: string): string[] {
  return [...new Set(faultsOf(path, text).map(({ rule }) => rule))]
}

describe('The sources', () => {
  it('keep the rules that imports do not show', () => {
    const faults = sourcesUnder(ROOT).flatMap((file) => {
      const path = relative(ROOT, file).split(sep).join('/')
      return faultsOf(path, readFileSync(file, 'utf8')).map(({ rule, line, what }) => `${path}:${line} ${rule}: ${what}`)
    })
    assert.deepEqual(faults, [])
  })
})

describe('The reading of sources', () => {
  const environment: [string, string][] = [
    ['a member of process', 'export const port = process.env.PORT'],
    ['a literal key', "export const port = process['env']"],
    ['a member of the global', 'export const port = globalThis.process.env'],
    ['process taken apart', 'const { env: all } = process\nexport { all }'],
    ['an import by name', "import { env } from 'node:process'\nexport const port = env"],
  ]
  for (const [title, text] of environment) {
    it(`finds the environment read through ${title}, outside main.ts alone`, () => {
      assert.deepEqual(rulesBrokenBy('gateway/src/routes/holds.ts', text), ['environment'])
      assert.deepEqual(rulesBrokenBy('gateway/src/main.ts', text), [])
      assert.deepEqual(rulesBrokenBy('gateway/src/routes/holds.spec.ts', text), [])
    })
  }

  const impure = [
    'export const now = Date.now()',
    'export const now = new Date()',
    'export const now = new Date',
    'export const now = Date()',
    'export const clock = Date.now',
    'export const chance = Math.random()',
    'export const now = performance.now()',
    'export const now = globalThis.performance.now()',
    'export const now = process.hrtime.bigint()',
    "import { randomUUID } from 'node:crypto'\nexport { randomUUID }",
    'export const id = crypto.randomUUID()',
    'setTimeout(() => undefined, 1)',
    'export const later = async (it: Promise<number>) => await it',
  ]
  for (const text of impure) {
    it(`finds in a domain folder: ${text.split('\n')[0] ?? ''}`, () => {
      assert.deepEqual(rulesBrokenBy(DOMAIN, text), ['impure-domain'])
      assert.deepEqual(rulesBrokenBy('command-service/src/application/worker.ts', text), [])
    })
  }

  it('finds a file of more than four hundred lines, and none of exactly four hundred', () => {
    assert.deepEqual(rulesBrokenBy(DOMAIN, 'export {}\n'.repeat(401)), ['too-long'])
    assert.deepEqual(rulesBrokenBy(DOMAIN, 'export {}\n'.repeat(400)), [])
  })

  it('finds exports of everything, by any name', () => {
    assert.deepEqual(rulesBrokenBy(DOMAIN, "export * from './state.ts'"), ['export-all'])
    assert.deepEqual(rulesBrokenBy(DOMAIN, "export * as state from './state.ts'"), ['export-all'])
    assert.deepEqual(rulesBrokenBy(DOMAIN, "export { state } from './state.ts'"), [])
  })

  it('finds enums, constant ones too', () => {
    assert.deepEqual(rulesBrokenBy(DOMAIN, 'enum Status { Free }'), ['enum'])
    assert.deepEqual(rulesBrokenBy(DOMAIN, 'export const enum Status { Free }'), ['enum'])
  })

  it('is not misled by comments, texts and a time that is given', () => {
    const text = "// Date.now() is not for us.\nexport const text = 'process.env and Math.random()'\nexport const day = new Date(0)\n"
    assert.deepEqual(rulesBrokenBy(DOMAIN, text), [])
  })
})
