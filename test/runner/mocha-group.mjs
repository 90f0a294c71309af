import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { runChild } from './child.mjs'

const POLL_MS = 250
const HEARTBEAT_MS = 10_000
const LINGER_MAX_MS = 15_000
const GROUP_MAX_MS = 20 * 60_000

/** Every file under these folders whose path matches, sorted; dist, node_modules and fixtures are not looked into. */
export function filesOf(root, folders, pattern) {
  const found = []
  const walk = (folder) => {
    if (!existsSync(folder)) return
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        if (!['node_modules', 'dist', 'fixtures', '.git', '.cavea'].includes(entry.name)) walk(path)
      } else if (pattern.test(path)) found.push(path)
    }
  }
  for (const folder of folders) walk(join(root, folder))
  return found.sort()
}

/**
 * Runs mocha over files in a process of its own, telling failures as they come and, at least every ten seconds, where it is.
 * @returns {Promise<{ passed: number, skipped: number, failures: { title: string, detail: string }[], tests: { title: string, durationMs: number }[] }>}
 */
export async function runMocha({ root, name, files, timeoutMs, grep, env, say }) {
  const dir = mkdtempSync(join(tmpdir(), 'cavea-test-'))
  const results = join(dir, 'results.ndjson')
  const state = { passed: 0, skipped: 0, failures: [], tests: [], current: undefined, endedAtMs: undefined, fault: undefined }
  const startedMs = Date.now()
  let read = 0
  let saidMs = startedMs
  let endChild = () => {}

  const tell = (text) => {
    saidMs = Date.now()
    say(text)
  }
  const take = () => {
    if (!existsSync(results)) return
    const text = readFileSync(results, 'utf8')
    const upTo = text.lastIndexOf('\n') + 1
    for (const line of text.slice(read, upTo).split('\n')) if (line !== '') fold(state, JSON.parse(line), root, tell)
    read = upTo
  }
  const poll = setInterval(() => {
    take()
    const nowMs = Date.now()
    if (nowMs - saidMs >= HEARTBEAT_MS) {
      const at = state.current === undefined ? '' : `, at “${state.current}”`
      tell(`… ${name}: ${state.passed} passed, ${state.failures.length} failed${at} (${Math.round((nowMs - startedMs) / 1000)} s)`)
    }
    if (state.fault !== undefined) return
    if (state.endedAtMs !== undefined && nowMs - state.endedAtMs > LINGER_MAX_MS) {
      state.fault = 'All tests ended, but the process did not: something holds it open (a timer, a socket, a child process).'
    } else if (nowMs - startedMs > GROUP_MAX_MS) {
      state.fault = `The group did not end within ${GROUP_MAX_MS / 60_000} minutes${state.current === undefined ? '' : `, at “${state.current}”`}.`
    }
    if (state.fault !== undefined) endChild()
  }, POLL_MS)

  const args = ['--import=tsx', '--conditions=source', join(root, 'node_modules/mocha/bin/mocha.js')]
  args.push('--no-config', '--forbid-only', '--ui=bdd', `--timeout=${timeoutMs}`, `--reporter=${join(root, 'test/runner/reporter.cjs')}`)
  if (grep !== undefined) args.push(`--grep=${grep}`)
  const child = await runChild(process.execPath, [...args, ...files], {
    cwd: root,
    env: { ...process.env, ...env, CAVEA_TEST_RESULTS: results },
    onStart: (end) => {
      endChild = end
    },
  })
  clearInterval(poll)
  take()
  rmSync(dir, { recursive: true, force: true })

  if (state.fault === undefined && state.endedAtMs === undefined) {
    const at = state.current === undefined ? 'before the first test' : `in “${state.current}”`
    state.fault = `The process ended ${at} (${child.signal ?? `exit code ${child.code}`}).`
  } else if (state.fault === undefined && child.code !== 0 && state.failures.length === 0) {
    state.fault = `Every test passed, but the process failed (${child.signal ?? `exit code ${child.code}`}).`
  }
  if (state.fault !== undefined) state.failures.push({ title: `${name}: the run itself`, detail: state.fault })
  if (state.failures.length > 0 && child.output.trim() !== '') tell(`\nOutput of ${name} (its end):\n${child.output.slice(-20_000)}`)
  return state
}

function fold(state, entry, root, tell) {
  if (entry.event === 'start') {
    state.current = entry.title
    return
  }
  if (entry.event === 'end') {
    state.endedAtMs = Date.now()
    return
  }
  state.current = undefined
  const file = entry.file === undefined ? '' : relative(root, entry.file)
  if (entry.event === 'skip') {
    state.skipped += 1
    return
  }
  state.tests.push({ title: entry.title, file, durationMs: entry.durationMs })
  if (entry.event === 'pass') state.passed += 1
  if (entry.event === 'fail') {
    state.failures.push({ title: entry.title, detail: `${file}\n${entry.error}` })
    tell(`✗ ${entry.title}`)
  }
}
