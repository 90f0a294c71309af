import { type Point, pointAt } from './hall-plan.ts'

/*
 * An oval of four arcs, longer towards the stage than it is wide. Curves at a distance from it are arcs round the same
 * centres, so rows stay parallel and lengths are exact. A bearing is the direction in which the oval faces outwards: 0
 * towards the stage, at the top, and clockwise from there, in radians.
 */
const SIDE = { radius: 1_875, centreOff: 1_125 }
const END = { radius: 600, centreOff: 600 }
// The arcs meet where both centres and the curve are on one line: (600, 1125, 1275) is a right triangle, and 1875 = 600 + 1275.
const MEETING = Math.atan2(SIDE.centreOff, END.centreOff)

interface Arc {
  readonly from: number
  readonly to: number
  readonly x: number
  readonly y: number
  readonly radius: number
}

const ARCS: readonly Arc[] = [
  { from: 0, to: MEETING, x: 0, y: -END.centreOff, radius: END.radius },
  { from: MEETING, to: Math.PI - MEETING, x: -SIDE.centreOff, y: 0, radius: SIDE.radius },
  { from: Math.PI - MEETING, to: Math.PI + MEETING, x: 0, y: END.centreOff, radius: END.radius },
  { from: Math.PI + MEETING, to: 2 * Math.PI - MEETING, x: SIDE.centreOff, y: 0, radius: SIDE.radius },
  { from: 2 * Math.PI - MEETING, to: 2 * Math.PI, x: 0, y: -END.centreOff, radius: END.radius },
]

/** From its centre to either end. */
export const OVAL_REACH = END.centreOff + END.radius

/** A piece of a curve round the oval. */
export interface Stretch {
  readonly length: number
  /** The bearing after so much of the length. */
  readonly bearingAt: (along: number) => number
}

/** From one bearing clockwise to another, at a distance outside the oval. */
export function stretch(from: number, to: number, outside: number): Stretch {
  const pieces = ARCS.map((arc) => ({ from: Math.max(from, arc.from), to: Math.min(to, arc.to), radius: arc.radius + outside })).filter(
    (piece) => piece.to > piece.from,
  )
  return {
    length: pieces.reduce((length, piece) => length + (piece.to - piece.from) * piece.radius, 0),
    bearingAt(along) {
      let left = along
      for (const piece of pieces) {
        const length = (piece.to - piece.from) * piece.radius
        if (left <= length) return piece.from + left / piece.radius
        left -= length
      }
      return to
    },
  }
}

/** A point outside the oval whose centre is given. */
export function pointOutside(centre: Point, bearing: number, outside: number): Point {
  const arc = ARCS.find(({ to }) => bearing <= to) ?? ARCS[0]
  if (arc === undefined) return centre
  const away = arc.radius + outside
  return pointAt(centre.x + arc.x + away * Math.sin(bearing), centre.y + arc.y - away * Math.cos(bearing))
}
