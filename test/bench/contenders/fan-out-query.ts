/** What every watcher of the benchmark asks for. */
export const FAN_OUT_QUERY = `subscription Watch($performanceId: ID!) {
  seatsChanged(performanceId: $performanceId) { version since sections { sectionId available held seats { seatId status } } }
}`
