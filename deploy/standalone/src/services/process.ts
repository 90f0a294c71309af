import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { NODE_FLAGS } from '@cavea/service-kit/node-flags'

export interface ServiceProcess {
  readonly name: string
  readonly pid: () => number | undefined
  /** Asks it to finish, waits, and kills it when that takes longer than `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>
  kill(): void
}

const EX_CONFIG = 78
const RESTART_AFTER_MS = 1_000

/**
 * Runs a service as a process and starts it again when it dies, as an orchestrator would. Its lines go to `say` with its
 * name. A service that says its configuration is wrong is not started again: `onHopeless` is told.
 */
export function runService(options: {
  readonly name: string
  readonly file: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly say: (line: string) => void
  readonly onHopeless: (name: string) => void
}): ServiceProcess {
  const { name, say } = options
  let child: ChildProcess
  let ended: Promise<void>
  let stopping = false
  let restart: NodeJS.Timeout | undefined

  function start(): void {
    // A group of its own: Ctrl-C in the terminal reaches us alone, and we stop the services in order.
    child = spawn(process.execPath, [...NODE_FLAGS, options.file], { env: options.env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    for (const stream of [child.stdout, child.stderr])
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => say(`${name}  ${line}`))
    ended = new Promise((resolve) => {
      child.once('error', (error) => say(`${name}  could not start: ${error.message}`))
      child.once('close', (code, signal) => {
        resolve()
        if (stopping) return
        if (code === EX_CONFIG) options.onHopeless(name)
        else {
          say(`${name}  ended (${signal ?? `exit code ${code}`}); starting it again`)
          restart = setTimeout(start, RESTART_AFTER_MS)
        }
      })
    })
  }
  start()

  return {
    name,
    pid: () => child.pid,
    async stop(deadlineMs) {
      stopping = true
      clearTimeout(restart)
      child.kill('SIGTERM')
      const overdue = setTimeout(() => child.kill('SIGKILL'), deadlineMs)
      await ended
      clearTimeout(overdue)
    },
    kill() {
      stopping = true
      clearTimeout(restart)
      child.kill('SIGKILL')
    },
  }
}
