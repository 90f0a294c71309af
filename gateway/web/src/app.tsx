import { lazy, type ReactNode, Suspense, useEffect, useRef } from 'react'
import { Provider as GraphqlProvider } from 'urql'
import { Route, Switch, useLocation } from 'wouter'
import { graphql } from './data/own-holds.ts'
import { AnnouncerProvider } from './frame/announcer.tsx'
import { Crashed, ErrorBoundary } from './frame/error-boundary.tsx'
import { Footer } from './frame/footer.tsx'
import { Header } from './frame/header.tsx'
import { NotFoundPage } from './frame/not-found-page.tsx'
import { OfflineBanner } from './frame/offline-banner.tsx'
import { Waiting } from './frame/waiting.tsx'
import { ListPage } from './performances/list-page.tsx'
import { WordsProvider } from './words/words.tsx'

const PerformancePage = lazy(() => import('./performance/performance-page.tsx').then((module) => ({ default: module.PerformancePage })))
const HoldsPage = lazy(() => import('./holds/holds-page.tsx').then((module) => ({ default: module.HoldsPage })))

// A chunk of its own, which buyers never load.
const organiseChunk = import.meta.glob<{ readonly OrganisePages: () => ReactNode }>('./organise/organise-pages.tsx')
const loadOrganise = organiseChunk['./organise/organise-pages.tsx']
const OrganisePages =
  loadOrganise === undefined ? NotFoundPage : lazy(() => loadOrganise().then((module) => ({ default: module.OrganisePages })))

export function App(): ReactNode {
  return (
    <WordsProvider>
      <GraphqlProvider value={graphql.client}>
        <AnnouncerProvider>
          <Header />
          <OfflineBanner />
          <Content>
            <ErrorBoundary fallback={<Crashed />}>
              <Suspense fallback={<Waiting />}>
                <Switch>
                  <Route path="/" component={ListPage} />
                  <Route path="/performances/:performanceId">
                    {({ performanceId }) => <PerformancePage key={performanceId} performanceId={performanceId} />}
                  </Route>
                  <Route path="/holds" component={HoldsPage} />
                  <Route path="/organise/*?" component={OrganisePages} />
                  <Route component={NotFoundPage} />
                </Switch>
              </Suspense>
            </ErrorBoundary>
          </Content>
          <Footer />
        </AnnouncerProvider>
      </GraphqlProvider>
    </WordsProvider>
  )
}

/** After a change of page the focus goes to its content, as it does when a browser loads a page. */
function Content({ children }: { readonly children: ReactNode }): ReactNode {
  const [path] = useLocation()
  const main = useRef<HTMLElement>(null)
  const shown = useRef(path)
  useEffect(() => {
    if (shown.current === path) return
    shown.current = path
    main.current?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [path])
  return (
    <main id="content" tabIndex={-1} ref={main}>
      {children}
    </main>
  )
}
