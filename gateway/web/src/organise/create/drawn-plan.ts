import type { PickerHall, PickerSeat, PickerSection } from '@cavea/seat-picker/types.ts'
import { readCsv } from './csv-lines.ts'
import type { PlanFile } from './plan-file.ts'

/** A plan as far as it can be drawn, whatever is wrong with it. */
export interface DrawnPlan {
  /** Each seat's id is the place in the file where it stands. */
  readonly hall: PickerHall
  /** The seats that a fault at this place is about: one, or those of a row, a zone or a line. */
  seatsAt(pointer: string): readonly string[]
}

/** More would be slow to draw and show nobody anything. */
const SEATS_MAX = 60_000
const PITCH = 25

/** Undefined for what has no seats that could be drawn. */
export function drawPlan(file: PlanFile): DrawnPlan | undefined {
  const hall = file.kind === 'csv' ? drawCsv(file) : drawJson(file)
  const count = hall?.sections.reduce((sum, { seats }) => sum + seats.length, 0) ?? 0
  return hall === undefined || count === 0 || count > SEATS_MAX ? undefined : { hall, seatsAt: finderOf(hall) }
}

function finderOf(hall: PickerHall): DrawnPlan['seatsAt'] {
  const ids = hall.sections.flatMap(({ seats }) => seats.map(({ seatId }) => seatId))
  const known = new Set(ids)
  return (pointer) => {
    for (let place = pointer; place !== ''; place = place.slice(0, place.lastIndexOf('/'))) if (known.has(place)) return [place]
    return pointer === '' ? [] : ids.filter((seatId) => seatId.startsWith(`${pointer}/`))
  }
}

type Json = Readonly<Record<string, unknown>>

const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {})
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(objectOf) : [])
const textOf = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
const isPlace = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) <= 1_000_000
const pointOf = (owner: Json): { x: number; y: number } => {
  const { x, y } = objectOf(owner['position'])
  return { x: isPlace(x) ? x : 0, y: isPlace(y) ? y : 0 }
}

function drawJson({ name, text }: PlanFile): PickerHall | undefined {
  let plan: Json
  try {
    plan = objectOf(JSON.parse(text.replace(/^\uFEFF/, '')))
  } catch {
    return undefined
  }
  const sections = Array.isArray(plan['zones']) ? listOf(plan['zones']).map(drawZone) : listOf(plan['sections']).map(drawSection)
  const { x, y } = objectOf(plan['focalPoint'])
  return {
    ...hallOf(textOf(plan['name']) || name, sections, listOf(plan['categories'])),
    focalPoint: isPlace(x) && isPlace(y) ? { x, y } : null,
  }
}

/** pretix's: positions of zone, row and seat are added up. */
function drawZone(zone: Json, at: number): PickerSection {
  const from = pointOf(zone)
  const seats = listOf(zone['rows']).flatMap((row, rowAt) => {
    const rowFrom = pointOf(row)
    return listOf(row['seats']).flatMap((seat, seatAt): readonly PickerSeat[] => {
      const { x, y } = objectOf(seat['position'])
      if (!isPlace(x) || !isPlace(y)) return []
      const place = { x: from.x + rowFrom.x + x, y: from.y + rowFrom.y + y }
      const label = textOf(row['row_label'] ?? row['row_number'])
      return [seatOf(`/zones/${at}/rows/${rowAt}/seats/${seatAt}`, label, seat['seat_number'], place, seat['category'], undefined)]
    })
  })
  return sectionOf(`/zones/${at}`, textOf(zone['name']), seats)
}

