import { useCallback, useState } from 'react'

/** A block that was made in this visit: the API keeps blocks by their ids, and lists none. */
export interface MadeBlock {
  readonly blockId: string
  readonly note: string
  readonly section: string
  readonly seatIds: readonly string[]
}

const BLOCKS_MAX = 200

const keyOf = (performanceId: string): string => `cavea.blocks.${performanceId}`

function kept(performanceId: string): readonly MadeBlock[] {
  try {
    const blocks = JSON.parse(sessionStorage.getItem(keyOf(performanceId)) ?? '[]') as unknown
    return Array.isArray(blocks) ? (blocks as readonly MadeBlock[]) : []
  } catch {
    return []
  }
}

/** They outlive the page, though not the tab. */
export function useBlocks(performanceId: string): {
  readonly blocks: readonly MadeBlock[]
  readonly add: (block: MadeBlock) => void
  readonly remove: (blockId: string) => void
} {
  const [blocks, setBlocks] = useState(() => kept(performanceId))
  const change = useCallback(
    (by: (before: readonly MadeBlock[]) => readonly MadeBlock[]) =>
      setBlocks((before) => {
        const next = by(before).slice(0, BLOCKS_MAX)
        sessionStorage.setItem(keyOf(performanceId), JSON.stringify(next))
        return next
      }),
    [performanceId],
  )
  const add = useCallback((block: MadeBlock) => change((before) => [block, ...before]), [change])
  const remove = useCallback((blockId: string) => change((before) => before.filter((each) => each.blockId !== blockId)), [change])
  return { blocks, add, remove }
}
