import type { MessageKey, Text } from '../text/text.ts'
import type { PickerHall, PickerSeat, PickerSection } from '../types.ts'
import type { Standing } from './choosing.ts'

/** What is said of seats, the same on the map, in the list and to screen readers. */
export interface Words {
  /** `Stalls, row C, seat 12` */
  name(section: PickerSection, seat: PickerSeat): string
  /** `Row C, seat 12` */
  shortName(seat: PickerSeat): string
  /** What a price is, also where there is none. */
  price(category: string): string
  /** '' of an ordinary seat. */
  type(seat: PickerSeat): string
  standing(standing: Standing): string
  /** All that there is to know but where it is. */
  facts(seat: PickerSeat, standing: Standing): string
}

const TYPES: Readonly<Record<string, MessageKey>> = {
  wheelchair: 'type.wheelchair',
  companion: 'type.companion',
  'restricted-view': 'type.restricted-view',
  vip: 'type.vip',
}

export function createWords(text: Text, { categories }: PickerHall): Words {
  const prices = new Map(categories.map(({ name, price }) => [name, price]))
  function price(category: string): string {
    const amount = prices.get(category) ?? null
    return amount === null ? text.say('price.none') : text.price(amount)
  }
  function type(seat: PickerSeat): string {
    const key = TYPES[seat.type]
    return key === undefined ? '' : text.say(key)
  }
  const standing = (each: Standing): string => text.say(`status.${each}`)
  return {
    name(section, { row, number }) {
      return row === ''
        ? text.say('seat.nameNoRow', { section: section.name, number })
        : text.say('seat.name', { section: section.name, row, number })
    },
    shortName: ({ row, number }) => (row === '' ? text.say('seat.shortNoRow', { number }) : text.say('seat.short', { row, number })),
    price,
    type,
    standing,
    facts: (seat, each) => [standing(each), type(seat), seat.category, price(seat.category)].filter((part) => part !== '').join(', '),
  }
}
