import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, buildWeb } from './build.mjs'
import { faultOfNode, install, ROOT, say } from './install.mjs'

const SERVES_PAGES = 'deploy/standalone'

/**
 * Installs and compiles what is missing or stale, then runs a compiled main in this very process: signals, arguments, environment
 * and standard streams are the program's own.
 * @param {string} main path of a compiled file from the root, such as deploy/standalone/dist/main.js
 */
export async function prepareAndRun(main, args) {
  const fault = faultOfNode()
  if (fault !== undefined) {
    say(fault)
    process.exit(1)
  }
  if (!(await install())) process.exit(1)
  const project = main.slice(0, main.indexOf('/dist/'))
  if (!(await build(project))) process.exit(1)
  if (project === SERVES_PAGES) await buildWeb()
  const path = join(ROOT, main)
  if (!existsSync(path)) {
    say(`There is no ${main}.`)
    process.exit(1)
  }
  process.argv.splice(1, process.argv.length, path, ...args)
  await import(pathToFileURL(path).href)
}
