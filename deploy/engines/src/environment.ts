import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive } from './cache.ts'
import { ENGINE_NAMES, type EngineName } from './install.ts'

/** The engines that `--only a,b` (or `--only=a,b`) names, all without it; a string says what is wrong with the arguments. */
export function parseOnly(args: readonly string[]): readonly EngineName[] | string {
  const [first, second, ...rest] = args
  if (first === undefined) return ENGINE_NAMES
  const inline = first.startsWith('--only=')
  const list = inline ? first.slice('--only='.length) : first === '--only' ? second : undefined
  if (list === undefined || rest.length > 0 || (inline && second !== undefined)) return 'usage: npm run engines [-- --only kafka,registry]'
  const asked = list.split(',').map((name) => name.trim())
  const unknown = asked.filter((name) => !ENGINE_NAMES.some((known) => known === name))
  if (unknown.length > 0) return `unknown engine: ${unknown.join(', ')}; there are ${ENGINE_NAMES.join(', ')}`
  return ENGINE_NAMES.filter((name) => asked.includes(name))
}

/** Lines that a shell can source: `export NAME='value'`. */
export function exportLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join('')
}

/** Writes a file that only its owner can read, whole or not at all. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const fresh = `${path}.${process.pid}`
  rmSync(fresh, { force: true })
  await writeFile(fresh, text, { mode: 0o600, flag: 'wx' })
  await rename(fresh, path)
}

/** The secrets of this folder (32 random bytes each, base64url), made once. */
export async function keptSecrets(dataDir: string): Promise<Record<string, string>> {
  const secrets: Record<string, string> = {}
  for (const [name, file] of [
    ['CAVEA_ADMIN_TOKEN', 'admin-token'],
    ['CAVEA_TOKEN_SECRET', 'token-secret'],
  ] as const) {
    const path = join(dataDir, file)
    if (!existsSync(path)) await writePrivate(path, `${randomBytes(32).toString('base64url')}\n`)
    secrets[name] = (await readFile(path, 'utf8')).trim()
  }
  return secrets
}

/**
 * Takes the folder for this process; two sets of engines on one folder would spoil its data. Answers how to give it back, or
 * undefined when another process has it.
 */
export async function claimDataDir(dataDir: string): Promise<(() => void) | undefined> {
  await mkdir(dataDir, { recursive: true })
  const path = join(dataDir, 'pid')
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, `${process.pid}\n`, { flag: 'wx' })
      return () => rmSync(path, { force: true })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
    const holder = Number(readFileSync(path, 'utf8'))
    if (holder > 0 && holder !== process.pid && isAlive(holder)) return undefined
    rmSync(path, { force: true })
  }
  return undefined
}
