import type { Scene } from './scene.ts'

export type Direction = 'left' | 'right' | 'up' | 'down'

const STEPS: Readonly<Record<Direction, readonly [x: number, y: number]>> = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }
/** Sideways counts so much more than ahead: the next seat of the row comes before a nearer one of the row behind. */
const SIDEWAYS = 2.2
/** How much of the way may be sideways: a seat beyond is not in that direction. */
const SIDEWAYS_MAX = 1.2
const REACHES = [2, 4, 8, 16, 64, Number.POSITIVE_INFINITY]

/** The seat that an arrow leads to, as the eye sees it; the same seat where there is none in that direction. */
export function neighbour(scene: Scene, from: number, direction: Direction): number {
  const [stepX, stepY] = STEPS[direction]
  const [fromX, fromY] = [scene.x[from] ?? 0, scene.y[from] ?? 0]
  for (const reach of REACHES) {
    const extent = reach === Number.POSITIVE_INFINITY ? Math.max(scene.bounds.width, scene.bounds.height) : reach * scene.pitch
    let [best, bestScore] = [-1, Infinity]
    scene.grid.inRect({ x: fromX - extent, y: fromY - extent, width: 2 * extent, height: 2 * extent }, (index) => {
      const [dx, dy] = [(scene.x[index] ?? 0) - fromX, (scene.y[index] ?? 0) - fromY]
      const ahead = dx * stepX + dy * stepY
      const sideways = Math.abs(dx * stepY) + Math.abs(dy * stepX)
      if (index === from || ahead <= scene.pitch * 0.1 || sideways > ahead * SIDEWAYS_MAX) return
      const score = ahead + sideways * SIDEWAYS
      if (score < bestScore) [best, bestScore] = [index, score]
    })
    if (best !== -1) return best
  }
  return from
}

/** The first or the last seat of the row. */
export function endOfRow(scene: Scene, from: number, end: 'first' | 'last'): number {
  const row = rowOf(scene, from)
  return row === undefined ? from : end === 'first' ? row.first : row.first + row.count - 1
}

export function rowOf(scene: Scene, seat: number): Scene['sections'][number]['rows'][number] | undefined {
  const section = scene.sections[scene.sectionOf[seat] ?? 0]
  return section?.rows.find(({ first, count }) => seat >= first && seat < first + count)
}

/** The first seat of the section after or before; of sections with seats, and around at the end. */
export function nextSection(scene: Scene, from: number, step: 1 | -1): number {
  const seated = scene.sections.flatMap(({ count }, at) => (count > 0 ? [at] : []))
  const at = seated.indexOf(scene.sectionOf[from] ?? 0)
  const next = seated[(at + step + seated.length) % seated.length]
  return (next === undefined ? undefined : scene.sections[next]?.first) ?? from
}
