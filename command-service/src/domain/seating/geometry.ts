import type { SectionGeometry } from '@cavea/contracts/seating/messages'
import { layoutOf, type SectionLayout } from './layout.ts'

/** Few: what the map says of single gaps and of rows that are tables. Kept as the message brought them. */
type SectionLists = Pick<SectionGeometry, 'categories' | 'aisles' | 'joined' | 'tables' | 'wholeTables'>

/** A section's geometry as it is kept: 13 bytes a seat, and the exceptions that its map makes. */
export interface CompactGeometry extends SectionLists {
  readonly row: Uint16Array
  readonly x: Int32Array
  readonly y: Int32Array
  readonly category: Uint16Array
  readonly type: Uint8Array
  readonly focalX: number
  readonly focalY: number
}

export function compact({ row, x, y, category, type, ...rest }: SectionGeometry): CompactGeometry {
  return {
    ...rest,
    row: Uint16Array.from(row),
    x: Int32Array.from(x),
    y: Int32Array.from(y),
    category: Uint16Array.from(category),
    type: Uint8Array.from(type),
  }
}

export function plain({ row, x, y, category, type, ...rest }: CompactGeometry): SectionGeometry {
  return { ...rest, row: [...row], x: [...x], y: [...y], category: [...category], type: [...type] }
}

/** Made when somebody first looks for seats: most sections of a log are of the past. */
export function layoutWhenAsked(geometry: CompactGeometry): () => SectionLayout {
  let layout: SectionLayout | undefined
  return () => {
    layout ??= layoutOf(geometry, { focal: { x: geometry.focalX, y: geometry.focalY } })
    return layout
  }
}
