import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { Link } from 'wouter'
import { useTitle } from '../../frame/title.ts'
import type { PerformanceSummary, Venue } from '../data/answers.ts'
import { useOrganiseWords } from '../words.ts'
import { Opened } from './opened.tsx'
import { type ChosenPlan, PlanStep } from './plan-step.tsx'
import { SaleStep } from './sale-step.tsx'
import { VenueStep } from './venue-step.tsx'

const STEPS = ['venue', 'plan', 'sale'] as const
type Step = (typeof STEPS)[number]

/** From a venue over its seating plan to a performance on sale. */
export function CreatePage(): ReactNode {
  const t = useOrganiseWords()
  const [step, setStep] = useState<Step>('venue')
  const [venue, setVenue] = useState<Venue>()
  const [plan, setPlan] = useState<ChosenPlan>()
  const [opened, setOpened] = useState<PerformanceSummary>()
  useTitle(t('create.title'))

  if (opened !== undefined && venue !== undefined) return <Opened performance={opened} />
  return (
    <>
      <p className="back">
        <Link href="/organise">{t('back')}</Link>
      </p>
      <h1>{t('create.title')}</h1>
      <ol className="steps">
        <StepBox
          {...{ step: 'venue', now: step }}
          summary={venue === undefined ? undefined : venueLine(venue)}
          onChange={() => setStep('venue')}
        >
          <VenueStep
            chosen={venue}
            onDone={(chosen) => {
              if (chosen.venueId !== venue?.venueId) setPlan(undefined)
              setVenue(chosen)
              setStep('plan')
            }}
          />
        </StepBox>
        <StepBox
          {...{ step: 'plan', now: step }}
          summary={plan === undefined ? undefined : t('plan.summary', { name: plan.map.name, count: plan.map.capacity })}
          onChange={() => setStep('plan')}
        >
          {venue === undefined ? null : (
            <PlanStep
              venue={venue}
              onDone={(chosen) => {
                setPlan(chosen)
                setStep('sale')
              }}
            />
          )}
        </StepBox>
        <StepBox {...{ step: 'sale', now: step }} summary={undefined} onChange={() => setStep('sale')}>
          {venue === undefined || plan === undefined ? null : (
            <SaleStep key={plan.map.seatMapId} venue={venue} plan={plan} onOpened={setOpened} />
          )}
        </StepBox>
      </ol>
    </>
  )
}

const venueLine = ({ name, address, timeZone }: Venue): string => [name, address.city, timeZone].filter((part) => part !== '').join(' · ')

interface StepBoxProps {
  readonly step: Step
  readonly now: Step
  /** What was chosen; undefined: nothing yet. */
  readonly summary: string | undefined
  readonly onChange: () => void
  readonly children: ReactNode
}

/** A step is open, or says in a line what was chosen in it, or waits for those before. */
function StepBox({ step, now, summary, onChange, children }: StepBoxProps): ReactNode {
  const t = useOrganiseWords()
  const id = useId()
  const heading = useRef<HTMLHeadingElement>(null)
  const isNow = step === now
  const wasNow = useRef(isNow)
  useEffect(() => {
    // Who comes from the step before stands at the beginning of this one.
    if (isNow && !wasNow.current) heading.current?.focus()
    wasNow.current = isNow
  }, [isNow])
  return (
    <li className="step" aria-current={isNow ? 'step' : undefined} data-step={step}>
      <section aria-labelledby={id}>
        <div className="step-head">
          <h2 id={id} tabIndex={-1} ref={heading}>
            {t(`create.${step}`)}
          </h2>
          {isNow || summary === undefined ? null : (
            <button type="button" className="plain" onClick={onChange} aria-label={t('create.changeOf', { step: t(`create.${step}`) })}>
              {t('create.change')}
            </button>
          )}
        </div>
        {isNow ? children : <p className="quiet step-summary">{summary ?? ''}</p>}
      </section>
    </li>
  )
}
