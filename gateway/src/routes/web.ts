import { fileURLToPath } from 'node:url'
import type { Performance } from '@cavea/contracts/catalog/directory'
import { HttpProblem } from '@cavea/service-kit/problem'
import type { Router } from '@koa/router'
import type { Context, Middleware } from 'koa'
import { type PerformanceCard, performanceCard } from '../answers/page-data.ts'
import { type Locale, localeFor } from '../answers/page-words.ts'
import { listPage, notFoundPage, ownPage, type Page, type PageView, performancePage, renderPage } from '../answers/pages.ts'
import { pageSecurityHeaders } from '../middleware/security-headers.ts'
import type { RouteDeps } from './deps.ts'
import { readJson } from './hold-reader.ts'
import { catalogLoading, findPerformance } from './lookups.ts'
import { passedOn } from './reads.ts'
import { readWebFiles, type WebFile, type WebFiles } from './web-files.ts'

/** Beside this service, whether it runs from its sources or compiled. */
const WEB_FOLDER = fileURLToPath(new URL('../../web/dist/', import.meta.url))
/** What a page is drawn from, for a client that is there already and needs no page around it. */
const PAGE_DATA_TYPE = 'application/vnd.cavea.page+json'
const CARDS_MAX = 100
const SEARCH_CHARS_MAX = 100
/** Shown for so long after their beginning where no end is known. */
const LINGER_MS = 6 * 3_600_000
const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Cavea</title>
<p>The web client was not built. <code>npm run build -w @cavea/web</code> builds it. The API is described at <a href="/docs">/docs</a>.</p></html>
`

export interface WebDeps extends Pick<RouteDeps, 'commands' | 'directory' | 'reads'> {
  readonly https: boolean
  /** Where the built web client is. */
  readonly folder?: string
}

interface Site {
  readonly view: (context: Context) => PageView
  readonly answer: (context: Context, page: Page, view: PageView) => void
}

/** The web client: pages that say in HTML what they are about before any script runs, and the files that they need. */
export function mountWeb(router: Router, deps: WebDeps): { readonly answerMissing: Middleware } {
  let read: { readonly web: WebFiles | undefined } | undefined
  const web = (): WebFiles | undefined => {
    read ??= { web: readWebFiles(deps.folder ?? WEB_FOLDER) }
    return read.web
  }
  const site = siteOf(web, deps.https)

  router.get('/', async function showPerformances(context, next) {
    if (!asksForPage(context)) return await next()
    const view = site.view(context)
    const search = searchOf(context)
    site.answer(context, listPage(await performancesFor(deps, context, search, view.nowMs), search, view), view)
  })
  router.get('/performances/:performanceId', async function showPerformance(context) {
    const view = site.view(context)
    const performance = await knownPerformance(deps, context.params['performanceId'] ?? '')
    site.answer(
      context,
      performance === undefined ? notFoundPage(view) : performancePage(await cardOf(deps, context, performance), view),
      view,
    )
  })
  router.get('/holds', function showHolds(context) {
    const view = site.view(context)
    site.answer(context, ownPage('mySeats', view), view)
  })
  for (const path of ['/organise', '/organise/*rest'])
    router.get(path, function showOrganise(context) {
      const view = site.view(context)
      site.answer(context, ownPage('organise', view), view)
    })
  for (const path of ['/assets/:name', '/:name.svg', '/:name.webmanifest'])
    router.get(path, function readFile(context) {
      const file = web()?.files.get(context.path)
      if (file === undefined) throw new HttpProblem({ status: 404, code: 'NOT_FOUND', detail: `There is nothing at ${context.path}.` })
      answerFile(context, file)
    })

  return {
    /** A person who follows a dead link reads words; programs get the problem that they expect. */
    async answerMissing(context, next) {
      await next()
      const isUnanswered = context.status === 404 && (context.body === undefined || context.body === null)
      if (!isUnanswered || !['GET', 'HEAD'].includes(context.method) || context.accepts('json', 'html') !== 'html') return
      if (context.path.startsWith('/v1/') || web() === undefined) return
      const view = site.view(context)
      site.answer(context, notFoundPage(view), view)
    },
  }
}

/** Programs that take anything get the API's entrance, as ever. */
const asksForPage = (context: Context): boolean => context.accepts('json', 'html', PAGE_DATA_TYPE) !== 'json'

function siteOf(web: () => WebFiles | undefined, https: boolean): Site {
  return {
    view(context) {
      const origin = `${https ? 'https' : context.protocol}://${hostOf(context)}`
      return { locale: localeOf(context), origin, nowMs: Date.now() }
    },
    answer(context, page, view) {
      context.status = page.status
      context.set('Cache-Control', 'no-cache')
      context.vary(['Accept', 'Accept-Language', 'Cookie'])
      if (context.accepts('html', PAGE_DATA_TYPE) === PAGE_DATA_TYPE) {
        context.body = JSON.stringify({ status: page.status, ...page.data })
        context.type = PAGE_DATA_TYPE
        return
      }
      for (const [name, value] of Object.entries(pageSecurityHeaders(hostOf(context)))) context.set(name, value)
      context.set('Content-Language', view.locale)
      const shell = web()?.shell
      context.body = shell === undefined ? NOT_BUILT : renderPage(shell, page, view, schemeOf(context))
      context.type = 'text/html; charset=utf-8'
    },
  }
}

