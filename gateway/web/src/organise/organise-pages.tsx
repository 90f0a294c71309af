import type { ReactNode } from 'react'
import { Route, Switch } from 'wouter'
import { NotFoundPage } from '../frame/not-found-page.tsx'
import { CreatePage } from './create/create-page.tsx'
import { OrganiserOnly } from './frame/organiser-only.tsx'
import { PerformancesPage } from './list/performances-page.tsx'
import { OwnPerformance } from './performance/own-performance.tsx'
import './styles/states.css'
import './styles/frame.css'
import './styles/forms.css'
import './styles/create.css'
import './styles/watch.css'
import './styles/seats.css'

/** All that only organisers see, in a chunk that nobody else loads. */
export function OrganisePages(): ReactNode {
  return (
    <OrganiserOnly>
      <Switch>
        <Route path="/organise" component={PerformancesPage} />
        <Route path="/organise/new" component={CreatePage} />
        <Route path="/organise/performances/:performanceId/:page?">
          {({ performanceId, page }) => <OwnPerformance key={performanceId} performanceId={performanceId} page={page ?? 'watch'} />}
        </Route>
        <Route component={NotFoundPage} />
      </Switch>
    </OrganiserOnly>
  )
}
