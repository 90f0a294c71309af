import type { Directory } from '@cavea/contracts/catalog/directory'

/** Names the seats that a command spoke of by index; the index itself where the map is not known. */
export function seatNames(directory: Directory, message: { readonly type: string } | undefined): (seat: number) => string {
  if (message === undefined || !('performanceId' in message) || !('sectionId' in message)) return String
  const map = directory.seatMap(directory.performance(String(message.performanceId))?.seatMapId ?? '')
  const section = [...(map?.sections.values() ?? [])].find(({ sectionId }) => sectionId === message.sectionId)
  return (seat) => section?.seats[seat]?.seatId ?? String(seat)
}
