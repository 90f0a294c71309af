import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Chunk, Played } from './child.ts'

const CHUNK = 20
/** Worlds are short-lived and many, and errors in them are part of the play: both would cost more than they need. */
const EXEC_ARGV = ['--import=tsx', '--conditions=source', '--max-semi-space-size=64', '--stack-trace-limit=0']

/** Plays `count` seeds from `from` on, in as many processes as there are cores. `onPlayed` hears of each, in no order. */
export async function playMany(
  { from, count }: { readonly from: number; readonly count: number },
  onPlayed: (played: Played) => void,
  jobs = availableParallelism(),
): Promise<void> {
  const chunks = Array.from({ length: Math.ceil(count / CHUNK) }, (_, at): Chunk => {
    const first = from + at * CHUNK
    return { from: first, count: Math.min(CHUNK, from + count - first) }
  })
  await playChunks(chunks, (played) => played.forEach(onPlayed), { jobs })
}

/** Plays the chunks in their order, each in one of so many processes. Those end at once when `signal` aborts. */
export async function playChunks(
  chunks: readonly Chunk[],
  onPlayed: (played: readonly Played[], chunk: Chunk) => void,
  { jobs = availableParallelism(), signal }: { readonly jobs?: number; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const left = [...chunks]
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), { execArgv: EXEC_ARGV })
      signal?.addEventListener('abort', () => child.kill())
      let chunk: Chunk | undefined
      const goOn = (): void => {
        chunk = left.shift()
        if (chunk === undefined) child.disconnect()
        else child.send(chunk)
      }
      child.on('message', (played: Played[]) => {
        if (chunk !== undefined) onPlayed(played, chunk)
        goOn()
      })
      child.on('error', reject)
      child.on('exit', (code) =>
        code === 0 || signal?.aborted ? resolve() : reject(new Error(`A simulating process ended with ${code}.`)),
      )
      goOn()
    })
  await Promise.all(Array.from({ length: Math.min(jobs, chunks.length) }, one))
}
