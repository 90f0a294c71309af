import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { ROOT, readJson, run, say, seconds } from './install.mjs'

/**
 * Compiles a project and what it references, unless nothing changed since it was last compiled. `tsc -b` would find that out too,
 * but its start costs a second or two; looking at sizes and times of the sources costs milliseconds.
 * @returns {Promise<boolean>} false when it did not compile
 */
export async function build(project, root = ROOT) {
  const stamp = join(root, 'node_modules', '.cache', 'cavea', `built-${project.replaceAll('/', '-')}`)
  const folders = projectsOf(join(root, project))
  const before = fingerprint(folders, root)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === before) return true
  say(`Compiling ${project}.`)
  const startedMs = Date.now()
  const code = await run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', join(root, project)], {
    root,
    name: 'tsc',
  })
  if (code !== 0) {
    say(`${project} does not compile.`)
    return false
  }
  mkdirSync(dirname(stamp), { recursive: true })
  // Only what stood before the compiler started is known to be compiled; its output is part of the fingerprint, the sources must agree.
  const after = fingerprint(folders, root)
  if (sourcesOf(after) === sourcesOf(before)) writeFileSync(stamp, after)
  say(`Compiled in ${seconds(Date.now() - startedMs)}.`)
  return true
}

const WEB = join('gateway', 'web')

/**
 * Builds the web client unless nothing changed since it was last built. What serves it runs without it too, so a failure is
 * told and no more.
 * @returns {Promise<boolean>} false when it was not built
 */
export async function buildWeb(root = ROOT) {
  const folder = join(root, WEB)
  const stamp = join(root, 'node_modules', '.cache', 'cavea', 'built-web')
  const before = fingerprintOfWeb(folder, root)
  if (existsSync(join(folder, 'dist', 'index.html')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === before) return true
  say('Building the web client.')
  const startedMs = Date.now()
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const code = await run(process.execPath, [vite, 'build', '--logLevel', 'error', folder], { root, name: 'vite' })
  if (code !== 0) {
    say('The web client was not built; the API runs without it.')
    return false
  }
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, before)
  say(`Built in ${seconds(Date.now() - startedMs)}.`)
  return true
}

/** A hash of path, size and time of all that the web client is made from. */
function fingerprintOfWeb(folder, root) {
  const sources = createHash('sha256')
  note(sources, join(root, 'node_modules', '.package-lock.json'), root)
  const made = [join(folder, 'dist'), join(folder, 'seat-picker', 'dist')].map((path) => path + sep)
  for (const file of filesUnder(folder))
    if (!made.some((path) => file.startsWith(path)) && !file.includes('node_modules')) note(sources, file, root)
  return sources.digest('hex')
}

/** The project's folder and those it references, however indirectly. */
function projectsOf(folder, found = new Set()) {
  if (found.has(folder)) return found
  found.add(folder)
  for (const { path } of readJson(join(folder, 'tsconfig.json')).references ?? []) projectsOf(join(folder, path), found)
  return found
}

/** `sources outputs`: a hash of path, size and time of every source, and one of the compiler's own notes in dist. */
function fingerprint(folders, root) {
  const sources = createHash('sha256')
  const outputs = createHash('sha256')
  note(sources, join(root, 'tsconfig.base.json'), root)
  note(sources, join(root, 'node_modules', '.package-lock.json'), root)
  for (const folder of folders) {
    note(sources, join(folder, 'tsconfig.json'), root)
    note(sources, join(folder, 'package.json'), root)
    for (const file of filesUnder(join(folder, 'src'))) note(sources, file, root)
    note(outputs, join(folder, 'dist', '.tsbuildinfo'), root)
  }
  return `${sources.digest('hex')} ${outputs.digest('hex')}`
}

function sourcesOf(print) {
  return print.split(' ')[0]
}

function note(hash, path, root) {
  const stat = statSync(path, { throwIfNoEntry: false })
  hash.update(`${relative(root, path)} ${stat?.size} ${stat?.mtimeMs}\n`)
}

function filesUnder(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}
