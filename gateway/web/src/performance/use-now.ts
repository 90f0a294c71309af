import { useEffect, useState } from 'react'
import { serverClock } from '../data/server-clock.ts'

/** The server's time, anew every second while `isTicking`. */
export function useNow(isTicking = true): number {
  const [nowMs, setNow] = useState(() => serverClock.nowMs())
  useEffect(() => {
    if (!isTicking) return
    let timer: ReturnType<typeof setTimeout>
    const tick = (): void => {
      const now = serverClock.nowMs()
      setNow(now)
      timer = setTimeout(tick, 1_000 - (now % 1_000) + 5) // Just after the second turned, so that no number is skipped.
    }
    tick()
    return () => clearTimeout(timer)
  }, [isTicking])
  return nowMs
}
