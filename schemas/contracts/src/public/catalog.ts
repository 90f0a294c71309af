import type { Telling } from './fact.ts'
import { publicSection, saleTerms } from './labels.ts'

const capacityOf = (sections: readonly { readonly seatCount: number }[]): number =>
  sections.reduce((sum, { seatCount }) => sum + seatCount, 0)

export const CATALOG_TELLING: Telling<'catalog'> = {
  VenueCreated: ({ type, venueId, organisation, name, timeZone, address }) => ({
    key: venueId,
    organisation,
    event: { type, venueId, name, timeZone, address },
  }),
  // A draft exists to nobody until it is published, and then its parts are in the sections that open.
  SeatMapDrafted: null,
  SeatMapPartAdded: null,
  SeatMapPublished({ type, seatMapId, venueId, version, sections }, labels) {
    const map = labels.directory.seatMap(seatMapId)
    if (map === undefined) labels.missing()
    return {
      key: seatMapId,
      organisation: map?.organisation ?? '',
      event: {
        type,
        seatMapId,
        venueId,
        version,
        name: map?.name ?? '',
        capacity: capacityOf(sections),
        categories: (map?.categories ?? []).map(({ name }) => name),
        sections: sections.map(publicSection),
      },
    }
  },
  PerformanceScheduled: (scheduled) => ({
    key: scheduled.performanceId,
    organisation: scheduled.organisation,
    event: {
      type: scheduled.type,
      performanceId: scheduled.performanceId,
      venueId: scheduled.venueId,
      seatMapId: scheduled.seatMapId,
      name: scheduled.name,
      startsAt: scheduled.startsAtMs,
      endsAt: scheduled.endsAtMs,
      capacity: capacityOf(scheduled.sections),
      sections: scheduled.sections.map(publicSection),
      revision: scheduled.revision,
      terms: saleTerms(scheduled.terms),
      currency: scheduled.currency,
      priceRevision: scheduled.priceRevision,
      prices: scheduled.terms.prices,
    },
  }),
  PerformanceRevised({ type, performanceId, revision, terms, priceRevision }, labels) {
    const performance = labels.performance(performanceId)
    return {
      key: performanceId,
      organisation: performance?.organisation ?? '',
      event: {
        type,
        performanceId,
        revision,
        terms: saleTerms(terms),
        currency: performance?.currency ?? '',
        priceRevision,
        prices: terms.prices,
      },
    }
  },
  // Each section tells of itself that it opened.
  SectionOpeningRecorded: null,
  PerformanceOpened: ({ type, performanceId }, labels) => ({
    key: performanceId,
    organisation: labels.performance(performanceId)?.organisation ?? '',
    event: { type, performanceId },
  }),
}