function drawSection(section: Json, at: number): PickerSection {
  const seats = listOf(section['rows']).flatMap((row, rowAt) =>
    listOf(row['seats']).flatMap((seat, seatAt): readonly PickerSeat[] => {
      const { x, y, number, category, type } = seat
      if (!isPlace(x) || !isPlace(y)) return []
      return [seatOf(`/sections/${at}/rows/${rowAt}/seats/${seatAt}`, textOf(row['label']), number, { x, y }, category, type)]
    }),
  )
  const drawn = sectionOf(`/sections/${at}`, textOf(section['name']), seats)
  const { capacity, category, bounds } = objectOf(section['standing'])
  if (typeof capacity !== 'number') return drawn
  const { x, y, width, height } = objectOf(bounds)
  const isDrawn = isPlace(x) && isPlace(y) && isPlace(width) && isPlace(height) && width > 0 && height > 0
  return { ...drawn, standing: true, capacity, category: textOf(category), bounds: isDrawn ? { x, y, width, height } : null }
}

/** In rows from the stage where the file has no positions. */
function drawCsv({ name, text }: PlanFile): PickerHall | undefined {
  const [header, ...records] = readCsv(text)
  if (header === undefined) return undefined
  const names = header.cells.map((cell) =>
    cell
      .trim()
      .toLowerCase()
      .replace(/[^a-z0-9]/g, ''),
  )
  const column = (...called: readonly string[]): number => names.findIndex((each) => called.includes(each))
  const at = {
    section: column('section', 'sectionname', 'zone', 'zonename', 'block'),
    row: column('row', 'rownumber', 'rowname', 'rowlabel'),
    number: column('number', 'seat', 'seatnumber', 'seatno'),
    category: column('category', 'pricecategory'),
    type: column('type', 'seattype'),
    x: column('x', 'positionx'),
    y: column('y', 'positiony'),
  }
  const sections = new Map<string, PickerSeat[]>()
  const rows = new Map<string, { readonly y: number; count: number }>()
  for (const { line, cells } of records) {
    const cell = (index: number): string => (index === -1 ? '' : (cells[index] ?? '').trim())
    const [section, label, number] = [cell(at.section), cell(at.row), cell(at.number)]
    if (label === '' && number === '') continue
    const row = rows.get(`${section}\n${label}`) ?? { y: rows.size * PITCH + sections.size * PITCH, count: 0 }
    rows.set(`${section}\n${label}`, row)
    const given = { x: numberOf(cell(at.x)), y: numberOf(cell(at.y)) }
    const place = isPlace(given.x) && isPlace(given.y) ? { x: given.x, y: given.y } : { x: row.count * PITCH, y: row.y }
    row.count++
    const seats = sections.get(section) ?? []
    seats.push(seatOf(`/line/${line}`, label, number, place, cell(at.category) || section, cell(at.type)))
    sections.set(section, seats)
  }
  return hallOf(
    name,
    [...sections].map(([section, seats]) => sectionOf(section, section, seats)),
    [],
  )
}

const numberOf = (cell: string): number => (cell === '' ? Number.NaN : Number(cell.replace(',', '.')))

function seatOf(
  seatId: string,
  row: string,
  number: unknown,
  { x, y }: { readonly x: number; readonly y: number },
  category: unknown,
  type: unknown,
): PickerSeat {
  return { seatId, row, number: textOf(number), x, y, category: textOf(category), type: textOf(type) || 'standard' }
}

const sectionOf = (sectionId: string, name: string, seats: readonly PickerSeat[]): PickerSection => {
  return { sectionId, name, standing: false, capacity: seats.length, seats, bounds: null }
}

/** Categories are those that seats have: a category that the plan does not list is drawn too. */
function hallOf(name: string, sections: readonly PickerSection[], listed: readonly Json[]): PickerHall {
  const colors = new Map(listed.map((category) => [textOf(category['name']), textOf(category['color']) || null]))
  const named = new Set([...colors.keys(), ...sections.flatMap(({ seats }) => seats.map(({ category }) => category))])
  const categories = [...named].filter((each) => each !== '').map((each) => ({ name: each, color: colors.get(each) ?? null, price: null }))
  return { name, sections, categories, currency: 'EUR', focalPoint: null }
}
