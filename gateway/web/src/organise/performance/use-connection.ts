import { useSyncExternalStore } from 'react'
import { graphql } from '../../data/own-holds.ts'

let isLost = false
const listeners = new Set<() => void>()

graphql.onConnection((state) => {
  // While it is being made again what is shown is as old as before.
  isLost = state === 'lost' || (isLost && state === 'connecting')
  for (const listener of listeners) listener()
})

/** Whether what is watched may be old: the connection went and has not come back. */
export function useIsLost(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => isLost,
  )
}
