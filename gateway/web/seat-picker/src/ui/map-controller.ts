import { SEATS_FROM } from '../draw/layer.ts'
import type { Picture } from '../draw/picture.ts'
import { createRenderer, type Renderer } from '../draw/renderer.ts'
import { contains, grow, type Point, type Rect } from '../scene/geometry.ts'
import {
  between,
  centred,
  fit,
  keepInSight,
  pan,
  revealing,
  type ScaleLimits,
  type Size,
  toScene,
  toScreen,
  type View,
  zoomAt,
} from '../scene/view.ts'
import { watchGestures } from './gestures.ts'

export interface MapEvents {
  /** A place was clicked or touched, large enough to be meant. */
  onSeat(seat: number, pointer: string): void
  onArea(section: number): void
  onNowhere(): void
  onHover(seat: number): void
  onBand(band: Rect | undefined): void
  onBandDone(seats: readonly number[]): void
  /** What is shown moved: what stands at a seat is not there any more. */
  onMove(isWhole: boolean): void
  /** Whether dragging selects, now. */
  dragsBand(pointer: string): boolean
}

/** The map below React: where it is looked at from, and what fingers do to it. */
export interface MapController {
  show(picture: Picture): void
  showOver(picture: Picture): void
  change(seats: readonly number[]): void
  zoomBy(factor: number): void
  showAll(): void
  /** Comes close enough for the seat to be seen, and moves it into sight. */
  reveal(seat: number): void
  /** Where the seat is now, in pixels from the map's left upper corner. */
  placeOf(seat: number): Point
  close(): void
}

const PADDING_PX = 14
const NARROW_PX = 560
const BUTTONS_PX = 52
const SEAT_PITCH_MAX_PX = 64
/** A finger needs so much; a mouse hits smaller ones. */
const TOUCH_PITCH_PX = 24
const REVEAL_PITCH_PX = 26
const CLOSE_PITCH_PX = 34
const EDGE_PX = 64
const ANIMATION_MS = 240
const RATIO_MAX = 3

