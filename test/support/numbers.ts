/** The value that this share of the values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Says what was measured. Nothing is asserted of it: machines differ. */
export function measured(what: string, ...values: readonly (string | number)[]): void {
  console.log(
    `measured: ${what}: ${values.map((value) => (typeof value === 'number' ? `${Math.round(value * 10) / 10} ms` : value)).join(', ')}`,
  )
}
