import { type FormEvent, type ReactNode, useMemo, useRef, useState } from 'react'
import { ApiProblem } from '../../data/api.ts'
import { serverClock } from '../../data/server-clock.ts'
import { useWords } from '../../words/words.tsx'
import type { PerformanceSummary, Venue } from '../data/answers.ts'
import { useAction } from '../data/use-action.ts'
import { Refused } from '../frame/refused.tsx'
import { useOrganiseWords } from '../words.ts'
import { Field } from './field.tsx'
import { FinePrint } from './fine-print.tsx'
import { currencies, currencyOf } from './places.ts'
import { PlanPreview } from './plan-preview.tsx'
import type { ChosenPlan } from './plan-step.tsx'
import { PriceFields } from './price-fields.tsx'
import { fieldAt, readSale, type SaleFaults, type SaleField, type SaleForm } from './sale-form.ts'
import { fieldOf } from './zoned-time.ts'

const DAY_MS = 86_400_000
const EVENING = '20:00'

interface SaleStepProps {
  readonly venue: Venue
  readonly plan: ChosenPlan
  readonly onOpened: (performance: PerformanceSummary) => void
}

/** When, for how much, and by which rules. What is usual stands there already. */
export function SaleStep({ venue, plan, onOpened }: SaleStepProps): ReactNode {
  const t = useOrganiseWords()
  const { locale } = useWords()
  const { timeZone } = venue
  const { map, warnings } = plan
  const { doing, run, dismiss } = useAction()
  const [form, setForm] = useState<SaleForm>(() => usualForm(plan, venue))
  const [faults, setFaults] = useState<SaleFaults>(new Map())
  const element = useRef<HTMLFormElement>(null)
  const categories = useMemo(() => map.categories.map(({ name }) => name), [map])
  const moneys = useMemo(() => currencies(locale), [locale])
  const { words: refused, rest } = useRefusedFields(doing.state === 'refused' ? doing.error : undefined)

  const set = (change: Partial<SaleForm>): void => {
    setForm((before) => ({ ...before, ...change }))
    setFaults(new Map())
    if (doing.state === 'refused') dismiss()
  }
  const faultOf = (field: SaleField): string | undefined => {
    const fault = faults.get(field)
    return fault === undefined ? refused.get(field) : t(`fault.${fault}`)
  }

  async function open(event: FormEvent): Promise<void> {
    event.preventDefault()
    const sale = readSale(form, { seatMapId: map.seatMapId, timeZone, categories, nowMs: serverClock.nowMs() })
    if (sale.outcome === 'faulty') {
      setFaults(sale.faults)
      return focusFirstFault(element.current)
    }
    const answer = await run<PerformanceSummary>('POST', '/v1/performances', sale.request)
    if (answer !== undefined) onOpened(answer.body)
    else focusFirstFault(element.current)
  }

  const time = (field: 'startsAt' | 'endsAt' | 'saleStartsAt' | 'saleEndsAt', label: string, isRequired: boolean): ReactNode => (
    <Field label={label} fault={faultOf(field)}>
      {(control) => (
        <input
          {...control}
          type="datetime-local"
          required={isRequired}
          value={form[field]}
          onChange={({ target }) => set({ [field]: target.value })}
        />
      )}
    </Field>
  )
  return (
    <form noValidate ref={element} className="fields" onSubmit={(event) => void open(event)}>
      {warnings.length === 0 ? null : <Warnings plan={plan} />}
      <Field label={t('sale.name')} fault={faultOf('name')} className="wide">
        {(control) => (
          <input {...control} required maxLength={200} value={form.name} onChange={({ target }) => set({ name: target.value })} />
        )}
      </Field>
      {time('startsAt', t('sale.startsAt'), true)}
      {time('endsAt', t('sale.endsAt'), false)}
      <p className="quiet wide">{t('sale.zone', { zone: timeZone.replaceAll('_', ' ') })}</p>
      <fieldset className="wide">
        <legend>{t('sale.prices')}</legend>
        <Field label={t('sale.currency')}>
          {(control) => (
            <select {...control} value={form.currency} onChange={({ target }) => set({ currency: target.value })}>
              {moneys.map(({ code, name }) => (
                <option key={code} value={code}>
                  {`${name} (${code})`}
                </option>
              ))}
            </select>
          )}
        </Field>
        <PriceFields map={map} currency={form.currency} prices={form.prices} faultOf={faultOf} onChange={(prices) => set({ prices })} />
      </fieldset>
      <PlanPreview map={map} prices={form.prices} currency={form.currency} />
      <fieldset>
        <legend>{t('sale.opens')}</legend>
        <Choices
          name="opens"
          values={['now', 'at']}
          value={form.opens}
          say={(each) => t(`sale.opens.${each}`)}
          onChange={(opens) => set({ opens })}
        />
        {form.opens === 'at' ? time('saleStartsAt', t('sale.opensAt'), true) : null}
      </fieldset>
      <fieldset>
        <legend>{t('sale.closes')}</legend>
        <Choices
          name="closes"
          values={['start', 'never', 'at']}
          value={form.closes}
          say={(each) => t(`sale.closes.${each}`)}
          onChange={(closes) => set({ closes })}
        />
        {form.closes === 'at' ? time('saleEndsAt', t('sale.closesAt'), true) : null}
      </fieldset>
      <FinePrint
        form={form}
        faultOf={faultOf}
        onChange={set}
        isOpen={[...faults.keys(), ...refused.keys()].some((field) => FINE.has(field))}
      />
      {faults.size > 0 ? (
        <p className="fault wide" role="alert">
          {t('sale.mend', { count: faults.size })}
        </p>
      ) : null}
      {rest === undefined ? null : (
        <div className="wide">
          <Refused error={rest} onDismiss={dismiss} />
        </div>
      )}
      <div className="actions wide">
        <button type="submit" className="primary" aria-disabled={doing.state === 'busy'}>
          {doing.state === 'busy' ? t('sale.opening') : t('sale.open')}
        </button>
      </div>
    </form>
  )
}

