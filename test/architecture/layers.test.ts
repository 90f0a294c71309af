import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cruise, type ICruiseOptions, type IForbiddenRuleType } from 'dependency-cruiser'
import { BREACHES, HARMLESS, NODE_MODULES } from './breaches.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const RULES = createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs')) as {
  readonly forbidden: (IForbiddenRuleType & { readonly name: string })[]
  readonly options: ICruiseOptions & { readonly enhancedResolveOptions: object }
}
const FOLDERS = ['schemas', 'command-service', 'projector', 'query-service', 'gateway', 'deploy', 'test']

/** `rule: from → to` of every breach below `baseDir`. */
async function breachesIn(baseDir: string, folders: string[]): Promise<string[]> {
  const { enhancedResolveOptions, ...options } = RULES.options
  const { output } = await cruise(
    folders,
    { ...options, ruleSet: { forbidden: RULES.forbidden }, validate: true, baseDir },
    enhancedResolveOptions,
  )
  assert.ok(typeof output !== 'string')
  assert.ok(output.summary.totalCruised > 0, 'nothing was read')
  return output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)
}

describe('The layers', () => {
  it('hold in this repository', async () => {
    const folders = FOLDERS.filter((folder) => existsSync(join(ROOT, folder)))
    assert.deepEqual(await breachesIn(ROOT, folders), [])
  })
})

describe('The checker of the layers', () => {
  let dir = ''

  /** A small repository that breaks no rule, with some files added or replaced. */
  function plant(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries({ ...NODE_MODULES, ...HARMLESS, ...files })) {
      mkdirSync(dirname(join(dir, path)), { recursive: true })
      writeFileSync(join(dir, path), text)
    }
  }

  beforeEach(() => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'cavea-layers-')))
  })
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true })
  })

  const folders = [...new Set(Object.keys(HARMLESS).map((path) => path.split('/')[0] ?? ''))]

  it('is content with a repository that breaks no rule', async () => {
    plant({})
    assert.deepEqual(await breachesIn(dir, folders), [])
  })

  for (const { rule, title, files } of BREACHES) {
    it(`finds ${title}`, async () => {
      plant(files)
      const found = await breachesIn(dir, folders)
      assert.ok(
        found.some((breach) => breach.startsWith(`${rule}: `)),
        `${rule} is missing among: ${found.join('; ') || 'no breach'}`,
      )
    })
  }

  it('has a planted breach for each of its rules', () => {
    const planted = new Set(BREACHES.map(({ rule }) => rule))
    assert.deepEqual(
      RULES.forbidden.map(({ name }) => name).filter((name) => !planted.has(name)),
      [],
    )
  })
})
