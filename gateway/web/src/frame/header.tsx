import { type ReactNode, useState } from 'react'
import { Link, useRoute } from 'wouter'
import { chooseScheme, type Scheme, schemeOfPage } from '../data/preferences.ts'
import { endSession, useSession } from '../data/session.ts'
import { isLocale, LANGUAGE_NAMES, LOCALES } from '../words/locales.ts'
import { useWords } from '../words/words.tsx'

export function Header(): ReactNode {
  const { t } = useWords()
  return (
    <>
      <a className="skip" href="#content">
        {t('skip')}
      </a>
      <header className="site-header">
        <Link className="brand" href="/">
          Cavea
        </Link>
        <nav aria-label={t('nav.label')}>
          <NavLink href="/">{t('nav.performances')}</NavLink>
          <NavLink href="/holds">{t('nav.holds')}</NavLink>
          <OrganiserLinks />
        </nav>
        <div className="preferences">
          <LanguageMenu />
          <SchemeMenu />
        </div>
      </header>
    </>
  )
}

function NavLink({ href, children }: { readonly href: string; readonly children: ReactNode }): ReactNode {
  const [isHere] = useRoute(href)
  return (
    <Link href={href} aria-current={isHere ? 'page' : undefined}>
      {children}
    </Link>
  )
}

function OrganiserLinks(): ReactNode {
  const { t } = useWords()
  const session = useSession()
  if (session?.kind !== 'organiser') return null
  return (
    <>
      <NavLink href="/organise">{t('nav.organise')}</NavLink>
      <button
        type="button"
        className="link"
        onClick={() => {
          void endSession().then(
            () => location.assign('/'),
            () => undefined,
          )
        }}
      >
        {t('nav.signOut')}
      </button>
    </>
  )
}

function LanguageMenu(): ReactNode {
  const { t, locale, setLocale } = useWords()
  return (
    <label className="menu">
      <span className="unseen">{t('language')}</span>
      <select value={locale} onChange={({ target }) => isLocale(target.value) && setLocale(target.value)}>
        {LOCALES.map((each) => (
          <option key={each} value={each} lang={each}>
            {LANGUAGE_NAMES[each]}
          </option>
        ))}
      </select>
    </label>
  )
}

const SCHEMES = ['system', 'light', 'dark'] as const satisfies readonly Scheme[]

function SchemeMenu(): ReactNode {
  const { t } = useWords()
  const [scheme, setScheme] = useState<Scheme>(schemeOfPage)
  const choose = (chosen: Scheme): void => {
    setScheme(chosen)
    chooseScheme(chosen)
  }
  return (
    <label className="menu">
      <span className="unseen">{t('scheme')}</span>
      <select value={scheme} onChange={({ target }) => choose(SCHEMES.find((each) => each === target.value) ?? 'system')}>
        {SCHEMES.map((each) => (
          <option key={each} value={each}>
            {t(`scheme.${each}`)}
          </option>
        ))}
      </select>
    </label>
  )
}
