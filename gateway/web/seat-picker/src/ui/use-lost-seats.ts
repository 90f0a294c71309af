import { useEffect } from 'react'
import type { SeatPickerProps } from '../types.ts'
import { useLatest } from './hooks.ts'

/**
 * A seat that I hold myself is told as held like any other, often before the answer to my own request is here. Only when it is
 * still not mine so much later did somebody else take it.
 */
const MINE_BY_THEN_MS = 2_000

/** Takes seats that others took out of what is selected, and says which, one by one. */
export function useLostSeats(props: SeatPickerProps, onLost: (seatId: string) => void): void {
  const latest = useLatest({ props, onLost })
  const { state } = props
  useEffect(() => {
    const timers = new Map<string, ReturnType<typeof setTimeout>>()

    function isTaken(seatId: string): boolean {
      const { selected, mine, asOf, state } = latest.current.props
      return asOf === undefined && !state.stale && selected.has(seatId) && !mine.has(seatId) && state.status(seatId) !== 'available'
    }

    function lose(seatId: string): void {
      timers.delete(seatId)
      if (!isTaken(seatId)) return
      const { props, onLost } = latest.current
      props.onSelect(new Set([...props.selected].filter((each) => each !== seatId)))
      onLost(seatId)
    }

    const stop = state.subscribe(() => {
      for (const seatId of latest.current.props.selected)
        if (!timers.has(seatId) && isTaken(seatId))
          timers.set(
            seatId,
            setTimeout(() => lose(seatId), MINE_BY_THEN_MS),
          )
    })
    return () => {
      stop()
      for (const timer of timers.values()) clearTimeout(timer)
    }
  }, [state, latest])
}
