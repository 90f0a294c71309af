import type { HallState } from '@cavea/seat-picker/types.ts'
import { useCallback, useEffect, useState } from 'react'
import { ApiProblem } from '../../data/api.ts'
import type { SeatDecision } from '../data/answers.ts'
import { readDecisions } from '../data/organiser-api.ts'
import { isBehind } from './seat-history.ts'

/** At once: a browser has six connections to a host, and the page needs others. */
const PARALLEL = 4
/** What is decided reaches the tables a moment after it reaches the map. */
export const LATER_MS = 1_000
/** When they are further behind than that, the next change brings what is missing. */
export const BEHIND_TRIES_MAX = 20

export type Histories = ReadonlyMap<string, readonly SeatDecision[]>

export type LoadedHistories =
  | { readonly state: 'idle' }
  | { readonly state: 'loading'; readonly done: number; readonly of: number }
  | { readonly state: 'ready'; readonly histories: Histories }
  | { readonly state: 'failed'; readonly error: unknown }

/** The decisions about each of the seats, once somebody asks for them, and those that follow. */
export function useHistories(
  performanceId: string,
  seatIds: readonly string[] | undefined,
  live: HallState,
): LoadedHistories & { readonly again: () => void } {
  const [tries, setTries] = useState(0)
  const [loaded, setLoaded] = useState<LoadedHistories>({ state: 'idle' })
  // biome-ignore lint/correctness/useExhaustiveDependencies: each try loads anew.
  useEffect(() => {
    if (seatIds === undefined) return setLoaded({ state: 'idle' })
    const leaving = new AbortController()
    const { signal } = leaving
    const progress = (done: number): void => {
      if (!signal.aborted) setLoaded({ state: 'loading', done, of: seatIds.length })
    }
    progress(0)
    // From before the reading begins, so that nothing falls between.
    const stop = following(live, seatIds, async (changed) => {
      const newer = await readAll(performanceId, changed, signal, () => undefined)
      if (!signal.aborted)
        setLoaded((before) => (before.state === 'ready' ? { state: 'ready', histories: new Map([...before.histories, ...newer]) } : before))
      return changed.filter((seatId) => isBehind(newer.get(seatId) ?? [], live.status(seatId)))
    })
    readAll(performanceId, seatIds, signal, progress).then(
      (histories) => !signal.aborted && setLoaded({ state: 'ready', histories }),
      (error: unknown) => !signal.aborted && setLoaded({ state: 'failed', error }),
    )
    return () => {
      leaving.abort()
      stop()
    }
  }, [performanceId, seatIds, live, tries])
  return { ...loaded, again: useCallback(() => setTries((count) => count + 1), []) }
}

/** Has the seats read that changed, those of a moment together, and those again that the tables did not know yet. */
function following(
  live: HallState,
  seatIds: readonly string[],
  read: (changed: readonly string[]) => Promise<readonly string[]>,
): () => void {
  const known = new Set(seatIds)
  let waiting = new Set<string>()
  let tries = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let isOver = false

  function wait(): void {
    if (waiting.size === 0 || isOver) return
    timer ??= setTimeout(() => {
      const changed = [...waiting]
      waiting = new Set()
      read(changed).then(next, () => next([])) // What is there stays as good as it was.
    }, LATER_MS)
  }
  function next(behind: readonly string[]): void {
    timer = undefined
    tries++
    if (tries < BEHIND_TRIES_MAX) for (const seatId of behind) waiting.add(seatId)
    wait()
  }

  const stop = live.subscribe((changed) => {
    tries = 0
    for (const seatId of changed === 'all' ? seatIds : changed) if (known.has(seatId)) waiting.add(seatId)
    wait()
  })
  return () => {
    isOver = true
    stop()
    clearTimeout(timer)
  }
}

async function readAll(
  performanceId: string,
  seatIds: readonly string[],
  signal: AbortSignal,
  progress: (done: number) => void,
): Promise<Histories> {
  const histories = new Map<string, readonly SeatDecision[]>()
  const waiting = [...seatIds]
  const work = async (): Promise<void> => {
    for (let seatId = waiting.shift(); seatId !== undefined; seatId = waiting.shift()) {
      histories.set(seatId, await readDecisions(performanceId, seatId, signal))
      progress(histories.size)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, work))
  return histories
}

/** Whether it is the tables that cannot be read, rather than the network or the right to. */
export const isWithoutHistory = (error: unknown): boolean => error instanceof ApiProblem && [404, 405, 503].includes(error.body.status)
