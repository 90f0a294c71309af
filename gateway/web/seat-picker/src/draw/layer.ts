import { grow, overlaps, type Rect } from '../scene/geometry.ts'
import type { Scene, SceneSection } from '../scene/scene.ts'
import { type Size, shown, type View } from '../scene/view.ts'
import { inkOn, parseColor, toCss } from './color.ts'
import { drawSeat, shapeOf } from './glyph.ts'
import { kindOf, type Picture, shareLeft } from './picture.ts'

/** Where one seat takes fewer pixels, sections are drawn as shapes; from there on each seat is seen. */
export const SEATS_FROM = 5
const ROW_LABELS_FROM = 13
const NUMBERS_FROM = 22
/** Of the distance between two seats. */
export const SEAT_RADIUS = 0.39
const ROW_WIDTH = 1.5
const ROW_BREAK = 3.2
const SEATS_PER_STEP = 400

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'

/** One rendering of a part of the hall. */
export interface Layer {
  readonly canvas: HTMLCanvasElement
  readonly context: CanvasRenderingContext2D
  readonly view: View
  readonly size: Size
  /** Pixels of the canvas per CSS pixel. */
  readonly ratio: number
  /** Of a seat, in pixels of the canvas. */
  readonly radius: number
}

/** `spare` is a canvas that nobody needs any more: making one takes longer than clearing one. */
export function createLayer(
  { scene }: Pick<Picture, 'scene'>,
  view: View,
  size: Size,
  ratio: number,
  spare: HTMLCanvasElement | undefined,
): Layer {
  const canvas = spare ?? document.createElement('canvas')
  const [width, height] = [Math.max(1, Math.round(size.width * ratio)), Math.max(1, Math.round(size.height * ratio))]
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width
    canvas.height = height
  }
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true })
  if (context === null) throw new Error('The browser gives no canvas to draw on.')
  return { canvas, context, view, size, ratio, radius: scene.pitch * SEAT_RADIUS * view.scale * ratio }
}

/**
 * Has the browser draw what it was told so far. It would put that off until the layer is shown, and then do all of it in one
 * frame, however small the steps were; it cannot put off what is read. That is cheap, since such a layer is kept in memory.
 */
export function settle({ context }: Layer): void {
  context.getImageData(0, 0, 1, 1)
}

/** Draws it in steps, so that who calls may leave a step to the next frame. */
export function* paint(layer: Layer, picture: Picture, shapes: SectionShapes): Generator<void, void, void> {
  const { context, canvas, view } = layer
  const { scene, palette } = picture
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.fillStyle = palette.paper
  context.fillRect(0, 0, canvas.width, canvas.height)
  const rect = grow(shown(view, layer.size), scene.pitch)
  const hasSeats = scene.pitch * view.scale >= SEATS_FROM
  inScene(layer)
  for (const [at, section] of scene.sections.entries()) {
    if (!overlaps(section.bounds, rect)) continue
    const ground = hasSeats && section.count > 0 ? palette.ground : palette.tint(section.category, shareLeft(picture, at))
    if (section.count === 0) paintArea(layer, section, ground, picture)
    else shapes.paint(context, at, ground, palette.line, scene.pitch, view.scale * layer.ratio)
    if (at % 8 === 7) yield
  }
  if (!hasSeats) return
  paintTables(layer, picture, rect)
  yield* paintSeats(layer, picture, rect)
  if (scene.pitch * view.scale >= ROW_LABELS_FROM) paintRowLabels(layer, picture, rect)
}

/**
 * Draws one seat. Paths are drawn as they are: copying a ready picture of a seat took twice as long as filling its circle, in
 * software as it is drawn here.
 */
export function paintSeat(layer: Layer, picture: Picture, seat: number): void {
  const { context, view, ratio, radius } = layer
  const { scene, palette } = picture
  const x = ((scene.x[seat] ?? 0) - view.x) * view.scale * ratio
  const y = ((scene.y[seat] ?? 0) - view.y) * view.scale * ratio
  const kind = kindOf(picture, seat)
  const own = scene.categoryOf[seat] ?? -1
  const category = own < 0 ? palette.categories.length - 1 : own
  const shape = shapeOf(scene.seats[seat]?.type ?? '')
  if (kind === 'available' && shape === 'standard') {
    context.fillStyle = palette.categories[category] ?? palette.muted
    context.beginPath()
    context.arc(x, y, radius, 0, Math.PI * 2)
    context.fill()
    if (scene.pitch * view.scale >= NUMBERS_FROM) paintNumber(context, scene.seats[seat]?.number ?? '', x, y, radius)
    return
  }
  context.setTransform(1, 0, 0, 1, x, y)
  drawSeat(context, kind, radius, { palette, category, shape })
  context.setTransform(1, 0, 0, 1, 0, 0)
}

function paintNumber(context: CanvasRenderingContext2D, number: string, x: number, y: number, radius: number): void {
  const ground = String(context.fillStyle)
  context.fillStyle = numberInk(ground)
  context.font = `600 ${Math.round(radius * (number.length > 2 ? 0.72 : 0.9))}px ${FONT}`
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.fillText(number, x, y + radius * 0.05, radius * 1.8)
}

/** As `paintSeat`, over what was there. */
export function repaintSeat(layer: Layer, picture: Picture, seat: number): void {
  const { context, view, ratio, radius } = layer
  const { scene, palette } = picture
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.fillStyle = palette.ground
  const reach = Math.min(radius * 1.15 + 1, (scene.pitch * view.scale * ratio) / 2)
  const x = ((scene.x[seat] ?? 0) - view.x) * view.scale * ratio
  const y = ((scene.y[seat] ?? 0) - view.y) * view.scale * ratio
  context.fillRect(x - reach, y - reach, 2 * reach, 2 * reach)
  paintSeat(layer, picture, seat)
}

