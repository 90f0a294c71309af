import type { ReactNode } from 'react'
import { timeText } from '../../words/numbers.ts'
import { useWords } from '../../words/words.tsx'
import type { SeatDecision } from '../data/answers.ts'
import { hasWords, useOrganiseWords } from '../words.ts'

const EVENTS = ['SeatsHeld', 'HoldExtended', 'HoldReleased', 'HoldExpired', 'SeatsSold', 'SeatsBlocked', 'SeatsUnblocked'] as const
const COMMANDS = [
  ...(['HoldSeats', 'HoldBestAvailable', 'ExtendHold', 'ExtendPart', 'ReleaseHold', 'SellHold'] as const),
  ...(['BlockSeats', 'UnblockSeats', 'Tick'] as const),
] as const
const REFUSALS = ['SEAT_UNAVAILABLE', 'ORPHAN_SEAT', 'TABLE_SOLD_WHOLE', 'PURCHASE_LIMIT', 'SALE_NOT_OPEN'] as const
const ACTORS = ['buyer', 'organiser', 'system', 'cart'] as const

interface DecisionListProps {
  readonly decisions: readonly SeatDecision[]
  readonly timeZone: string
}

/** The newest first: what a seat is now has its reason at the top. */
export function DecisionList({ decisions, timeZone }: DecisionListProps): ReactNode {
  const t = useOrganiseWords()
  if (decisions.length === 0) return <p className="quiet">{t('seat.untouched')}</p>
  return (
    <>
      <h3>{t('seat.decisions', { count: decisions.length })}</h3>
      <ol className="decisions" reversed>
        {decisions.toReversed().map((decision) => (
          <li key={`${decision.decision} ${decision.event ?? decision.code}`} data-event={decision.event ?? decision.code}>
            <Decision decision={decision} timeZone={timeZone} />
          </li>
        ))}
      </ol>
    </>
  )
}

function Decision({ decision, timeZone }: { readonly decision: SeatDecision } & Omit<DecisionListProps, 'decisions'>): ReactNode {
  const t = useOrganiseWords()
  const { locale } = useWords()
  const { at, holdId, commandType, commandId, causationId, actor } = decision
  const exact = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', timeZone })
  const facts = [
    ['fact.actor', actor.id],
    ['fact.command', `${commandType} ${commandId}`],
    ['fact.cause', causationId],
    ['fact.hold', holdId ?? ''],
    ['fact.decision', decision.decision],
  ] as const
  return (
    <>
      <p className="decision-what">{useWhat(decision)}</p>
      <p className="quiet">
        <time dateTime={at} title={timeText(at, 'full', locale, timeZone)}>
          {exact.format(new Date(at))}
        </time>
        {' · '}
        {hasWords(COMMANDS, commandType) ? t(`command.${commandType}`) : commandType}
      </p>
      <details>
        <summary>{t('seat.more')}</summary>
        <dl className="facts">
          {facts.map(([name, value]) =>
            value === '' ? null : (
              <div key={name}>
                <dt>{t(name)}</dt>
                <dd>
                  <code>{value}</code>
                </dd>
              </div>
            ),
          )}
        </dl>
      </details>
    </>
  )
}

/** What was decided and for whom, in a sentence. */
function useWhat({ event, code, actor, commandType }: SeatDecision): string {
  const t = useOrganiseWords()
  const { locale } = useWords()
  // What the engine asks of a section, but for the passing of time, it asks for a hold that spans several.
  const kind = actor.kind === 'system' && commandType !== 'Tick' ? 'cart' : actor.kind
  const who = hasWords(ACTORS, kind) ? t(`actor.${kind}`) : kind
  if (event !== null) return hasWords(EVENTS, event) ? capitalized(t(`event.${event}`, { who }), locale) : event
  return hasWords(REFUSALS, code ?? '')
    ? t(`denied.${code as (typeof REFUSALS)[number]}`, { who })
    : t('denied.other', { who, code: code ?? '' })
}

/** Whoever the sentence begins with. */
const capitalized = (sentence: string, locale: string): string => sentence.charAt(0).toLocaleUpperCase(locale) + sentence.slice(1)
