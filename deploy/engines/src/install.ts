import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { withLock } from './cache.ts'
import { findChromium } from './chromium.ts'
import { findJava } from './java.ts'
import { ensureKafkaJars, isKafkaInstalled } from './kafka.ts'
import { ensureSecantus, findPython, isSecantusInstalled, mongoOfEnvironment } from './mongo.ts'
import { findPostgres } from './postgres.ts'
import { onPath, runCommand } from './process.ts'
import { findRedis } from './redis.ts'
import { ensureRegistryJar, isRegistryInstalled } from './registry.ts'

export const ENGINE_NAMES = ['kafka', 'registry', 'mongo', 'postgres', 'redis'] as const
export type EngineName = (typeof ENGINE_NAMES)[number]

/** What tests need: engines to start, and a browser. */
export const TOOL_NAMES = [...ENGINE_NAMES, 'chromium'] as const
export type ToolName = (typeof TOOL_NAMES)[number]

/** An engine that cannot be had here, and why, in words for the operator. */
export interface MissingEngine {
  readonly name: ToolName
  readonly why: string
}

const POLICY = '/usr/sbin/policy-rc.d'

/**
 * Makes sure that each named engine is installed: what is there is used; as root on Debian, missing packages are installed
 * without starting a service; jars and the Python environment go to the cache. Never throws for an engine that cannot be had.
 * `report` gets one line per step.
 */
export async function ensureEngines(names: readonly ToolName[], report: (line: string) => void): Promise<{ missing: MissingEngine[] }> {
  const packages = new Set<string>()
  for (const name of names) for (const lacking of await lackingPackages(name)) packages.add(lacking)
  let failure: string | undefined
  if (packages.size > 0 && canInstall()) {
    try {
      await withLock('apt', async () => await installPackages([...packages], report))
    } catch (error) {
      failure = messageOf(error)
    }
  }
  const missing: MissingEngine[] = []
  for (const name of names) {
    try {
      const lacking = await lackingPackages(name)
      if (lacking.length === 0) await fetchFiles(name, report)
      else missing.push({ name, why: failure ?? byHand(lacking) })
    } catch (error) {
      missing.push({ name, why: messageOf(error) })
    }
  }
  return { missing }
}

/** The Debian packages without which an engine cannot be fetched or started. */
async function lackingPackages(name: ToolName): Promise<string[]> {
  switch (name) {
    case 'redis':
      return findRedis() === undefined ? ['redis-server'] : []
    case 'chromium':
      return findChromium() === undefined ? ['chromium'] : []
    case 'postgres':
      return findPostgres() === undefined ? ['postgresql-15'] : []
    case 'mongo':
      if (mongoOfEnvironment() !== undefined || isSecantusInstalled()) return []
      return (await findPython()) === undefined ? ['python3-venv'] : []
    case 'kafka':
      return await lackingJava(isKafkaInstalled())
    case 'registry':
      return await lackingJava(isRegistryInstalled())
    default:
      return name satisfies never
  }
}

async function lackingJava(fetched: boolean): Promise<string[]> {
  const lacking: string[] = []
  try {
    await findJava()
  } catch {
    lacking.push('default-jre-headless')
  }
  if (!fetched && onPath('mvn') === undefined) lacking.push('maven')
  return lacking
}

async function fetchFiles(name: ToolName, report: (line: string) => void): Promise<void> {
  switch (name) {
    case 'kafka':
      if (!isKafkaInstalled()) report('fetching Kafka (45 MB)')
      await ensureKafkaJars()
      return
    case 'registry':
      if (!isRegistryInstalled()) report('fetching the schema registry (142 MB)')
      await ensureRegistryJar()
      return
    case 'mongo':
      if (mongoOfEnvironment() !== undefined) return
      if (!isSecantusInstalled()) report('fetching SecantusDB, a stand-in for MongoDB (80 MB)')
      await ensureSecantus()
      return
    case 'redis':
    case 'postgres':
    case 'chromium':
      return
    default:
      return name satisfies never
  }
}

function canInstall(): boolean {
  return process.getuid?.() === 0 && isDebian()
}

function isDebian(): boolean {
  return existsSync('/etc/debian_version') && onPath('apt-get') !== undefined
}

function byHand(packages: readonly string[]): string {
  const names = packages.join(' ')
  return isDebian() ? `install it as root: apt-get install ${names}` : `install what these Debian packages hold: ${names}`
}

async function installPackages(packages: readonly string[], report: (line: string) => void): Promise<void> {
  report(`installing Debian packages: ${packages.join(' ')}`)
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=300']
  const run = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, killWithParent: false }
  try {
    await runCommand('apt-get', [...options, 'update'], run)
  } catch (error) {
    // One unreachable source fails the update although the others have what we need.
    report(`apt-get update: ${messageOf(error)}`)
  }
  const chosen: string[] = []
  for (const name of packages) chosen.push(name === 'postgresql-15' && !(await hasCandidate(name)) ? 'postgresql' : name)
  await withoutServices(chosen, async () => {
    await runCommand('apt-get', [...options, 'install', '-y', '--no-install-recommends', ...chosen], run)
  })
}

async function hasCandidate(name: string): Promise<boolean> {
  try {
    return /Candidate: (?!\(none\))/.test(await runCommand('apt-cache', ['policy', name], { env: { ...process.env, LC_ALL: 'C' } }))
  } catch {
    return false
  }
}

/**
 * Installs while Debian's own switch (policy-rc.d, exit code 101) forbids services to start, and afterwards takes the services
 * that came with the packages out of the boot sequence. An existing switch, and services that were there before, stay as they are.
 */
async function withoutServices(packages: readonly string[], install: () => Promise<void>): Promise<void> {
  const units = [
    ...(packages.includes('redis-server') ? ['redis-server.service'] : []),
    ...(packages.some((name) => name.startsWith('postgresql')) ? ['postgresql.service'] : []),
  ].filter((unit) => !hasUnit(unit))
  const ours = !existsSync(POLICY)
  const removePolicy = (): void => {
    if (ours) rmSync(POLICY, { force: true })
  }
  if (ours) {
    process.once('exit', removePolicy)
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n')
    chmodSync(POLICY, 0o755)
  }
  try {
    await install()
  } finally {
    removePolicy()
    process.off('exit', removePolicy)
  }
  for (const unit of units.filter(hasUnit)) {
    try {
      await runCommand('systemctl', ['disable', '--now', unit], { timeoutMs: 60_000 })
    } catch {
      // Without systemd nothing starts services by itself.
    }
  }
}

function hasUnit(unit: string): boolean {
  return ['/lib/systemd/system', '/usr/lib/systemd/system', '/etc/systemd/system'].some((folder) => existsSync(`${folder}/${unit}`))
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
