import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { faultOfNode, install, ROOT, readJson, seconds } from '../deploy/bootstrap/install.mjs'
import { isStopping, runChild, stopOnSignals } from './runner/child.mjs'
import { filesOf, runMocha } from './runner/mocha-group.mjs'

const USAGE = `Usage: node test/run.mjs [group …] [--grep <text>]
Groups: types lint specs architecture simulation integration end-to-end browser faults; none named means all.`
const HEARTBEAT_MS = 10_000
const CHECKS = ['types', 'lint']
const ENGINES = ['kafka', 'registry', 'redis', 'mongo', 'postgres']
const MOCHA_GROUPS = {
  specs: { timeoutMs: 20_000, engines: [] },
  architecture: { timeoutMs: 120_000, engines: [] },
  simulation: { timeoutMs: 120_000, engines: [] },
  integration: { timeoutMs: 120_000, engines: ENGINES },
  'end-to-end': { timeoutMs: 120_000, engines: ENGINES },
  browser: { timeoutMs: 60_000, engines: ['chromium'] },
  faults: { timeoutMs: 120_000, engines: ENGINES },
}

const total = { passed: 0, skipped: 0, failures: [], tests: [], times: [] }

function say(text) {
  process.stdout.write(`${text}\n`)
}

/** Runs a step's program; its output is shown only when it fails. */
async function check(name, args) {
  if (isStopping()) return
  const heartbeat = startHeartbeat(name)
  const { code, output, durationMs } = await runChild(process.execPath, args, { cwd: ROOT })
  clearInterval(heartbeat)
  total.times.push({ name, durationMs })
  if (code === 0) say(`✓ ${name} (${seconds(durationMs)})`)
  else fail(name, output.trim() || `exit code ${code}`)
}

function fail(title, detail) {
  say(`✗ ${title}`)
  total.failures.push({ title, detail })
}

function startHeartbeat(name) {
  const startedMs = Date.now()
  return setInterval(() => say(`… ${name} is at work (${seconds(Date.now() - startedMs)})`), HEARTBEAT_MS)
}

async function runChecks(names) {
  const bin = (path) => join(ROOT, 'node_modules', path)
  if (names.includes('types')) await check('types: tsc -b', [bin('typescript/bin/tsc'), '-b', '--pretty', 'false'])
  if (!names.includes('lint')) return
  const sources = ['schemas', 'command-service', 'projector', 'query-service', 'gateway', 'deploy', 'test'].filter((name) =>
    existsSync(join(ROOT, name)),
  )
  await check('lint: biome', [bin('@biomejs/biome/bin/biome'), 'check', '--max-diagnostics=200', '.'])
  await check('lint: eslint', [bin('eslint/bin/eslint.js'), '.'])
  await check('lint: dependency-cruiser', [
    bin('dependency-cruiser/bin/dependency-cruise.mjs'),
    '--config',
    '.dependency-cruiser.cjs',
    ...sources,
  ])
}

/**
 * Makes the real engines ready to start. One that cannot be had is named in CAVEA_SKIP_ENGINES, by which its tests skip themselves;
 * under CI=true that is a failure instead.
 */
async function ensureEngines(engines) {
  const heartbeat = startHeartbeat('engines')
  const args = ['--import=tsx', '--conditions=source', join(ROOT, 'test/ensure-engines.ts'), ...engines]
  const { code, output, durationMs } = await runChild(process.execPath, args, { cwd: ROOT, onOutput: tellProgress })
  clearInterval(heartbeat)
  total.times.push({ name: 'engines', durationMs })
  const missing = [...output.matchAll(/^missing (\S+): (.*)$/gm)].map(([, engine, reason]) => ({ engine, reason }))
  if (code !== 0) fail('engines', output.trim() || `exit code ${code}`)
  for (const { engine, reason } of missing) {
    if (process.env.CI === 'true') fail(`engine ${engine} is missing`, reason)
    else say(`! ${engine} is not available, so its tests are skipped: ${reason}`)
  }
  return code === 0 ? missing.map(({ engine }) => engine) : engines
}

function tellProgress(text) {
  for (const line of text.split('\n')) if (line.startsWith('progress ')) say(`… ${line.slice('progress '.length)}`)
}