export function createMapController(canvas: HTMLCanvasElement, surface: HTMLElement, first: Picture, events: MapEvents): MapController {
  let picture = first
  let size: Size = { width: 0, height: 0 }
  let view: View = { x: 0, y: 0, scale: 1 }
  let animation = 0
  const renderer: Renderer = createRenderer(canvas, { picture, view })

  const isNarrow = (): boolean => size.width < NARROW_PX
  /** Beside the buttons, which are in a column at the side, or in a row below where that leaves too little. */
  function whole(): View {
    const free = isNarrow() ? { ...size, height: size.height - BUTTONS_PX } : { ...size, width: size.width - BUTTONS_PX }
    return fit(picture.scene.bounds, free, PADDING_PX, SEAT_PITCH_MAX_PX / picture.scene.pitch)
  }
  const limits = (): ScaleLimits => {
    const { scale } = whole()
    return { min: scale, max: Math.max(scale, SEAT_PITCH_MAX_PX / picture.scene.pitch) }
  }
  const pitchPx = (): number => picture.scene.pitch * view.scale

  function look(next: View): void {
    const { min, max } = limits()
    const scale = Math.min(max, Math.max(min, next.scale))
    const isWhole = scale <= min * 1.001
    view = keepInSight({ ...next, scale }, picture.scene.bounds, size)
    renderer.look(view)
    // Where all is in sight one finger scrolls the page, as it does beside the map.
    surface.style.touchAction = isWhole ? 'pan-y' : 'none'
    events.onMove(isWhole)
  }

  function glide(to: View): void {
    cancelAnimationFrame(animation)
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      look(to)
      return
    }
    const from = view
    const startMs = performance.now()
    const step = (nowMs: number): void => {
      const share = Math.min(1, Math.max(0, (nowMs - startMs) / ANIMATION_MS))
      look(between(from, to, 1 - (1 - share) ** 3, size))
      if (share < 1) animation = requestAnimationFrame(step)
    }
    animation = requestAnimationFrame(step)
  }

  function zoom(factor: number, at: Point): boolean {
    cancelAnimationFrame(animation)
    const before = view
    look(zoomAt(view, factor, at, limits()))
    return view.scale !== before.scale
  }

  function seatAt(at: Point, reachPx: number): number {
    return picture.scene.grid.nearest(toScene(view, at), Math.max(picture.scene.pitch * 0.55, reachPx / view.scale))
  }

  function areaAt(at: Point): number {
    const place = toScene(view, at)
    return picture.scene.sections.findIndex(({ count, bounds }) => count === 0 && contains(bounds, place))
  }

  function tap(at: Point, pointer: string): void {
    const isTouch = pointer !== 'mouse'
    const seat = seatAt(at, isTouch ? 16 : 4)
    const area = seat === -1 ? areaAt(at) : -1
    const least = isTouch ? TOUCH_PITCH_PX : SEATS_FROM * 2
    if (area !== -1) events.onArea(area)
    else if (seat === -1) events.onNowhere()
    else if (pitchPx() < SEATS_FROM) showSection(picture.scene.sectionOf[seat] ?? 0, at)
    else if (pitchPx() < least && limits().max > view.scale * 1.01) approach(toScene(view, at))
    else events.onSeat(seat, pointer)
  }

  function approach(at: Point): void {
    glide(centred(at, CLOSE_PITCH_PX / picture.scene.pitch, size))
  }

  /** A section so long that its seats would stay too small is looked at where it was touched. */
  function showSection(section: number, at: Point): void {
    const { bounds } = picture.scene.sections[section] ?? picture.scene
    const near = fit(grow(bounds, picture.scene.pitch), size, PADDING_PX, CLOSE_PITCH_PX / picture.scene.pitch)
    if (near.scale * picture.scene.pitch >= SEATS_FROM * 1.4) glide(near)
    else glide(centred(toScene(view, at), (SEATS_FROM * 2) / picture.scene.pitch, size))
  }

  const stopGestures = watchGestures(surface, {
    pan(dx, dy) {
      cancelAnimationFrame(animation)
      look(pan(view, dx, dy))
    },
    zoom,
    tap,
    doubleTap(at) {
      if (pitchPx() >= SEATS_FROM * 2 && seatAt(at, 0) !== -1) return tap(at, 'mouse')
      const to = zoomAt(view, 2.2, at, limits())
      glide(to)
    },
    hover(at) {
      const seat = at === undefined || pitchPx() < SEATS_FROM ? -1 : seatAt(at, 2)
      surface.style.cursor = seat !== -1 || (at !== undefined && areaAt(at) !== -1) ? 'pointer' : 'grab'
      events.onHover(seat)
    },
    startsBand: (pointer) => events.dragsBand(pointer),
    band(from, to, isDone) {
      const [a, b] = [toScene(view, from), toScene(view, to)]
      const band = { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) }
      events.onBand(isDone ? undefined : band)
      if (!isDone) return
      const seats: number[] = []
      picture.scene.grid.inRect(band, (seat) => void seats.push(seat))
      events.onBandDone(seats.sort((one, other) => one - other))
    },
    cancelBand: () => events.onBand(undefined),
  })

  const watchSize = new ResizeObserver(() => {
    const { width, height } = surface.getBoundingClientRect()
    const wasWhole = size.width === 0 || view.scale <= limits().min * 1.001
    const middle = toScene(view, { x: size.width / 2, y: size.height / 2 })
    size = { width, height }
    if (width === 0 || height === 0) return
    surface.parentElement?.toggleAttribute('data-narrow', isNarrow())
    look(wasWhole ? whole() : centred(middle, view.scale, size))
    renderer.resize(size, Math.min(RATIO_MAX, devicePixelRatio))
  })
  watchSize.observe(surface)

  return {
    show(next) {
      const isOther = next.scene !== picture.scene
      picture = next
      if (isOther && size.width > 0) look(whole())
      renderer.show(next)
    },
    showOver(next) {
      picture = next
      renderer.showOver(next)
    },
    change: (seats) => renderer.change(seats),
    zoomBy(factor) {
      glide(zoomAt(view, factor, { x: size.width / 2, y: size.height / 2 }, limits()))
    },
    showAll: () => glide(whole()),
    reveal(seat) {
      const at = { x: picture.scene.x[seat] ?? 0, y: picture.scene.y[seat] ?? 0 }
      if (pitchPx() < REVEAL_PITCH_PX * 0.8) glide(centred(at, REVEAL_PITCH_PX / picture.scene.pitch, size))
      else {
        cancelAnimationFrame(animation)
        look(revealing(view, at, size, EDGE_PX))
      }
    },
    placeOf: (seat) => toScreen(view, { x: picture.scene.x[seat] ?? 0, y: picture.scene.y[seat] ?? 0 }),
    close() {
      cancelAnimationFrame(animation)
      stopGestures()
      watchSize.disconnect()
      renderer.close()
    },
  }
}
