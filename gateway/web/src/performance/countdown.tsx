import { type ReactNode, useEffect, useRef } from 'react'
import { useAnnounce } from '../frame/announcer.tsx'
import { clockText } from '../words/numbers.ts'
import { useNow } from './use-now.ts'

const WARNING_MS = 60_000
/** Of short holds the last third. */
const SHARE = 3

interface CountdownProps {
  readonly untilMs: number
  /** Said once, loudly, when the end is near. Undefined: no warning. */
  readonly warning?: string
}

/** The time that is left, for the eye alone: a clock that is read out drowns everything. The moment of the end stands beside it. */
export function Countdown({ untilMs, warning }: CountdownProps): ReactNode {
  const announce = useAnnounce()
  const nowMs = useNow()
  const leftMs = untilMs - nowMs
  const threshold = useRef({ untilMs: 0, ms: 0, isSaid: false })
  if (threshold.current.untilMs !== untilMs) threshold.current = { untilMs, ms: Math.min(WARNING_MS, leftMs / SHARE), isSaid: false }
  const isNear = leftMs <= threshold.current.ms
  useEffect(() => {
    if (!isNear || warning === undefined || threshold.current.isSaid || leftMs <= 0) return
    threshold.current.isSaid = true
    announce(warning, 'assertive')
  }, [isNear, warning, leftMs, announce])
  return (
    <span aria-hidden="true" className={isNear && warning !== undefined ? 'countdown near' : 'countdown'}>
      {clockText(leftMs)}
    </span>
  )
}
