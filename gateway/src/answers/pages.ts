import { escapeHtml, jsonForScript } from './html.ts'
import type { PageData, PerformanceCard } from './page-data.ts'
import { type Locale, PAGE_WORDS } from './page-words.ts'

/** A page before any script: what search engines, link previews and people without scripts get. */
export interface Page {
  readonly status: PageData['status']
  readonly title: string
  readonly description: string
  /** Of the page itself, without what only this visit adds; undefined for pages that are nobody else's business. */
  readonly canonical?: string
  /** schema.org */
  readonly linkedData?: object
  readonly body: string
  readonly data: Omit<PageData, 'status'>
}

/** Where a page is shown. */
export interface PageView {
  readonly locale: Locale
  /** `https://tickets.example.org` */
  readonly origin: string
  readonly nowMs: number
}

const SITE = 'Cavea'
const CARDS_MAX = 100

export function listPage(performances: readonly PerformanceCard[], search: string, view: PageView): Page {
  const words = PAGE_WORDS[view.locale]
  const none = search === '' ? words.noPerformances : words.nothingFound
  const items = performances.slice(0, CARDS_MAX).map((performance) => {
    const path = `/performances/${encodeURIComponent(performance.performanceId)}`
    const facts = [timeOf(performance, view), placeOf(performance), stateOf(performance, view)].filter((fact) => fact !== '')
    return `<li class="card"><a href="${path}"><h2>${escapeHtml(performance.name)}</h2></a>${facts.map((fact) => `<p>${escapeHtml(fact)}</p>`).join('')}</li>`
  })
  return {
    status: 200,
    title: `${words.performances} · ${SITE}`,
    description: words.performancesDescription,
    canonical: `${view.origin}/`,
    body: frame(
      view,
      `<h1>${escapeHtml(words.performances)}</h1>
<form class="search" role="search" action="/"><input type="search" name="q" value="${escapeHtml(search)}" aria-label="${escapeHtml(words.search)}" maxlength="100"><button>${escapeHtml(words.search)}</button></form>
${items.length === 0 ? `<p>${escapeHtml(none)}</p>` : `<ul class="cards">${items.join('\n')}</ul>`}`,
    ),
    data: { performances },
  }
}

export function performancePage(performance: PerformanceCard, view: PageView): Page {
  const words = PAGE_WORDS[view.locale]
  const { name, performanceId, prices, currency } = performance
  const canonical = `${view.origin}/performances/${encodeURIComponent(performanceId)}`
  const rows = prices.map(
    ({ category, amount }) =>
      `<tr><th scope="row">${escapeHtml(category)}</th><td>${escapeHtml(priceText(amount, currency, view.locale))}</td></tr>`,
  )
  const state = stateOf(performance, view)
  return {
    status: 200,
    title: `${name} · ${SITE}`,
    description: words.description(name, timeOf(performance, view), placeOf(performance)),
    canonical,
    linkedData: eventOf(performance, canonical, view.nowMs),
    body: frame(
      view,
      `<h1>${escapeHtml(name)}</h1>
<p><time datetime="${performance.startsAt}">${escapeHtml(timeOf(performance, view))}</time></p>
<p>${escapeHtml(placeOf(performance))}</p>
${state === '' ? '' : `<p>${escapeHtml(state)}</p>`}
<h2>${escapeHtml(words.prices)}</h2>
<table><tbody>${rows.join('')}</tbody></table>
<noscript><p>${escapeHtml(words.needsScript)}</p></noscript>`,
    ),
    data: { performance },
  }
}

export function notFoundPage(view: PageView): Page {
  const words = PAGE_WORDS[view.locale]
  return {
    status: 404,
    title: `${words.notFound} · ${SITE}`,
    description: words.notFoundDetail,
    body: frame(
      view,
      `<h1>${escapeHtml(words.notFound)}</h1><p>${escapeHtml(words.notFoundDetail)}</p><p><a href="/">${escapeHtml(words.toPerformances)}</a></p>`,
    ),
    data: {},
  }
}

/** Pages of one person's own, which need scripts: nothing of them is known before. */
export function ownPage(kind: 'mySeats' | 'organise', view: PageView): Page {
  const words = PAGE_WORDS[view.locale]
  const body = `<h1>${escapeHtml(words[kind])}</h1><noscript><p>${escapeHtml(words.needsScript)}</p></noscript>`
  return { status: 200, title: `${words[kind]} · ${SITE}`, description: words.performancesDescription, body: frame(view, body), data: {} }
}

function frame({ locale }: PageView, main: string): string {
  const words = PAGE_WORDS[locale]
  return `<a class="skip" href="#content">${escapeHtml(words.skip)}</a>
<header class="site-header"><a class="brand" href="/">${SITE}</a><nav><a href="/">${escapeHtml(words.performances)}</a><a href="/holds">${escapeHtml(words.mySeats)}</a></nav></header>
<main id="content" tabindex="-1">
${main}
</main>`
}

