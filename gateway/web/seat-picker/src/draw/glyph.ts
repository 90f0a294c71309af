import type { Palette } from './palette.ts'

/** How a seat looks. Each has a shape of its own, so that none depends on its colour. */
export const KINDS = ['available', 'dimmed', 'held', 'sold', 'blocked', 'unknown', 'selected', 'mine'] as const
export type Kind = (typeof KINDS)[number]

/** What a place is for. */
export const SHAPES = ['standard', 'wheelchair', 'companion', 'restricted-view', 'vip'] as const
export type Shape = (typeof SHAPES)[number]

export const shapeOf = (type: string): Shape => SHAPES.find((shape) => shape === type) ?? 'standard'

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D
const TURN = Math.PI * 2
/** Smaller than this, in pixels, a sign inside a seat is a smudge. */
const SIGN_MIN = 11

export interface Look {
  readonly palette: Palette
  /** The palette's index. */
  readonly category: number
  readonly shape: Shape
}

/** Draws a seat around 0, 0 with this radius, in pixels of the canvas. */
export function drawSeat(context: Context, kind: Kind, radius: number, { palette, category, shape }: Look): void {
  const color = palette.categories[category] ?? palette.muted
  const line = Math.max(1, radius * 0.2)
  context.lineWidth = line
  context.lineCap = 'round'
  context.lineJoin = 'round'
  switch (kind) {
    case 'available':
      context.fillStyle = color
      outline(context, shape, radius)
      context.fill()
      if (radius >= SIGN_MIN / 2) drawSign(context, shape, radius, palette.ground)
      return
    case 'dimmed':
      context.strokeStyle = palette.dimmed[category] ?? palette.line
      outline(context, shape, radius - line / 2)
      context.stroke()
      return
    case 'held':
      context.strokeStyle = palette.muted
      outline(context, shape, radius - line / 2)
      context.stroke()
      context.save()
      outline(context, shape, radius - line / 2)
      context.clip()
      context.fillStyle = palette.muted
      context.fillRect(-radius, 0, 2 * radius, radius)
      context.restore()
      return
    case 'sold': {
      const arm = radius * 0.52
      context.strokeStyle = palette.muted
      stroke(context, [-arm, -arm, arm, arm], [-arm, arm, arm, -arm])
      return
    }
    case 'blocked':
      context.strokeStyle = palette.muted
      stroke(context, [-radius * 0.6, 0, radius * 0.6, 0])
      return
    case 'unknown':
      context.strokeStyle = palette.muted
      context.setLineDash([line * 1.2, line * 1.8])
      outline(context, shape, radius - line / 2)
      context.stroke()
      context.setLineDash([])
      return
    case 'selected':
      ring(context, palette.accent, radius * 1.18, Math.max(2, radius * 0.24))
      context.fillStyle = palette.accent
      context.beginPath()
      context.arc(0, 0, radius * 0.66, 0, TURN)
      context.fill()
      return
    case 'mine': {
      context.fillStyle = palette.accent
      outline(context, shape, radius * 1.15)
      context.fill()
      context.strokeStyle = palette.onAccent
      context.lineWidth = Math.max(1.4, radius * 0.24)
      stroke(
        context,
        [-radius * 0.48, radius * 0.02, -radius * 0.12, radius * 0.4],
        [-radius * 0.12, radius * 0.4, radius * 0.52, -radius * 0.36],
      )
      return
    }
  }
}

function ring(context: Context, color: string, radius: number, width: number): void {
  context.strokeStyle = color
  context.lineWidth = width
  context.beginPath()
  context.arc(0, 0, radius - width / 2, 0, TURN)
  context.stroke()
}

/** A wheelchair's place is square: there is no seat in it. */
function outline(context: Context, shape: Shape, radius: number): void {
  context.beginPath()
  if (shape === 'wheelchair') context.roundRect(-radius, -radius, 2 * radius, 2 * radius, radius * 0.35)
  else context.arc(0, 0, radius, 0, TURN)
}

function stroke(context: Context, ...lines: readonly (readonly [number, number, number, number])[]): void {
  context.beginPath()
  for (const [fromX, fromY, toX, toY] of lines) {
    context.moveTo(fromX, fromY)
    context.lineTo(toX, toY)
  }
  context.stroke()
}

function drawSign(context: Context, shape: Shape, radius: number, color: string): void {
  context.strokeStyle = color
  context.fillStyle = color
  context.lineWidth = Math.max(1.2, radius * 0.16)
  switch (shape) {
    case 'standard':
      return
    case 'wheelchair':
      context.beginPath()
      context.arc(-radius * 0.05, -radius * 0.62, radius * 0.14, 0, TURN)
      context.fill()
      context.beginPath()
      context.arc(-radius * 0.12, radius * 0.24, radius * 0.38, -1.9, 2.2)
      context.stroke()
      context.beginPath()
      context.moveTo(-radius * 0.05, -radius * 0.4)
      context.lineTo(0, radius * 0.12)
      context.lineTo(radius * 0.36, radius * 0.12)
      context.lineTo(radius * 0.52, radius * 0.55)
      context.stroke()
      return
    case 'companion':
      stroke(context, [-radius * 0.4, 0, radius * 0.4, 0], [0, -radius * 0.4, 0, radius * 0.4])
      return
    case 'restricted-view':
      // The pillar that is in the way. A stroke across would say that the seat cannot be had.
      context.fillRect(-radius * 0.14, -radius * 0.6, radius * 0.28, radius * 1.2)
      return
    case 'vip':
      context.beginPath()
      for (let point = 0; point < 10; point++) {
        const away = radius * (point % 2 === 0 ? 0.55 : 0.24)
        const angle = (point * Math.PI) / 5 - Math.PI / 2
        context.lineTo(Math.cos(angle) * away, Math.sin(angle) * away)
      }
      context.fill()
  }
}
