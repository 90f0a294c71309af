import type { HallPlan } from './hall-plan.ts'
import { randomOf, wholeNumber } from './random.ts'

const ROOM_LENGTH = 500
const GALLERY_DEPTH = 110

/** The Cellar Club, without a single seat: 400 stand on the floor and 120 on the gallery behind it. The seed decides how wide the room is. */
export function club(seed = 1): HallPlan {
  const width = wholeNumber(randomOf(seed), 28, 36) * 20
  return {
    name: 'Cellar Club',
    focalPoint: { x: 50 + width / 2, y: 60 },
    categories: [
      { name: 'Floor', color: '#c2572b' },
      { name: 'Gallery', color: '#3c8d5a' },
    ],
    sections: [
      {
        sectionId: 'floor',
        name: 'Floor',
        standing: { capacity: 400, category: 'Floor', bounds: { x: 50, y: 120, width, height: ROOM_LENGTH } },
      },
      {
        sectionId: 'gallery',
        name: 'Gallery',
        standing: { capacity: 120, category: 'Gallery', bounds: { x: 50, y: 150 + ROOM_LENGTH, width, height: GALLERY_DEPTH } },
      },
    ],
  }
}
