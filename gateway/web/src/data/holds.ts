import type { HeldArea, HeldSeat, Money } from '@cavea/contracts/answers'

/** A hold, as REST and GraphQL answer it alike. */
export interface Hold {
  readonly holdId: string
  readonly performanceId: string
  readonly status: 'held' | 'sold' | 'released' | 'expired'
  readonly seats: readonly HeldSeat[]
  readonly quantity: number
  readonly areas: readonly HeldArea[]
  readonly total: Money
  readonly expiresAt: string
  readonly extensionsLeft: number
}

/**
 * The subscription to one hold. Each place that subscribes has its own name for it: to urql the same text with the same hold is
 * the same operation, and whoever joins one hears nothing before the next change.
 */
export const holdChanged = (name: string): string => `subscription ${name}($id: ID!) {
  holdChanged(holdId: $id) {
    holdId performanceId status quantity expiresAt extensionsLeft
    seats { seatId section row number category price { amount currency } }
    areas { sectionId name category quantity price { amount currency } }
    total { amount currency }
  }
}`

/** Watches one hold until it ends. */
export type WatchHold = (holdId: string, minVersion: string | undefined, sink: HoldSink) => () => void

export interface HoldSink {
  readonly onHold: (hold: Hold) => void
  /** There is no such hold, or it is not this browser's. */
  readonly onUnknown: () => void
}

/** The holds of this browser's owner, as they are now. */
export interface HoldStore {
  /** The newest first. The same array as long as nothing changes. */
  all(): readonly Hold[]
  /** One that was just made or changed. `version` is the answer's `Cavea-Version`: nothing older is believed afterwards. */
  put(hold: Hold, version?: string): void
  /** Begins to watch one that is known by its id alone. */
  follow(holdId: string): void
  subscribe(listener: () => void): () => void
}

const KEPT_MAX = 20

/** `keep` remembers over visits the ids of holds that have not come to nothing, the newest first. */
export function createHoldStore(deps: { readonly watch: WatchHold; readonly keep: (holdIds: readonly string[]) => void }): HoldStore {
  const holds = new Map<string, Hold>()
  const watched = new Map<string, () => void>()
  const listeners = new Set<() => void>()
  let sorted: readonly Hold[] = []

  function changed(): void {
    sorted = [...holds.values()].sort((a, b) => (a.holdId < b.holdId ? 1 : -1)) // Ids begin with the time at which they were made.
    const living = sorted.filter(({ status }) => status === 'held' || status === 'sold')
    deps.keep(living.slice(0, KEPT_MAX).map(({ holdId }) => holdId))
    for (const listener of listeners) listener()
  }

  function take(hold: Hold): void {
    holds.set(hold.holdId, hold)
    if (hold.status !== 'held') unwatch(hold.holdId)
    changed()
  }

  function unwatch(holdId: string): void {
    const stop = watched.get(holdId)
    watched.delete(holdId)
    stop?.()
  }

  function watch(holdId: string, minVersion?: string): void {
    unwatch(holdId)
    let hasEnded = false
    const stop = deps.watch(holdId, minVersion, {
      onHold(hold) {
        hasEnded = hold.status !== 'held'
        take(hold)
      },
      onUnknown() {
        hasEnded = true
        unwatch(holdId)
        if (holds.delete(holdId)) changed()
      },
    })
    if (hasEnded) stop()
    else watched.set(holdId, stop)
  }

  return {
    all: () => sorted,
    put(hold, version) {
      take(hold)
      if (hold.status === 'held') watch(hold.holdId, version)
    },
    follow(holdId) {
      if (!watched.has(holdId) && !holds.has(holdId)) watch(holdId)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
