import { spawn } from 'node:child_process'

const OUTPUT_MAX = 200_000
const KILL_AFTER_MS = 8_000
const running = new Set()
let stopping = false

/** Whether the person asked to stop: nothing new is started then. */
export function isStopping() {
  return stopping
}

/**
 * Runs a program to its end, with its output kept (the last 200,000 characters).
 * `onStart` gets a function that ends the child, for a caller with a reason of its own.
 * @returns {Promise<{ code: number, signal: string | null, output: string, durationMs: number }>}
 */
export function runChild(command, args, { cwd, env, shell = false, onOutput, onStart } = {}) {
  const startedMs = Date.now()
  return new Promise((resolve) => {
    let output = ''
    const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'], shell })
    const entry = { child }
    running.add(entry)
    onStart?.(() => end(child))
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (text) => {
        output = (output + text).slice(-OUTPUT_MAX)
        onOutput?.(text)
      })
    }
    const settle = (code, signal) => {
      running.delete(entry)
      resolve({ code: code ?? 1, signal, output, durationMs: Date.now() - startedMs })
    }
    child.once('error', (error) => {
      output += `\n${error.message}`
      settle(1, null)
    })
    // A grandchild that kept our pipes open must not hold up the run, so the exit counts, after a moment for the last output.
    child.once('exit', (code, signal) => setTimeout(() => settle(code, signal), 100))
  })
}

/** Ctrl-C or SIGTERM ends the children, with time to clean up, and then this process: exit code 130. */
export function stopOnSignals() {
  const stop = () => {
    if (stopping) process.exit(130)
    stopping = true
    process.stdout.write('\nStopping …\n')
    for (const { child } of running) end(child)
    // Children that ignore us are killed by `end`; this is for the case that even that does not settle.
    setTimeout(() => process.exit(130), KILL_AFTER_MS + 2_000).unref()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

function end(child) {
  child.kill('SIGTERM')
  const kill = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
  child.once('exit', () => clearTimeout(kill))
}