const FINE: ReadonlySet<SaleField> = new Set([
  'holdMinutes',
  'extensionMinutes',
  'maxMinutes',
  'seatsPerHold',
  'purchaseLimit',
  'orphanRule',
])

function usualForm({ map }: ChosenPlan, { timeZone, address }: Venue): SaleForm {
  const day = fieldOf(serverClock.nowMs() + 30 * DAY_MS, timeZone).slice(0, 10)
  return {
    name: map.name,
    startsAt: `${day}T${EVENING}`,
    endsAt: '',
    opens: 'now',
    saleStartsAt: '',
    closes: 'start',
    saleEndsAt: '',
    currency: currencyOf(address.country),
    prices: {},
    holdMinutes: '10',
    extensionMinutes: '10',
    maxMinutes: '30',
    seatsPerHold: '10',
    purchaseLimit: '',
    orphanRule: 'lenient',
  }
}

/** After the next drawing, when the fields know what is wrong with them. */
function focusFirstFault(form: HTMLFormElement | null): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
}

/** What the server found wrong with fields, as it says it; what is about none of them is for the whole form. */
function useRefusedFields(error: unknown): { readonly words: ReadonlyMap<SaleField, string>; readonly rest: unknown } {
  return useMemo(() => {
    const words = new Map<SaleField, string>()
    if (!(error instanceof ApiProblem)) return { words, rest: error }
    for (const { pointer, detail } of error.body.errors ?? []) {
      const field = fieldAt(pointer)
      if (field !== undefined) words.set(field, detail)
    }
    return { words, rest: words.size === 0 ? error : undefined }
  }, [error])
}

interface ChoicesProps<Value extends string> {
  readonly name: string
  readonly values: readonly Value[]
  readonly value: Value
  readonly say: (value: Value) => string
  readonly onChange: (value: Value) => void
}

function Choices<Value extends string>({ name, values, value, say, onChange }: ChoicesProps<Value>): ReactNode {
  return values.map((each) => (
    <label key={each} className="choice">
      <input type="radio" name={name} checked={each === value} onChange={() => onChange(each)} />
      <span>{say(each)}</span>
    </label>
  ))
}

function Warnings({ plan }: { readonly plan: ChosenPlan }): ReactNode {
  const t = useOrganiseWords()
  return (
    <details className="notice wide">
      <summary>{t('plan.warnings', { count: plan.warnings.length })}</summary>
      <ul>
        {plan.warnings.map(({ pointer, code, detail }) => (
          <li key={`${pointer} ${code}`} lang="en">
            {detail}
          </li>
        ))}
      </ul>
    </details>
  )
}
