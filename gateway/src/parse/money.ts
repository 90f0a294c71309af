/** Minor units of a currency, as ISO 4217 counts them: VND has none, so 125000 is 125,000 dong. */
export interface Money {
  readonly amount: number
  readonly currency: string
}

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))

export const isCurrency = (code: string): boolean => CURRENCIES.has(code)
