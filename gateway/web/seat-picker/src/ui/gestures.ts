import type { Point } from '../scene/geometry.ts'

/** What fingers, mice and wheels mean. Places are in pixels from the element's left upper corner. */
export interface GestureHandler {
  pan(dx: number, dy: number): void
  /** Answers whether anything changed: a wheel that changes nothing scrolls the page. */
  zoom(factor: number, at: Point): boolean
  tap(at: Point, pointer: string): void
  doubleTap(at: Point): void
  /** undefined: the pointer left. */
  hover(at: Point | undefined): void
  /** Whether dragging draws a rectangle instead of moving the map. With Shift it always moves the map. */
  startsBand(pointer: string): boolean
  band(from: Point, to: Point, isDone: boolean): void
  cancelBand(): void
}

const DRAG_FROM_PX = 6
const DOUBLE_TAP_MS = 320
const DOUBLE_TAP_PX = 28
const WHEEL_LINE_PX = 24
const WHEEL_FACTOR_PER_PX = 1.0018
const WHEEL_FACTOR_MAX = 1.6

export function watchGestures(element: HTMLElement, handler: GestureHandler): () => void {
  const ending = new AbortController()
  const { signal } = ending
  const pointers = new Map<number, Point>()
  let start: { readonly at: Point; readonly isBand: boolean } | undefined
  let isDragging = false
  let lastTap: { readonly at: Point; readonly timeMs: number } | undefined

  function placeOf(event: MouseEvent): Point {
    const { left, top } = element.getBoundingClientRect()
    return { x: event.clientX - left, y: event.clientY - top }
  }

  function down(event: PointerEvent): void {
    if (event.button !== 0) return
    const at = placeOf(event)
    pointers.set(event.pointerId, at)
    element.setPointerCapture(event.pointerId)
    if (pointers.size === 1) {
      start = { at, isBand: !event.shiftKey && handler.startsBand(event.pointerType) }
      isDragging = false
      return
    }
    if (start?.isBand === true && isDragging) handler.cancelBand()
    start = undefined // Two fingers are never a tap.
  }

  function move(event: PointerEvent): void {
    const before = pointers.get(event.pointerId)
    const at = placeOf(event)
    if (before === undefined) {
      if (event.pointerType === 'mouse') handler.hover(at)
      return
    }
    if (pointers.size >= 2) pinch(event.pointerId, before, at)
    else if (start !== undefined) {
      if (!isDragging && Math.hypot(at.x - start.at.x, at.y - start.at.y) < DRAG_FROM_PX) return
      if (!isDragging) handler.hover(undefined)
      isDragging = true
      if (start.isBand) handler.band(start.at, at, false)
      else handler.pan(at.x - before.x, at.y - before.y)
    } else handler.pan(at.x - before.x, at.y - before.y)
    pointers.set(event.pointerId, at)
  }

  function pinch(pointerId: number, before: Point, at: Point): void {
    const [other] = [...pointers].flatMap(([id, place]) => (id === pointerId ? [] : [place]))
    if (other === undefined) return
    const [was, is] = [Math.hypot(before.x - other.x, before.y - other.y), Math.hypot(at.x - other.x, at.y - other.y)]
    handler.pan((at.x - before.x) / 2, (at.y - before.y) / 2)
    if (was > 0 && is > 0) handler.zoom(is / was, { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 })
  }

  function up(event: PointerEvent): void {
    const was = pointers.delete(event.pointerId)
    if (!was || start === undefined || pointers.size > 0) return
    const at = placeOf(event)
    const { at: from, isBand } = start
    start = undefined
    if (isDragging) {
      if (isBand) handler.band(from, at, true)
      return
    }
    const isSecond = lastTap !== undefined && event.timeStamp - lastTap.timeMs < DOUBLE_TAP_MS
    if (isSecond && lastTap !== undefined && Math.hypot(at.x - lastTap.at.x, at.y - lastTap.at.y) < DOUBLE_TAP_PX) {
      lastTap = undefined
      handler.doubleTap(at)
      return
    }
    lastTap = { at, timeMs: event.timeStamp }
    handler.tap(at, event.pointerType)
  }

  function cancel(event: PointerEvent): void {
    if (!pointers.delete(event.pointerId)) return
    if (start?.isBand === true && isDragging) handler.cancelBand()
    start = undefined
  }

  function wheel(event: WheelEvent): void {
    const px = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * WHEEL_LINE_PX
    // A pinch on a touch pad comes as a wheel with Control, in small steps.
    const factor = WHEEL_FACTOR_PER_PX ** (-px * (event.ctrlKey ? 5 : 1))
    const isUsed = handler.zoom(Math.min(WHEEL_FACTOR_MAX, Math.max(1 / WHEEL_FACTOR_MAX, factor)), placeOf(event))
    if (isUsed || event.ctrlKey) event.preventDefault()
  }

  element.addEventListener('pointerdown', down, { signal })
  element.addEventListener('pointermove', move, { signal })
  element.addEventListener('pointerup', up, { signal })
  element.addEventListener('pointercancel', cancel, { signal })
  element.addEventListener('pointerleave', () => handler.hover(undefined), { signal })
  element.addEventListener('wheel', wheel, { signal, passive: false })
  return () => ending.abort()
}