function filesOfGroup(name) {
  // Packages stand inside of packages, so a file may be found twice.
  if (name === 'specs') return [...new Set(filesOf(ROOT, readJson(join(ROOT, 'package.json')).workspaces, /[/\\]src[/\\].*\.spec\.ts$/))]
  return filesOf(ROOT, [join('test', name)], /\.(test|spec)\.ts$/)
}

async function runGroups(names, grep, areNamed) {
  const needed = [...new Set(names.flatMap((name) => MOCHA_GROUPS[name].engines))]
  let skipEngines
  for (const name of names) {
    if (isStopping()) return
    const { timeoutMs, engines } = MOCHA_GROUPS[name]
    const files = filesOfGroup(name)
    if (files.length === 0) {
      if (areNamed) fail(name, 'This group has no test file.')
      else say(`- ${name}: no test file`)
      continue
    }
    if (engines.length > 0) skipEngines ??= await ensureEngines(needed)
    if (isStopping()) return
    say(`▶ ${name} (${files.length} files)`)
    const given = process.env.CAVEA_SKIP_ENGINES?.split(',').filter((engine) => engine !== '') ?? []
    const env = engines.length > 0 ? { CAVEA_SKIP_ENGINES: [...new Set([...given, ...skipEngines])].join(',') } : {}
    const startedMs = Date.now()
    const result = await runMocha({ root: ROOT, name, files, timeoutMs, grep, env, say })
    const durationMs = Date.now() - startedMs
    total.passed += result.passed
    total.skipped += result.skipped
    total.failures.push(...result.failures)
    total.tests.push(...result.tests)
    total.times.push({ name, durationMs })
    const mark = result.failures.length === 0 ? '✓' : '✗'
    say(`${mark} ${name}: ${result.passed} passed, ${result.failures.length} failed, ${result.skipped} skipped (${seconds(durationMs)})`)
  }
}

/** The account of the whole run. Its last line is the sum, in one fixed form, for people and machines. */
function report() {
  if (total.failures.length > 0) say(`\nFailures:`)
  for (const [index, { title, detail }] of total.failures.entries()) say(`\n${index + 1}) ${title}\n${indent(detail)}`)
  const slowest = total.tests.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, 10)
  if (slowest.length > 0) say('\nSlowest tests:')
  for (const { title, durationMs } of slowest) say(`${seconds(durationMs).padStart(9)}  ${title}`)
  say('\nTime:')
  for (const { name, durationMs } of total.times) say(`${seconds(durationMs).padStart(9)}  ${name}`)
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
  say(`\n${total.passed} passed, ${total.failures.length} failed${skipped}`)
}

function indent(text) {
  return text.replace(/^/gm, '   ')
}

function parseArguments(args) {
  const names = []
  let grep
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index]
    if (arg === '--grep') grep = args[++index]
    else if (arg.startsWith('--grep=')) grep = arg.slice('--grep='.length)
    else if (CHECKS.includes(arg) || arg in MOCHA_GROUPS) names.push(arg)
    else {
      say(arg === '--help' ? USAGE : `Unknown: ${arg}\n${USAGE}`)
      process.exit(arg === '--help' ? 0 : 2)
    }
  }
  return { names, grep }
}

const { names, grep } = parseArguments(process.argv.slice(2))
const areNamed = names.length > 0
const chosen = areNamed ? names : [...CHECKS, ...Object.keys(MOCHA_GROUPS)]
const fault = faultOfNode()
if (fault !== undefined) fail('Node', fault)
else if (!(await install())) fail('npm ci', 'The packages could not be installed; the reason stands above.')
else {
  stopOnSignals()
  await runChecks(chosen)
  await runGroups(
    Object.keys(MOCHA_GROUPS).filter((name) => chosen.includes(name)),
    grep,
    areNamed,
  )
  const wantsTests = chosen.some((name) => name in MOCHA_GROUPS)
  if (wantsTests && total.tests.length + total.skipped + total.failures.length === 0) fail('tests', 'Not a single test ran.')
}
report()
process.exit(isStopping() ? 130 : total.failures.length > 0 ? 1 : 0)
