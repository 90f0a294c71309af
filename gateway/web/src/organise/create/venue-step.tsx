import { type FormEvent, type ReactNode, useCallback, useMemo, useState } from 'react'
import { Failed } from '../../frame/failed.tsx'
import { Waiting } from '../../frame/waiting.tsx'
import { useWords } from '../../words/words.tsx'
import type { Venue } from '../data/answers.ts'
import { readPerformances, readVenuesOf } from '../data/organiser-api.ts'
import { useAction } from '../data/use-action.ts'
import { useLoaded } from '../data/use-loaded.ts'
import { Refused } from '../frame/refused.tsx'
import { useOrganiseWords } from '../words.ts'
import { Field } from './field.tsx'
import { countries, homeCountry, homeTimeZone, timeZones } from './places.ts'

/** Of the newest performances: more nobody wants to choose from. */
const VENUES_MAX = 20

async function readVenues(signal: AbortSignal): Promise<readonly Venue[]> {
  return await readVenuesOf((await readPerformances(signal)).toReversed(), VENUES_MAX, signal)
}

interface VenueStepProps {
  readonly chosen: Venue | undefined
  readonly onDone: (venue: Venue) => void
}

export function VenueStep({ chosen, onDone }: VenueStepProps): ReactNode {
  const loading = useLoaded(readVenues)
  const venues = useMemo(() => {
    if (loading.state !== 'ready') return []
    const isKnown = chosen === undefined || loading.data.some(({ venueId }) => venueId === chosen.venueId)
    return isKnown ? loading.data : [chosen, ...loading.data]
  }, [loading, chosen])
  if (loading.state === 'loading') return <Waiting />
  if (loading.state === 'failed') return <Failed error={loading.error} onAgain={loading.again} />
  return <Choice venues={venues} chosen={chosen} onDone={onDone} />
}

function Choice({ venues, chosen, onDone }: VenueStepProps & { readonly venues: readonly Venue[] }): ReactNode {
  const t = useOrganiseWords()
  const [venueId, setVenueId] = useState(chosen?.venueId ?? venues[0]?.venueId ?? '')
  const known = venues.find((venue) => venue.venueId === venueId)
  if (venues.length === 0) return <NewVenue onDone={onDone} />
  return (
    <>
      <fieldset className="choices">
        <legend className="unseen">{t('create.venue')}</legend>
        {venues.map((venue) => (
          <label key={venue.venueId} className="choice">
            <input type="radio" name="venue" checked={venue.venueId === venueId} onChange={() => setVenueId(venue.venueId)} />
            <span>
              {venue.name}
              <small>{[venue.address.city, venue.timeZone].filter((part) => part !== '').join(' · ')}</small>
            </span>
          </label>
        ))}
        <label className="choice">
          <input type="radio" name="venue" checked={known === undefined} onChange={() => setVenueId('')} />
          <span>{t('venue.other')}</span>
        </label>
      </fieldset>
      {known === undefined ? (
        <NewVenue onDone={onDone} />
      ) : (
        <div className="actions">
          <button type="button" className="primary" onClick={() => onDone(known)}>
            {t('next')}
          </button>
        </div>
      )}
    </>
  )
}

function NewVenue({ onDone }: Pick<VenueStepProps, 'onDone'>): ReactNode {
  const t = useOrganiseWords()
  const { locale } = useWords()
  const { doing, run, dismiss } = useAction()
  const [name, setName] = useState('')
  const [timeZone, setTimeZone] = useState(homeTimeZone)
  const [address, setAddress] = useState({ street: '', city: '', postalCode: '', country: homeCountry() })
  const [isTried, setTried] = useState(false)
  const zones = useMemo(timeZones, [])
  const lands = useMemo(() => countries(locale), [locale])
  const isNameless = name.trim() === ''

  const create = useCallback(
    async (event: FormEvent<HTMLFormElement>) => {
      event.preventDefault()
      const form = event.currentTarget
      setTried(true)
      if (isNameless) return form.querySelector('input')?.focus()
      const answer = await run<Venue>('POST', '/v1/venues', { name: name.trim(), timeZone, address })
      if (answer !== undefined) onDone(answer.body)
    },
    [isNameless, name, timeZone, address, run, onDone],
  )

  return (
    <form noValidate className="fields" onSubmit={(event) => void create(event)}>
      <Field label={t('venue.name')} fault={isTried && isNameless ? t('fault.REQUIRED') : undefined} className="wide">
        {(control) => (
          <input {...control} required maxLength={200} autoComplete="off" value={name} onChange={({ target }) => setName(target.value)} />
        )}
      </Field>
      {(['street', 'postalCode', 'city'] as const).map((part) => (
        <Field key={part} label={t(`venue.${part}`)}>
          {(control) => (
            <input
              {...control}
              maxLength={part === 'postalCode' ? 20 : 200}
              autoComplete="off"
              value={address[part]}
              onChange={({ target }) => setAddress({ ...address, [part]: target.value })}
            />
          )}
        </Field>
      ))}
      <Field label={t('venue.country')}>
        {(control) => (
          <select {...control} value={address.country} onChange={({ target }) => setAddress({ ...address, country: target.value })}>
            {lands.map((land) => (
              <option key={land.code} value={land.code}>
                {land.name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={t('venue.timeZone')} hint={t('venue.timeZoneHint')}>
        {(control) => (
          <select {...control} value={timeZone} onChange={({ target }) => setTimeZone(target.value)}>
            {zones.map((zone) => (
              <option key={zone} value={zone}>
                {zone.replaceAll('_', ' ')}
              </option>
            ))}
          </select>
        )}
      </Field>
      {doing.state === 'refused' ? <Refused error={doing.error} onDismiss={dismiss} /> : null}
      <div className="actions wide">
        <button type="submit" className="primary" aria-disabled={doing.state === 'busy'}>
          {t('venue.create')}
        </button>
      </div>
    </form>
  )
}
