import { startTransition } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { loadSession } from './data/session.ts'
import { loadSiteMessages, pageLocale } from './words/words.tsx'
import './styles/tokens.css'
import './styles/base.css'
import './styles/parts.css'
import './styles/pages.css'

const root = document.getElementById('root')
if (root === null) throw new TypeError('The page has no place for the client.')
// What this page will need is fetched while its words are.
if (location.pathname.startsWith('/performances/')) void import('./performance/performance-page.tsx')
loadSession().catch(() => undefined) // Asked again by whoever needs it.
loadSiteMessages(pageLocale()).then(
  // As a transition: what the server wrote stays until there is something better.
  () => startTransition(() => createRoot(root).render(<App />)),
  (error: unknown) => console.error(error),
)
