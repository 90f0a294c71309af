import type { ReactNode } from 'react'
import { Waiting } from '../../frame/waiting.tsx'
import { useWords } from '../../words/words.tsx'
import type { Known, SectionCounts } from '../data/answers.ts'
import { Scrolled } from '../frame/scrolled.tsx'
import { ShareLink } from '../frame/share-link.tsx'
import { useOrganiseWords } from '../words.ts'
import { FillChart } from './fill-chart.tsx'
import { sumOf } from './fill-curve.ts'
import { SalesTable } from './sales-table.tsx'
import { useIsLost } from './use-connection.ts'
import { useCounts, useCurve } from './use-counts.ts'

const STATES = ['sold', 'held', 'available', 'blocked'] as const

/** How full it is, how it came to be so, and what was earned. */
export function WatchPage({ performance }: { readonly performance: Known }): ReactNode {
  const t = useOrganiseWords()
  const { performanceId, timeZone, currency } = performance
  const sections = useCounts(performanceId)
  const isLost = useIsLost()
  const { curve, recorded } = useCurve(performanceId, sections)
  if (sections === undefined) return <Waiting />
  return (
    <div className="watch">
      <div>
        <div role="status">{isLost ? <p className="notice">{t('watch.lost')}</p> : null}</div>
        <Totals sections={sections} />
      </div>
      <FillChart curve={curve} recorded={recorded} timeZone={timeZone} />
      <Sections sections={sections} />
      <SalesTable performanceId={performanceId} currency={currency} sold={sumOf(sections).sold} />
      <ShareLink performanceId={performanceId} />
    </div>
  )
}

function Totals({ sections }: { readonly sections: readonly SectionCounts[] }): ReactNode {
  const t = useOrganiseWords()
  const { locale } = useWords()
  const total = sumOf(sections)
  const capacity = sections.reduce((sum, section) => sum + section.capacity, 0)
  const share = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 })
  return (
    <dl className="totals">
      {STATES.map((state) => (
        <div key={state} data-state={state}>
          <dt>{t(`state.${state}`)}</dt>
          <dd>
            <strong>{total[state].toLocaleString(locale)}</strong>{' '}
            <small>{share.format(capacity === 0 ? 0 : total[state] / capacity)}</small>
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Sections({ sections }: { readonly sections: readonly SectionCounts[] }): ReactNode {
  const t = useOrganiseWords()
  const { locale } = useWords()
  return (
    <section>
      <h2>{t('watch.sections')}</h2>
      <Scrolled label={t('watch.sections')}>
        <table className="numbers">
          <thead>
            <tr>
              <th scope="col">{t('watch.section')}</th>
              <th scope="col">{t('watch.capacity')}</th>
              {STATES.map((state) => (
                <th key={state} scope="col">
                  {t(`state.${state}`)}
                </th>
              ))}
              <th scope="col" className="bar-column">
                <span className="unseen">{t('watch.share')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {sections.map((section) => (
              <tr key={section.sectionId} data-section={section.sectionId}>
                <th scope="row">{section.name}</th>
                <td>{section.capacity.toLocaleString(locale)}</td>
                {STATES.map((state) => (
                  <td key={state}>{section[state].toLocaleString(locale)}</td>
                ))}
                <td className="bar-column">
                  <Bar section={section} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolled>
    </section>
  )
}

/** The row once more for the eye. */
function Bar({ section }: { readonly section: SectionCounts }): ReactNode {
  return (
    <span className="bar" aria-hidden="true">
      {STATES.filter((state) => section[state] > 0).map((state) => (
        <span key={state} data-state={state} style={{ flexGrow: section[state] }} />
      ))}
    </span>
  )
}
