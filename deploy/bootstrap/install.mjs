import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the repository. Everything here is plain Node, because it runs before anything is installed. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

const HEARTBEAT_MS = 10_000

/** Progress goes to standard error, so that the output of a command line stays clean. */
export function say(text) {
  process.stderr.write(`${text}\n`)
}

/** @returns {string | undefined} what is wrong with this Node, in words for the person who must replace it */
export function faultOfNode(version = process.versions.node, root = ROOT) {
  const wanted = readJson(join(root, 'package.json')).engines.node
  const least = wanted
    .replace(/[^0-9.]/g, '')
    .split('.')
    .map(Number)
  const found = version.split('.').map((part) => Number.parseInt(part, 10))
  for (const [index, part] of least.entries()) {
    if (found[index] > part) return undefined
    if (found[index] < part) return `Cavea needs Node ${wanted}; this is Node ${version}. Install a newer one from https://nodejs.org.`
  }
  return undefined
}

/**
 * Whether node_modules differs from package-lock.json. Compares contents, not times: a checkout touches the lock without changing
 * it. npm writes its own copy of the lock last, so an interrupted installation is seen as missing.
 */
export function needsInstall(root = ROOT) {
  const copy = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(copy)) return true
  const installed = readJson(copy).packages
  for (const [path, wanted] of Object.entries(readJson(join(root, 'package-lock.json')).packages)) {
    if (!path.includes('node_modules/')) continue
    const found = installed[path]
    if (found === undefined) {
      if (!wanted.optional) return true // A package for another platform is left out on purpose.
    } else if (found.version !== wanted.version || found.integrity !== wanted.integrity) {
      return true
    }
  }
  return false
}

/** Runs `npm ci` when node_modules is not what the lock file says. @returns {Promise<boolean>} false when it failed */
export async function install(root = ROOT) {
  if (!needsInstall(root)) return true
  say('Installing packages (npm ci); the first time takes about a minute.')
  const startedMs = Date.now()
  // Windows needs a shell for npm.cmd; elsewhere none stands between us and the signals.
  const code = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    root,
    name: 'npm ci',
    shell: process.platform === 'win32',
  })
  if (code === 0) say(`Installed in ${seconds(Date.now() - startedMs)}.`)
  else say(`npm ci failed (exit code ${code}).`)
  return code === 0
}

/** Runs a program with its output on standard error and a line every ten seconds, so that a person sees that it is alive. */
export function run(command, args, { root = ROOT, name, shell = false }) {
  return new Promise((resolve) => {
    const startedMs = Date.now()
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell })
    const heartbeat = setInterval(() => say(`… ${name} is at work (${seconds(Date.now() - startedMs)})`), HEARTBEAT_MS)
    const pass = (signal) => child.kill(signal)
    const end = (code) => {
      clearInterval(heartbeat)
      process.off('SIGINT', pass)
      process.off('SIGTERM', pass)
      resolve(code)
    }
    process.on('SIGINT', pass)
    process.on('SIGTERM', pass)
    child.once('error', (error) => {
      say(`${name} did not start: ${error.message}`)
      end(1)
    })
    child.once('exit', (code, signal) => end(code ?? (signal === 'SIGINT' ? 130 : 1)))
  })
}

export function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'))
}

export function seconds(durationMs) {
  return `${(durationMs / 1000).toFixed(1)} s`
}
