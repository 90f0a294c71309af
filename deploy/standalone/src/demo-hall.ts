const SEAT_PITCH = 25
const ROW_PITCH = 32
const ROW_LETTERS = 'ABCDEFGHJKLMNP' // No I and O: they look like numbers on a ticket.

interface DemoRow {
  readonly row_number: string
  readonly position: { readonly x: number; readonly y: number }
  readonly seats: readonly object[]
}

/** A small theatre as the open seating-plan editor would save it: 14 curved rows of stalls, a balcony, 326 seats. */
export function demoHall(): object {
  return {
    name: 'Lantern Theatre',
    size: { width: 900, height: 800 },
    categories: [
      { name: 'Premium', color: '#b5832e' },
      { name: 'Stalls', color: '#7f4a91' },
      { name: 'Balcony', color: '#3c8d5a' },
    ],
    zones: [
      {
        name: 'Stalls',
        position: { x: 450, y: 120 },
        rows: Array.from(ROW_LETTERS, (letter, at) => curvedRow('Stalls', letter, at, 14 + (at % 7), at < 4 ? 'Premium' : 'Stalls')),
        areas: [],
      },
      {
        name: 'Balcony',
        position: { x: 450, y: 640 },
        rows: Array.from('ABCD', (letter, at) => curvedRow('Balcony', letter, at, 22, 'Balcony')),
        areas: [],
      },
    ],
  }
}

function curvedRow(zone: string, letter: string, at: number, seatCount: number, category: string): DemoRow {
  const seats = Array.from({ length: seatCount }, (_, index) => {
    const fromMiddle = index - (seatCount - 1) / 2
    const aisle = Math.sign(fromMiddle) * SEAT_PITCH * 0.8 // Two blocks with an aisle between them.
    const number = String(index + 1)
    return {
      seat_guid: `${zone}-${letter}-${number}`,
      seat_number: number,
      position: { x: Math.round(fromMiddle * SEAT_PITCH + aisle), y: Math.round(fromMiddle * fromMiddle * -0.35) },
      category,
    }
  })
  return { row_number: letter, position: { x: 0, y: at * ROW_PITCH }, seats }
}
