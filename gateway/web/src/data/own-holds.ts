import { useEffect, useSyncExternalStore } from 'react'
import { createRequest } from 'urql'
import { ApiProblem, ask } from './api.ts'
import { createGraphql } from './graphql.ts'
import { createHoldStore, type Hold, holdChanged } from './holds.ts'
import { loadSession } from './session.ts'

const HOLD_CHANGED = holdChanged('HoldChanged')
const KEPT = 'cavea.holds'
const LISTED_MAX = 50

export const graphql = createGraphql()

export const holdStore = createHoldStore({
  watch(holdId, minVersion, { onHold, onUnknown }) {
    const request = createRequest<{ holdChanged: Hold }, { id: string }>(
      HOLD_CHANGED,
      { id: holdId },
      minVersion === undefined ? undefined : { minVersion },
    )
    const { unsubscribe } = graphql.client.executeSubscription(request).subscribe(({ data, error }) => {
      if (data?.holdChanged) onHold(data.holdChanged)
      else if (error?.graphQLErrors.some(({ extensions }) => extensions['code'] === 'HOLD_NOT_FOUND')) onUnknown()
    })
    return unsubscribe
  },
  keep: (holdIds) => localStorage.setItem(KEPT, JSON.stringify(holdIds)),
})

let loading: Promise<void> | undefined

/**
 * Finds what this browser's owner holds: what the server lists, and what is remembered here, which the list may lack for a
 * moment after it was made, and altogether where there is no list.
 */
export function loadHolds(): Promise<void> {
  loading ??= find().catch(() => {
    loading = undefined
  })
  return loading
}

async function find(): Promise<void> {
  const remembered = kept()
  const session = await loadSession()
  if (session === null) return
  for (const holdId of remembered) holdStore.follow(holdId)
  if (session.kind !== 'buyer') return
  try {
    const { body } = await ask<{ readonly data: readonly Hold[] }>('GET', `/v1/holds?limit=${LISTED_MAX}`)
    for (const hold of body.data) if (!holdStore.all().some(({ holdId }) => holdId === hold.holdId)) holdStore.put(hold)
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error // Where there is no list, what is remembered has to do.
  }
}

function kept(): readonly string[] {
  try {
    const ids = JSON.parse(localStorage.getItem(KEPT) ?? '[]') as unknown
    return Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string').slice(0, LISTED_MAX) : []
  } catch {
    return []
  }
}

// What another tab of this browser held is ours as well.
if (typeof addEventListener === 'function')
  addEventListener('storage', ({ key }) => {
    if (key !== KEPT) return
    loadSession().then(
      () => {
        for (const holdId of kept()) holdStore.follow(holdId)
      },
      () => undefined,
    )
  })

/** All of them, ended ones too, the newest first. */
export function useHolds(): readonly Hold[] {
  useEffect(() => void loadHolds(), [])
  return useSyncExternalStore(holdStore.subscribe, holdStore.all)
}
