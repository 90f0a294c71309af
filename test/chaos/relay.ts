import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { CALM, type Order, type Weather } from './weather.ts'

/** A process through which all goes that one worker and the broker say to each other. */
export interface Relay {
  readonly port: number
  change(weather: Weather): Promise<void>
  /** Makes the weather calm again. What was held back arrives late, or is lost with the connections. */
  clear(lost: boolean): Promise<void>
  stop(): Promise<void>
}

const PROGRAM = fileURLToPath(new URL('relay-process.ts', import.meta.url))

export async function startRelay(options: { readonly port: number; readonly targetPort: number; readonly seed: number }): Promise<Relay> {
  const { port, targetPort, seed } = options
  const child = fork(PROGRAM, [port, targetPort, seed].map(String), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  await heard(child)

  async function tell(order: Order): Promise<void> {
    const answer = heard(child)
    child.send(order)
    await answer
  }

  return {
    port,
    change: (weather) => tell({ type: 'weather', weather }),
    async clear(lost) {
      if (lost) await tell({ type: 'cut' })
      await tell({ type: 'weather', weather: CALM })
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

/** One at a time is asked, so the next message is the answer. */
async function heard(child: ChildProcess): Promise<void> {
  const ended = new AbortController()
  const fail = (): void => ended.abort(new Error('A relay ended.'))
  child.once('exit', fail)
  try {
    await once(child, 'message', { signal: ended.signal })
  } finally {
    child.off('exit', fail)
  }
}
