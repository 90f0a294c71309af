import type { Point, Rect } from './geometry.ts'

/** What of the scene is shown: `x` and `y` are at the left upper corner, `scale` is CSS pixels per unit. */
export interface View {
  readonly x: number
  readonly y: number
  readonly scale: number
}

/** In CSS pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

export interface ScaleLimits {
  readonly min: number
  readonly max: number
}

export const toScreen = (view: View, { x, y }: Point): Point => ({ x: (x - view.x) * view.scale, y: (y - view.y) * view.scale })

export const toScene = (view: View, { x, y }: Point): Point => ({ x: x / view.scale + view.x, y: y / view.scale + view.y })

export const shown = (view: View, size: Size): Rect => {
  return { x: view.x, y: view.y, width: size.width / view.scale, height: size.height / view.scale }
}

/** The rectangle as large as it goes, in the middle, with so many pixels around it. */
export function fit(rect: Rect, size: Size, padding: number, scaleMax = Number.POSITIVE_INFINITY): View {
  const width = Math.max(1, size.width - 2 * padding)
  const height = Math.max(1, size.height - 2 * padding)
  const scale = Math.min(width / Math.max(rect.width, 1e-9), height / Math.max(rect.height, 1e-9), scaleMax)
  return centred({ x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 }, scale, size)
}

export function centred({ x, y }: Point, scale: number, size: Size): View {
  return { scale, x: x - size.width / scale / 2, y: y - size.height / scale / 2 }
}

/** What is at `at`, in pixels, stays there. */
export function zoomAt(view: View, factor: number, at: Point, limits: ScaleLimits): View {
  const scale = Math.min(limits.max, Math.max(limits.min, view.scale * factor))
  const still = toScene(view, at)
  return { scale, x: still.x - at.x / scale, y: still.y - at.y / scale }
}

/** By so many pixels. */
export const pan = (view: View, dx: number, dy: number): View => ({ ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale })

/** Never so far that the scene is lost: its edge goes to the middle at most, and what fits stays whole in sight. */
export function keepInSight(view: View, scene: Rect, size: Size): View {
  const [width, height] = [size.width / view.scale, size.height / view.scale]
  return { ...view, x: keep(view.x, width, scene.x, scene.width), y: keep(view.y, height, scene.y, scene.height) }
}

function keep(from: number, extent: number, sceneFrom: number, sceneExtent: number): number {
  if (sceneExtent <= extent) return Math.min(sceneFrom, Math.max(sceneFrom + sceneExtent - extent, from))
  const slack = extent / 2
  return Math.min(sceneFrom + sceneExtent - slack, Math.max(sceneFrom - extent + slack, from))
}

/** Between two views; the scale by its logarithm, so that a zoom is as quick at its end as at its beginning. */
export function between(from: View, to: View, share: number, size: Size): View {
  const scale = from.scale * (to.scale / from.scale) ** share
  const middle = (view: View): Point => toScene(view, { x: size.width / 2, y: size.height / 2 })
  const [a, b] = [middle(from), middle(to)]
  // What is in the middle moves with the width that is shown, or a zoom would swing out on its way.
  const [wide, narrow] = [1 / from.scale, 1 / to.scale]
  const moved = wide === narrow ? share : (1 / scale - wide) / (narrow - wide)
  return centred({ x: a.x + (b.x - a.x) * moved, y: a.y + (b.y - a.y) * moved }, scale, size)
}

/** The same scale, moved as little as needed for the point to be so many pixels inside. */
export function revealing(view: View, point: Point, size: Size, margin: number): View {
  const { x, y } = toScreen(view, point)
  const room = (extent: number): number => Math.min(margin, extent / 2)
  const shift = (at: number, extent: number): number =>
    at < room(extent) ? room(extent) - at : at > extent - room(extent) ? extent - room(extent) - at : 0
  return pan(view, shift(x, size.width), shift(y, size.height))
}
