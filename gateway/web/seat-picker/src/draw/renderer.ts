import { type Size, shown, type View } from '../scene/view.ts'
import { createLayer, createShapes, type Layer, paint, repaintSeat, SEATS_FROM, type SectionShapes, settle } from './layer.ts'
import { paintOverlay } from './overlay.ts'
import type { Picture } from './picture.ts'

/** Draws a hall on a canvas. What it is told may change many times before the next frame: it draws once per frame, if at all. */
export interface Renderer {
  /** Everything may look different. */
  show(picture: Picture): void
  /** Only what is drawn over the seats is different: what is selected, focused, dragged over. */
  showOver(picture: Picture): void
  /** These seats' statuses changed. */
  change(seats: readonly number[]): void
  look(view: View): void
  resize(size: Size, ratio: number): void
  close(): void
}

/** How much farther than the canvas a layer reaches on each side, so that dragging finds it drawn already. */
const MARGIN = 0.2
/** Time per frame for drawing the next layer. */
const SLICE_MS = 6
/** While nothing moves, nobody sees a late frame, and everybody a late picture. */
const SLICE_SETTLED_MS = 14
/** After the last zoom step, a sharp layer is drawn. */
const SETTLE_MS = 90
/** A layer magnified or shrunk so much looks poor, so that the next one is begun during the zoom. */
const BLUR_MAX = 1.7
/** How long a section's shade may lag behind its seats while whole sections are shown. */
const TINT_AFTER_MS = 500
/** Seats that changed one by one: of more, everything is drawn again. */
const REPAINT_MAX = 800

interface Job {
  readonly layer: Layer
  readonly steps: Generator<void, void, void>
  /** Seats that changed since it began: the layer may have been drawn with what was before. */
  readonly changed: Set<number>
}

export function createRenderer(canvas: HTMLCanvasElement, first: { readonly picture: Picture; readonly view: View }): Renderer {
  const context = canvas.getContext('2d', { alpha: false })
  if (context === null) throw new Error('The browser gives no canvas to draw on.')
  let picture = first.picture
  let view = first.view
  let shapes: SectionShapes = createShapes(picture.scene)
  let size: Size = { width: 0, height: 0 }
  let ratio = 1
  let layer: Layer | undefined
  let job: Job | undefined
  let spare: HTMLCanvasElement | undefined
  let isOutdated = true
  let changedAtMs = 0
  let movedAtMs = 0
  let frame = 0
  let tintTimer: ReturnType<typeof setTimeout> | undefined

  function ask(): void {
    if (frame === 0) frame = requestAnimationFrame(draw)
  }

  function draw(nowMs: number): void {
    frame = 0
    if (size.width === 0 || size.height === 0) return
    const isSettled = nowMs - changedAtMs >= SETTLE_MS
    // One that was begun during a zoom would be blurred when it is done.
    if (isSettled && job !== undefined && job.layer.view.scale !== view.scale) giveUp()
    if (job === undefined && needsLayer(isSettled)) begin()
    // There is nothing to show meanwhile: the first is drawn at once.
    if (job !== undefined)
      work(layer === undefined ? Number.POSITIVE_INFINITY : nowMs - movedAtMs >= SETTLE_MS ? SLICE_SETTLED_MS : SLICE_MS)
    compose()
    if (job !== undefined || needsLayer(isSettled) || layer?.view.scale !== view.scale) ask()
  }

  function begin(): void {
    const wide = { width: size.width * (1 + 2 * MARGIN), height: size.height * (1 + 2 * MARGIN) }
    const from = { ...view, x: view.x - (size.width * MARGIN) / view.scale, y: view.y - (size.height * MARGIN) / view.scale }
    const next = createLayer(picture, from, wide, ratio, spare)
    spare = undefined
    job = { layer: next, steps: paint(next, picture, shapes), changed: new Set() }
    isOutdated = false
  }

  function giveUp(): void {
    spare = job?.layer.canvas ?? spare
    job = undefined
  }

  function work(budgetMs: number): void {
    const endMs = performance.now() + budgetMs
    while (job !== undefined) {
      if (job.steps.next().done === true) {
        spare = layer?.canvas
        layer = job.layer
        for (const seat of job.changed) repaintSeat(layer, picture, seat)
        job = undefined
        return
      }
      if (budgetMs === Number.POSITIVE_INFINITY) continue
      settle(job.layer)
      if (performance.now() >= endMs) return
    }
  }

  function needsLayer(isSettled: boolean): boolean {
    if (layer === undefined || isOutdated) return true
    const magnified = view.scale / layer.view.scale
    if (magnified !== 1) return isSettled || magnified > BLUR_MAX || magnified < 1 / BLUR_MAX || !isCovered(layer)
    return !isCovered(layer)
  }

  function isCovered({ view: drawn, size: extent }: Layer): boolean {
    const [seen, has] = [shown(view, size), shown(drawn, extent)]
    const slack = 0.5 / view.scale
    return (
      seen.x >= has.x - slack &&
      seen.y >= has.y - slack &&
      seen.x + seen.width <= has.x + has.width + slack &&
      seen.y + seen.height <= has.y + has.height + slack
    )
  }

  function compose(): void {
    if (context === null || layer === undefined) return
    context.setTransform(1, 0, 0, 1, 0, 0)
    if (!isCovered(layer)) {
      context.fillStyle = picture.palette.paper
      context.fillRect(0, 0, canvas.width, canvas.height)
    }
    const magnified = view.scale / layer.view.scale
    const x = (layer.view.x - view.x) * view.scale * ratio
    const y = (layer.view.y - view.y) * view.scale * ratio
    if (magnified === 1) context.drawImage(layer.canvas, Math.round(x), Math.round(y))
    else context.drawImage(layer.canvas, x, y, layer.canvas.width * magnified, layer.canvas.height * magnified)
    paintOverlay(context, picture, view, size, ratio)
  }

  /** What is being drawn is drawn to its end: who moves a slider sees each of its places a little late, instead of none. */
  function outdate(): void {
    isOutdated = true
    ask()
  }

  return {
    show(next) {
      if (next.scene !== picture.scene) {
        shapes = createShapes(next.scene)
        layer = undefined
        giveUp()
      }
      picture = next
      outdate()
    },
    showOver(next) {
      picture = next
      ask()
    },
    change(seats) {
      if (picture.scene.pitch * view.scale < SEATS_FROM) {
        tintTimer ??= setTimeout(() => {
          tintTimer = undefined
          outdate()
        }, TINT_AFTER_MS)
        return
      }
      if (seats.length > REPAINT_MAX) {
        outdate()
        return
      }
      const hasSeats = layer !== undefined && !isOutdated && picture.scene.pitch * layer.view.scale >= SEATS_FROM
      for (const seat of seats) {
        if (layer !== undefined && hasSeats) repaintSeat(layer, picture, seat)
        job?.changed.add(seat)
      }
      ask()
    },
    look(next) {
      movedAtMs = performance.now()
      if (next.scale !== view.scale) changedAtMs = movedAtMs
      view = next
      ask()
    },
    resize(next, nextRatio) {
      size = next
      ratio = nextRatio
      canvas.width = Math.round(size.width * ratio)
      canvas.height = Math.round(size.height * ratio)
      layer = undefined
      giveUp()
      outdate()
      cancelAnimationFrame(frame)
      draw(performance.now()) // A canvas is emptied when its size changes: waiting for a frame would flash.
    },
    close() {
      cancelAnimationFrame(frame)
      clearTimeout(tintTimer)
      job = undefined
    },
  }
}