/** Puts a page into the shell that the web client was built with. `scheme` is what this browser's owner chose. */
export function renderPage(shell: string, page: Page, view: PageView, scheme: 'light' | 'dark' | undefined): string {
  const { title, description, canonical, linkedData, data } = page
  const head = [
    `<title>${escapeHtml(title)}</title>`,
    `<meta name="description" content="${escapeHtml(description)}">`,
    ...(canonical === undefined ? ['<meta name="robots" content="noindex">'] : openGraph(title, description, canonical, view.locale)),
    ...(linkedData === undefined ? [] : [`<script type="application/ld+json">${jsonForScript(linkedData)}</script>`]),
  ]
  const lang = `lang="${view.locale}"${scheme === undefined ? '' : ` data-scheme="${scheme}"`}`
  const parts: Readonly<Record<string, string>> = {
    head: head.join('\n'),
    body: page.body,
    data: `<script type="application/json" id="page-data">${jsonForScript({ status: page.status, ...data })}</script>`,
  }
  return shell.replace('lang="en"', () => lang).replace(/<!--cavea:(head|body|data)-->/g, (_, part: string) => parts[part] ?? '')
}

const openGraph = (title: string, description: string, canonical: string, locale: Locale): readonly string[] => [
  `<link rel="canonical" href="${escapeHtml(canonical)}">`,
  '<meta property="og:type" content="website">',
  `<meta property="og:site_name" content="${SITE}">`,
  `<meta property="og:title" content="${escapeHtml(title)}">`,
  `<meta property="og:description" content="${escapeHtml(description)}">`,
  `<meta property="og:url" content="${escapeHtml(canonical)}">`,
  `<meta property="og:locale" content="${locale.replace('-', '_')}">`,
  '<meta name="twitter:card" content="summary">',
]

function eventOf(performance: PerformanceCard, url: string, nowMs: number): object {
  const { name, startsAt, endsAt, saleStartsAt, saleEndsAt, currency, prices, available, venue } = performance
  const isOver = Date.parse(endsAt ?? startsAt) <= nowMs || (saleEndsAt !== null && Date.parse(saleEndsAt) <= nowMs)
  return {
    '@context': 'https://schema.org',
    '@type': 'Event',
    name,
    startDate: startsAt,
    ...(endsAt !== null && { endDate: endsAt }),
    eventStatus: 'https://schema.org/EventScheduled',
    eventAttendanceMode: 'https://schema.org/OfflineEventAttendanceMode',
    url,
    location: {
      '@type': 'Place',
      name: venue.name,
      address: {
        '@type': 'PostalAddress',
        streetAddress: venue.street,
        postalCode: venue.postalCode,
        addressLocality: venue.city,
        addressCountry: venue.country,
      },
    },
    offers: prices.map(({ category, amount }) => ({
      '@type': 'Offer',
      name: category,
      price: decimalOf(amount, currency),
      priceCurrency: currency,
      url,
      availability: `https://schema.org/${isOver || available === 0 ? 'SoldOut' : 'InStock'}`,
      ...(saleStartsAt !== null && { validFrom: saleStartsAt }),
      ...(saleEndsAt !== null && { validThrough: saleEndsAt }),
    })),
  }
}

/** Whether it can be bought, and for how much, in a few words. */
function stateOf(performance: PerformanceCard, { locale, nowMs }: PageView): string {
  const words = PAGE_WORDS[locale]
  const { startsAt, endsAt, saleStartsAt, saleEndsAt, available, venue } = performance
  if (Date.parse(endsAt ?? startsAt) <= nowMs) return words.ended
  if (saleEndsAt !== null && Date.parse(saleEndsAt) <= nowMs) return words.closed
  if (saleStartsAt !== null && Date.parse(saleStartsAt) > nowMs) return words.opensAt(timeText(saleStartsAt, venue.timeZone, locale))
  if (available === 0) return words.soldOut
  return [pricesText(performance, locale), available === null ? '' : words.available(available.toLocaleString(locale))]
    .filter((part) => part !== '')
    .join(' · ')
}

function pricesText({ prices, currency }: PerformanceCard, locale: Locale): string {
  const amounts = prices.map(({ amount }) => amount)
  if (amounts.length === 0) return ''
  const [low, high] = [Math.min(...amounts), Math.max(...amounts)].map((amount) => priceText(amount, currency, locale))
  return low === high || high === undefined ? String(low) : PAGE_WORDS[locale].fromTo(String(low), high)
}

const timeOf = ({ startsAt, venue }: PerformanceCard, { locale }: PageView): string => timeText(startsAt, venue.timeZone, locale)

const placeOf = ({ venue }: PerformanceCard): string => [venue.name, venue.city].filter((part) => part !== '').join(', ')

const timeText = (at: string, timeZone: string, locale: Locale): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short', timeZone }).format(new Date(at))

const digitsOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2

const decimalOf = (amount: number, currency: string): string => (amount / 10 ** digitsOf(currency)).toFixed(digitsOf(currency))

const priceText = (amount: number, currency: string, locale: Locale): string =>
  new Intl.NumberFormat(locale, { style: 'currency', currency }).format(amount / 10 ** digitsOf(currency))
