import type { Point } from '../scene/geometry.ts'
import { overlaps, type Rect } from '../scene/geometry.ts'
import { type Size, shown, toScene, toScreen, type View } from '../scene/view.ts'
import { drawSeat, type Kind, shapeOf } from './glyph.ts'
import { FONT, SEAT_RADIUS, SEATS_FROM } from './layer.ts'
import type { Picture } from './picture.ts'

const NAME_PX = 13
const NAME_MIN_PX = 10
const DETAIL_PX = 12
const LINE = 1.3
const SHORT_MAX = 4
const NAME_SHARE_MAX = 0.3
/** Where seats are so large, the section's name would stand in their way. */
const NAMES_UNTIL = 12
/** A selected seat is never drawn smaller, so that it is found again in the whole hall. */
const MARK_RADIUS_MIN = 4
/** More of them are found as they are, and would cover each other. */
const FEW = 20

/** What lies over the seats: names, what is mine, selected, focused or hovered, and what is dragged over. Pixels of CSS. */
export function paintOverlay(context: CanvasRenderingContext2D, picture: Picture, view: View, size: Size, ratio: number): void {
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  const pitch = picture.scene.pitch * view.scale
  paintStage(context, picture, view)
  if (pitch < NAMES_UNTIL) paintNames(context, picture, view, size)
  else {
    paintAreaNames(context, picture, view, size)
    paintWhere(context, picture, view, size)
  }
  const few = picture.selected.size + picture.mine.size <= FEW
  const radius = Math.max(few ? MARK_RADIUS_MIN : 0, pitch * SEAT_RADIUS)
  for (const seatId of picture.selected) if (!picture.mine.has(seatId)) paintMark(context, picture, view, seatId, 'selected', radius)
  for (const seatId of picture.mine) paintMark(context, picture, view, seatId, 'mine', radius)
  paintRing(context, picture, view, picture.hovered, radius + 2, 2)
  paintRing(context, picture, view, picture.focused, radius + 4, 3)
  if (picture.band !== undefined) paintBand(context, picture, view, picture.band)
}

function placeOf({ scene }: Picture, view: View, seat: number): Point {
  return toScreen(view, { x: scene.x[seat] ?? 0, y: scene.y[seat] ?? 0 })
}

function paintMark(context: CanvasRenderingContext2D, picture: Picture, view: View, seatId: string, kind: Kind, radius: number): void {
  const { scene, palette } = picture
  const seat = scene.indexOf.get(seatId)
  if (seat === undefined) return
  const { x, y } = placeOf(picture, view, seat)
  context.save()
  context.translate(x, y)
  context.fillStyle = palette.ground
  context.beginPath()
  context.arc(0, 0, radius * 1.2, 0, Math.PI * 2)
  context.fill()
  const category = scene.categoryOf[seat] ?? -1
  drawSeat(context, kind, radius, { palette, category, shape: shapeOf(scene.seats[seat]?.type ?? '') })
  context.restore()
}

/** Ink inside paper, so that it is seen on any colour. */
function paintRing(context: CanvasRenderingContext2D, picture: Picture, view: View, seat: number, radius: number, width: number): void {
  if (seat < 0) return
  const { x, y } = placeOf(picture, view, seat)
  for (const [color, extra] of [
    [picture.palette.paper, 2],
    [picture.palette.ink, 0],
  ] as const) {
    context.strokeStyle = color
    context.lineWidth = width + extra
    context.beginPath()
    context.arc(x, y, radius, 0, Math.PI * 2)
    context.stroke()
  }
}

function paintBand(context: CanvasRenderingContext2D, { palette }: Picture, view: View, band: Rect): void {
  const { x, y } = toScreen(view, band)
  const [width, height] = [band.width * view.scale, band.height * view.scale]
  context.globalAlpha = 0.16
  context.fillStyle = palette.accent
  context.fillRect(x, y, width, height)
  context.globalAlpha = 1
  context.strokeStyle = palette.accent
  context.lineWidth = 1.5
  context.strokeRect(x, y, width, height)
}

function paintStage(context: CanvasRenderingContext2D, { scene, palette, stage }: Picture, view: View): void {
  if (scene.hall.focalPoint === null) return
  const { x, y } = toScreen(view, scene.hall.focalPoint)
  context.font = `600 ${DETAIL_PX}px ${FONT}`
  const width = context.measureText(stage).width + 24
  context.fillStyle = palette.ink
  context.beginPath()
  context.roundRect(x - width / 2, y - 12, width, 24, 12)
  context.fill()
  context.fillStyle = palette.paper
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.fillText(stage, x, y + 0.5)
}

/** Which section is in the middle, in the map's corner: close up, nothing else says so. */
function paintWhere(context: CanvasRenderingContext2D, { scene, palette }: Picture, view: View, size: Size): void {
  const middle = toScene(view, { x: size.width / 2, y: size.height / 2 })
  const seat = scene.grid.nearest(middle, Math.min(size.width, size.height) / 2 / view.scale)
  const name = scene.sections[scene.sectionOf[seat] ?? 0]?.section.name
  if (seat === -1 || name === undefined) return
  context.font = `600 ${NAME_PX}px ${FONT}`
  const width = Math.min(context.measureText(name).width, size.width - 100)
  context.globalAlpha = 0.92
  context.fillStyle = palette.paper
  context.beginPath()
  context.roundRect(10, 10, width + 24, 28, 14)
  context.fill()
  context.globalAlpha = 1
  context.strokeStyle = palette.line
  context.lineWidth = 1
  context.stroke()
  context.fillStyle = palette.ink
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  context.fillText(name, 22, 24.5, width)
}

