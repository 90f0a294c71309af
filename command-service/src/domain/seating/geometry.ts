import type { SectionGeometry } from '@cavea/contracts/seating/messages'
import { layoutOf, type SeatGeometry, type SectionLayout } from './layout.ts'

/** A section's geometry as it is kept: 13 bytes a seat. */
export interface CompactGeometry extends SeatGeometry {
  readonly row: Uint16Array
  readonly x: Int32Array
  readonly y: Int32Array
  readonly category: Uint16Array
  readonly type: Uint8Array
  readonly categories: readonly string[]
  readonly focalX: number
  readonly focalY: number
}

export function compact({ row, x, y, category, type, categories, focalX, focalY }: SectionGeometry): CompactGeometry {
  return {
    row: Uint16Array.from(row),
    x: Int32Array.from(x),
    y: Int32Array.from(y),
    category: Uint16Array.from(category),
    type: Uint8Array.from(type),
    categories,
    focalX,
    focalY,
  }
}

export function plain({ row, x, y, category, type, categories, focalX, focalY }: CompactGeometry): SectionGeometry {
  return { row: [...row], x: [...x], y: [...y], category: [...category], type: [...type], categories, focalX, focalY }
}

/** Made when somebody first looks for seats: most sections of a log are of the past. */
export function layoutWhenAsked(geometry: CompactGeometry): () => SectionLayout {
  let layout: SectionLayout | undefined
  return () => {
    layout ??= layoutOf(geometry, { focal: { x: geometry.focalX, y: geometry.focalY } })
    return layout
  }
}
