import { isRecord, PLAN_LIMITS } from './plan.ts'
import type { Report } from './report.ts'
import { kindOf, type TextPlace } from './text.ts'

export type Json = Readonly<Record<string, unknown>>

export interface Offset {
  readonly x: number
  readonly y: number
}

/** The list, or nothing and a fault when it is something else; absent and null are the same. */
export function readList(report: Report, value: unknown, pointer: string, what: string, need: 'required' | 'optional'): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (value === undefined || value === null) {
    if (need === 'required') report.fault(pointer, 'MISSING', `${what} is missing.`)
  } else report.fault(pointer, 'NOT_A_LIST', `${what} must be a list, not ${kindOf(value)}.`)
  return []
}

/** Whether the value is a JSON object; a fault when it is not. */
export function isObject(report: Report, value: unknown, pointer: string | (() => string), what: string): value is Json {
  if (isRecord(value)) return true
  report.fault(typeof pointer === 'string' ? pointer : pointer(), 'NOT_AN_OBJECT', `${what} must be an object, not ${kindOf(value)}.`)
  return false
}

/** The x and y of a position, 0 and 0 when absent and optional; a fault when they are no numbers in range. */
export function readOffset(report: Report, value: unknown, need: 'required' | 'optional', place: () => TextPlace): Offset {
  if (need === 'optional' && (value === undefined || value === null)) return { x: 0, y: 0 }
  if (!isRecord(value)) {
    const { pointer, what } = place()
    report.fault(pointer, 'POSITION_MISSING', `${what} must be an object with the numbers x and y, not ${kindOf(value)}.`)
    return { x: 0, y: 0 }
  }
  const { x, y } = value
  if (isCoordinate(x) && isCoordinate(y)) return { x, y }
  const { pointer, what } = place()
  report.fault(
    pointer,
    'POSITION_NOT_A_NUMBER',
    `${what} needs x and y as numbers within ±${PLAN_LIMITS.positionMax.toLocaleString('en')}.`,
  )
  return { x: 0, y: 0 }
}

/** Whether the value is a finite number in the range of a plan. */
export function isCoordinate(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= PLAN_LIMITS.positionMax
}
