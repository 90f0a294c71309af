import { type HallSeat, pointAt, SEAT_PITCH, type SeatedSection } from './hall-plan.ts'
import { type Random, wholeNumber } from './random.ts'

const BOX_LETTERS = 'ABCDEFGH'
/** The pair beside the stage; a party takes such a box for itself. */
const SOLD_WHOLE = 'AB'
const FROM_AXIS = 490
const FIRST_Y = 150
const BOX_PITCH = 120
const CHAIRS_IN_FRONT = 3

/**
 * Four boxes at each wall, A and B the nearest to the stage, odd ones at the left. Each has 4 to 6 chairs: three at the
 * parapet and the others behind them, in the gaps.
 */
export function boxes(axisX: number, random: Random): readonly SeatedSection[] {
  return Array.from(BOX_LETTERS, (letter, at) => {
    const side = at % 2 === 0 ? -1 : 1
    const y = FIRST_Y + Math.floor(at / 2) * BOX_PITCH
    const seats = Array.from({ length: wholeNumber(random, 4, 6) }, (_, chair): HallSeat => {
      const isBehind = chair >= CHAIRS_IN_FRONT
      const alongWall = isBehind ? chair - CHAIRS_IN_FRONT - 0.5 : chair - 1
      return {
        seatId: `Box-${letter}-${chair + 1}`,
        number: String(chair + 1),
        ...pointAt(axisX + side * (FROM_AXIS + (isBehind ? SEAT_PITCH : 0)), y + alongWall * SEAT_PITCH),
        category: 'Boxes',
      }
    })
    return {
      sectionId: `box-${letter.toLowerCase()}`,
      name: `Box ${letter}`,
      rows: [{ label: letter, table: SOLD_WHOLE.includes(letter) ? 'whole' : 'chairs', seats }],
    }
  })
}