function* paintSeats(layer: Layer, picture: Picture, rect: Rect): Generator<void, void, void> {
  const { scene } = picture
  layer.context.setTransform(1, 0, 0, 1, 0, 0)
  const visible: number[] = []
  scene.grid.inRect(rect, (seat) => void visible.push(seat))
  for (const [at, seat] of visible.entries()) {
    paintSeat(layer, picture, seat)
    if (at % SEATS_PER_STEP === SEATS_PER_STEP - 1) yield
  }
}

function inScene({ context, view, ratio }: Layer): void {
  const scale = view.scale * ratio
  context.setTransform(scale, 0, 0, scale, -view.x * scale, -view.y * scale)
}

function paintArea({ context, view }: Layer, { bounds }: SceneSection, ground: string, { palette }: Picture): void {
  const corner = Math.min(bounds.width, bounds.height) * 0.08
  context.beginPath()
  context.roundRect(bounds.x, bounds.y, bounds.width, bounds.height, corner)
  context.fillStyle = ground
  context.fill()
  context.strokeStyle = palette.muted
  context.lineWidth = 1.5 / view.scale
  context.setLineDash([6 / view.scale, 5 / view.scale])
  context.stroke()
  context.setLineDash([])
}

function paintTables({ context, view }: Layer, { scene, palette }: Picture, rect: Rect): void {
  context.fillStyle = palette.line
  context.strokeStyle = palette.muted
  context.lineWidth = 1 / view.scale
  for (const { bounds, rows } of scene.sections) {
    if (!overlaps(bounds, rect)) continue
    for (const { table } of rows) {
      if (table === undefined) continue
      const { x, y, halfWidth, halfHeight, isRound } = table
      context.beginPath()
      if (isRound) context.arc(x, y, halfWidth, 0, Math.PI * 2)
      else context.roundRect(x - halfWidth, y - halfHeight, 2 * halfWidth, 2 * halfHeight, scene.pitch * 0.2)
      context.fill()
      context.stroke()
    }
  }
}

/** At both ends of a row, a seat's width away from its last seat, in the row's own direction. */
function paintRowLabels({ context, view, ratio }: Layer, { scene, palette }: Picture, rect: Rect): void {
  context.setTransform(1, 0, 0, 1, 0, 0)
  const size = Math.min(14, Math.max(10, scene.pitch * view.scale * 0.5)) * ratio
  context.font = `500 ${Math.round(size)}px ${FONT}`
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.fillStyle = palette.muted
  for (const { bounds, rows } of scene.sections) {
    if (!overlaps(bounds, rect)) continue
    for (const { label, first, count, table } of rows) {
      if (label === '') continue
      if (table !== undefined) {
        context.fillText(label, (table.x - view.x) * view.scale * ratio, (table.y - view.y) * view.scale * ratio)
        continue
      }
      for (const [end, inner] of count > 1 ? [[first, first + 1] as const, [first + count - 1, first + count - 2] as const] : []) {
        const [x, y] = [scene.x[end] ?? 0, scene.y[end] ?? 0]
        const [dx, dy] = [x - (scene.x[inner] ?? 0), y - (scene.y[inner] ?? 0)]
        const reach = scene.pitch / Math.max(Math.hypot(dx, dy), 1e-9)
        if (scene.grid.nearest({ x: x + dx * reach, y: y + dy * reach }, scene.pitch * 0.8) !== -1) continue // Another row is there.
        context.fillText(label, (x + dx * reach - view.x) * view.scale * ratio, (y + dy * reach - view.y) * view.scale * ratio)
      }
    }
  }
}

const numberInks = new Map<string, string>()
function numberInk(ground: string): string {
  const known = numberInks.get(ground) ?? toCss(inkOn(parseColor(ground) ?? [0, 0, 0]))
  numberInks.set(ground, known)
  return known
}

/** The sections' shapes: their rows drawn so broad that they grow together. */
export interface SectionShapes {
  paint(context: CanvasRenderingContext2D, section: number, ground: string, edge: string, pitch: number, scale: number): void
}

export function createShapes(scene: Scene): SectionShapes {
  const paths = new Map<number, Path2D>()
  function pathOf(section: number): Path2D {
    const path = paths.get(section) ?? rowsPath(scene, section)
    paths.set(section, path)
    return path
  }
  return {
    paint(context, section, ground, edge, pitch, scale) {
      const path = pathOf(section)
      context.lineCap = 'round'
      context.lineJoin = 'round'
      context.lineWidth = pitch * ROW_WIDTH + 2.5 / scale
      context.strokeStyle = edge
      context.stroke(path)
      context.lineWidth = pitch * ROW_WIDTH
      context.strokeStyle = ground
      context.stroke(path)
    },
  }
}

function rowsPath(scene: Scene, at: number): Path2D {
  const path = new Path2D()
  for (const { first, count, table } of scene.sections[at]?.rows ?? []) {
    for (let seat = first; seat < first + count; seat++) {
      const [x, y] = [scene.x[seat] ?? 0, scene.y[seat] ?? 0]
      const away = seat === first ? Infinity : Math.hypot(x - (scene.x[seat - 1] ?? 0), y - (scene.y[seat - 1] ?? 0))
      if (away <= scene.pitch * ROW_BREAK) path.lineTo(x, y)
      else {
        path.moveTo(x, y)
        path.lineTo(x, y) // A lone seat is a dot.
      }
    }
    if (table !== undefined) path.lineTo(scene.x[first] ?? 0, scene.y[first] ?? 0)
  }
  return path
}