const HOST = /^(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i

/** The host that the client named. It goes into headers and links, so nothing but a host may stand there. */
function hostOf({ host }: Context): string {
  if (HOST.test(host)) return host.toLowerCase()
  throw new HttpProblem({ status: 400, code: 'BAD_REQUEST', detail: 'The Host header names no host.' })
}

/** What the person chose before, else what the browser asks for. */
function localeOf(context: Context): Locale {
  const chosen = context.cookies.get('cavea_language')
  const asked = context.acceptsLanguages()
  return localeFor([...(chosen === undefined ? [] : [chosen]), ...(Array.isArray(asked) ? asked : [])])
}

function schemeOf(context: Context): 'light' | 'dark' | undefined {
  const scheme = context.cookies.get('cavea_scheme')
  return scheme === 'light' || scheme === 'dark' ? scheme : undefined
}

function searchOf(context: Context): string {
  const { q } = context.query
  return (typeof q === 'string' ? q : '').trim().slice(0, SEARCH_CHARS_MAX)
}

/** Undefined when there is none. Throws a 503 problem while that cannot be told. */
async function knownPerformance(deps: WebDeps, id: string): Promise<Performance | undefined> {
  try {
    return await findPerformance(deps, id)
  } catch (error) {
    if (error instanceof HttpProblem && error.status === 404) return undefined
    throw error
  }
}

async function cardOf(deps: WebDeps, context: Context, performance: Performance): Promise<PerformanceCard> {
  const available = await availableIn(deps, context, performance.performanceId)
  return performanceCard(performance, deps.directory.venue(performance.venueId), available)
}

/** Null when it cannot be told now: the page is worth reading without it. */
async function availableIn({ reads }: WebDeps, context: Context, performanceId: string): Promise<number | null> {
  try {
    const target = `/v1/performances/${encodeURIComponent(performanceId)}/availability`
    const answer = (await readJson(reads, { method: 'GET', target, headers: { traceparent: passedOn(context)['traceparent'] ?? '' } })) as {
      readonly sections: readonly { readonly available: number }[]
    }
    return answer.sections.reduce((places, { available }) => places + available, 0)
  } catch {
    return null
  }
}

/** What can be bought or soon will be, the soonest first; or what a search finds, the best first. */
async function performancesFor(deps: WebDeps, context: Context, search: string, nowMs: number): Promise<readonly PerformanceCard[]> {
  if (!deps.commands.caughtUp('catalog')) throw catalogLoading()
  const found = search === '' ? [] : await foundBy(deps, context, search)
  // A search knows whole words; somebody who is still typing has the beginning of one.
  const near = soonest(deps, nowMs).filter((performance) => hasWords(deps, performance, search))
  const performances = [...new Set([...found, ...near])]
  return performances
    .slice(0, CARDS_MAX)
    .map((performance) => performanceCard(performance, deps.directory.venue(performance.venueId), null))
}

const soonest = ({ directory }: WebDeps, nowMs: number): readonly Performance[] =>
  [...directory.performances()]
    .filter(({ status, startsAtMs, endsAtMs }) => status === 'scheduled' && (endsAtMs ?? startsAtMs + LINGER_MS) > nowMs)
    .sort((a, b) => a.startsAtMs - b.startsAtMs)

/** None where there is no search at the moment. */
async function foundBy({ reads, directory }: WebDeps, context: Context, search: string): Promise<readonly Performance[]> {
  try {
    const query = new URLSearchParams({ q: search, limit: String(CARDS_MAX) })
    const target = `/v1/performances?${query.toString()}`
    const answer = (await readJson(reads, { method: 'GET', target, headers: { traceparent: passedOn(context)['traceparent'] ?? '' } })) as {
      readonly data: readonly { readonly performanceId: string }[]
    }
    return answer.data.flatMap(({ performanceId }) => directory.performance(performanceId) ?? [])
  } catch {
    return []
  }
}

/** Whether each word stands in the name or the place, whatever its case. */
function hasWords({ directory }: WebDeps, { name, venueId }: Performance, search: string): boolean {
  const venue = directory.venue(venueId)
  const text = `${name} ${venue?.name ?? ''} ${venue?.address.city ?? ''}`.toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

const IMMUTABLE = 'public, max-age=31536000, immutable'

function answerFile(context: Context, { plain, coded, type, tag, immutable }: WebFile): void {
  const coding = context.acceptsEncodings(...coded.keys(), 'identity')
  const bytes = coding === 'br' || coding === 'gzip' ? coded.get(coding) : undefined
  context.status = 200
  // Each coding is a representation of its own.
  context.set({
    ETag: bytes === undefined ? tag : `${tag.slice(0, -1)}-${String(coding)}"`,
    'Cache-Control': immutable ? IMMUTABLE : 'no-cache',
  })
  context.vary('Accept-Encoding')
  if (context.fresh) {
    context.status = 304
    return
  }
  if (bytes !== undefined) context.set('Content-Encoding', String(coding))
  context.body = bytes ?? plain
  context.type = type
}
