import { capitalize, isGiven, type Reading, readCategoryName, refuseUnknown, type Spot } from './cavea-fields.ts'
import { isCoordinate, isObject, readOffset } from './json-fields.ts'
import { isCapacity, PLAN_LIMITS, type PlanBounds, type PlanPoint, type PlanStanding, roundPosition } from './plan.ts'
import type { Report } from './report.ts'

const STANDING_FIELDS = new Set(['capacity', 'category', 'bounds'])
const BOUNDS_FIELDS = new Set(['x', 'y', 'width', 'height'])
const POINT_FIELDS = new Set(['x', 'y'])
/** The least that rounding leaves above 0. */
const SIZE_MIN = 0.01

/** The standing area of a section. With a fault it may be any: the plan is refused. */
export function readStanding(reading: Reading, value: unknown, section: Spot): PlanStanding {
  const { report, register } = reading
  const spot: Spot = { pointer: `${section.pointer}/standing`, where: `the standing area of ${section.where}` }
  if (!isObject(report, value, spot.pointer, capitalize(spot.where))) return { capacity: 0, category: '' }
  refuseUnknown(report, value, STANDING_FIELDS, () => spot)
  const { capacity } = value
  const isGood = isCapacity(capacity)
  if (isGood) register.enterArea(`${spot.pointer}/capacity`, section.where, capacity)
  else {
    const detail = `The capacity of ${spot.where} must be a whole number from 1 to ${PLAN_LIMITS.capacityMax.toLocaleString('en')}.`
    report.fault(`${spot.pointer}/capacity`, 'NOT_A_CAPACITY', detail)
  }
  const category = readCategoryName(reading, value['category'], () => ({ pointer: `${spot.pointer}/category`, where: spot.where }))
  const bounds = readBounds(report, value['bounds'], spot)
  return { capacity: isGood ? capacity : 0, category, ...(bounds === undefined ? {} : { bounds }) }
}

function readBounds(report: Report, value: unknown, area: Spot): PlanBounds | undefined {
  if (!isGiven(value)) return undefined
  const spot: Spot = { pointer: `${area.pointer}/bounds`, where: `the bounds of ${area.where}` }
  if (!isObject(report, value, spot.pointer, capitalize(spot.where))) return undefined
  refuseUnknown(report, value, BOUNDS_FIELDS, () => spot)
  const { x, y } = readOffset(report, value, 'required', () => ({ pointer: spot.pointer, what: capitalize(spot.where) }))
  const size = (field: 'width' | 'height'): number => {
    const given = value[field]
    if (isCoordinate(given) && given >= SIZE_MIN) return roundPosition(given)
    const range = `from ${SIZE_MIN.toString()} to ${PLAN_LIMITS.positionMax.toLocaleString('en')}`
    report.fault(`${spot.pointer}/${field}`, 'NOT_A_SIZE', `The ${field} of ${area.where} must be a number ${range}.`)
    return 0
  }
  return { x: roundPosition(x), y: roundPosition(y), width: size('width'), height: size('height') }
}

/** What the audience looks at, or undefined when the document leaves it to the drawing. */
export function readFocalPoint(report: Report, value: unknown): PlanPoint | undefined {
  if (!isGiven(value)) return undefined
  const spot: Spot = { pointer: '/focalPoint', where: 'the focal point' }
  if (!isObject(report, value, spot.pointer, capitalize(spot.where))) return undefined
  refuseUnknown(report, value, POINT_FIELDS, () => spot)
  const { x, y } = readOffset(report, value, 'required', () => ({ pointer: spot.pointer, what: capitalize(spot.where) }))
  return { x: roundPosition(x), y: roundPosition(y) }
}
