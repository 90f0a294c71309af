import type { Money } from '@cavea/contracts/answers'
import type { PerformanceTerms, Price, SectionSummary } from '@cavea/contracts/catalog/messages'
import type { EpochMillis } from '@cavea/contracts/ids'
import type { Context } from '@cavea/contracts/topics'

/** UTC with milliseconds, as every time in an answer. */
export const rfc3339 = (ms: number): string => new Date(ms).toISOString()

export const rfc3339OrNull = (ms: EpochMillis | null): string | null => (ms === null ? null : rfc3339(ms))

export const money = (amount: number, currency: string): Money => ({ amount, currency })

/** Where an answer stands in the log: a read that sends it back sees at least this. */
export const versionToken = (context: Context, partition: number, commandOffset: number): string =>
  `${context}/${partition}/${commandOffset}`

/** The entity tag of a performance's terms. */
export const revisionTag = (revision: number): string => `"r${revision}"`

const REVISION_TAG = /^"r(\d{1,9})(?:[^"\d][^"]*)?"$/

/** The revision that an `If-Match` names. A read's tag may carry more after the revision, which is not its business. */
export function revisionOfTag(tag: string): number | undefined {
  const digits = REVISION_TAG.exec(tag.trim())?.[1]
  return digits === undefined ? undefined : Number(digits)
}

export const sectionOf = ({ sectionId, name, seatCount, shards }: SectionSummary): object => ({
  ...{ sectionId, name },
  capacity: seatCount,
  standing: shards > 0,
})

export const capacityOf = (sections: readonly SectionSummary[]): number => sections.reduce((seats, { seatCount }) => seats + seatCount, 0)

/** The terms of sale as clients write and read them. */
export function termsOf(terms: PerformanceTerms, currency: string): object {
  return {
    saleStartsAt: rfc3339OrNull(terms.saleStartsAtMs),
    saleEndsAt: rfc3339OrNull(terms.saleEndsAtMs),
    holdPolicy: { ttlSeconds: terms.holdTtlMs / 1_000, extensionSeconds: terms.extensionMs / 1_000, maxSeconds: terms.holdMaxMs / 1_000 },
    purchaseLimit: terms.purchaseLimit,
    sectionLimit: terms.sectionLimit,
    orphanRule: terms.orphanRule,
    seatsPerHold: terms.seatsPerHoldMax,
    prices: terms.prices.map((price) => priceLine(price, currency)),
    currency,
  }
}

function priceLine({ category, ticketType, amount }: Price, currency: string): object {
  return { category, ...(ticketType !== '' && { ticketType }), price: money(amount, currency) }
}