/** Names that would lie over another are left out, the smaller section's. */
function paintNames(context: CanvasRenderingContext2D, picture: Picture, view: View, size: Size): void {
  const { scene } = picture
  const isOverview = scene.pitch * view.scale < SEATS_FROM
  const taken: Rect[] = []
  const order = scene.sections.map((_, at) => at).sort((a, b) => roomOf(picture, b) - roomOf(picture, a))
  for (const at of order) {
    const section = scene.sections[at]
    if (section === undefined || !overlaps(section.bounds, shown(view, size))) continue
    const isArea = section.count === 0
    const detail = isOverview || isArea ? picture.describe(at) : ''
    // Over seats a name may hide few of them, and none of a box of four.
    const share = isOverview || isArea ? 1 : NAME_SHARE_MAX
    const room = { width: section.bounds.width * view.scale * share, height: section.bounds.height * view.scale * share }
    const box = boxOf(context, section.section.name, detail, toScreen(view, section.anchor), room, taken)
    if (box === undefined) continue
    taken.push(box.rect)
    paintName(context, picture, box, !isOverview && !isArea)
  }
}

function paintAreaNames(context: CanvasRenderingContext2D, picture: Picture, view: View, size: Size): void {
  for (const [at, { count, bounds, anchor, section }] of picture.scene.sections.entries()) {
    if (count > 0 || !overlaps(bounds, shown(view, size))) continue
    const room = { width: bounds.width * view.scale, height: bounds.height * view.scale }
    const box = boxOf(context, section.name, picture.describe(at), toScreen(view, anchor), room, [])
    if (box !== undefined) paintName(context, picture, box, false)
  }
}

const roomOf = ({ scene }: Picture, at: number): number => {
  const { width = 0, height = 0 } = scene.sections[at]?.bounds ?? {}
  return width * height
}

interface NameBox {
  readonly rect: Rect
  readonly lines: readonly { readonly text: string; readonly px: number; readonly weight: number }[]
}

/** Name and how much is left, or less of it, whichever fits first; undefined when nothing does. */
function boxOf(
  context: CanvasRenderingContext2D,
  name: string,
  detail: string,
  { x, y }: Point,
  room: Size,
  taken: readonly Rect[],
): NameBox | undefined {
  const full = [{ text: name, px: NAME_PX, weight: 600 }]
  const wrapped = name.split(' ').map((text) => ({ text, px: NAME_PX, weight: 600 }))
  const last = wrapped.at(-1)
  // The end of a name alone is a name only where it is a number or a letter, as in "Block 104".
  const short = last !== undefined && last.text.length <= SHORT_MAX ? [last] : full
  const small = detail === '' ? [] : [{ text: detail, px: DETAIL_PX, weight: 400 }]
  const tiny = short.map((line) => ({ ...line, px: NAME_MIN_PX }))
  for (const lines of [[...full, ...small], [...wrapped, ...small], [...short, ...small], full, wrapped, short, tiny]) {
    const width = Math.max(...lines.map((line) => widthOf(context, line)))
    const height = lines.reduce((sum, { px }) => sum + px * LINE, 0)
    const rect = { x: x - width / 2, y: y - height / 2, width, height }
    if (width <= room.width && height <= room.height && !taken.some((other) => overlaps(other, rect))) return { lines, rect }
  }
  return undefined
}

const widths = new Map<string, number>()
const WIDTHS_MAX = 2_000

/** Measuring a text takes longer than drawing it, and the same ones are measured in each frame. */
function widthOf(context: CanvasRenderingContext2D, { text, px, weight }: NameBox['lines'][number]): number {
  const key = `${weight} ${px} ${text}`
  let width = widths.get(key)
  if (width === undefined) {
    if (widths.size >= WIDTHS_MAX) widths.clear()
    context.font = `${weight} ${px}px ${FONT}`
    width = context.measureText(text).width
    widths.set(key, width)
  }
  return width
}

function paintName(context: CanvasRenderingContext2D, { palette }: Picture, { lines, rect }: NameBox, onSeats: boolean): void {
  if (onSeats) {
    context.globalAlpha = 0.88
    context.fillStyle = palette.paper
    context.beginPath()
    context.roundRect(rect.x - 3, rect.y - 1, rect.width + 6, rect.height + 2, 6)
    context.fill()
    context.globalAlpha = 1
  }
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.fillStyle = palette.ink
  let y = rect.y
  for (const { text, px, weight } of lines) {
    context.font = `${weight} ${px}px ${FONT}`
    context.fillText(text, rect.x + rect.width / 2, y + (px * LINE) / 2)
    y += px * LINE
  }
}
