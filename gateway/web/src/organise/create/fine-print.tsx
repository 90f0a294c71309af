import { type ReactNode, useState } from 'react'
import { useOrganiseWords } from '../words.ts'
import { Field } from './field.tsx'
import { ORPHAN_RULES, type SaleField, type SaleForm } from './sale-form.ts'

interface FinePrintProps {
  readonly form: SaleForm
  readonly faultOf: (field: SaleField) => string | undefined
  readonly onChange: (change: Partial<SaleForm>) => void
  /** Something in it has to be mended. */
  readonly isOpen: boolean
}

const COUNTS = ['holdMinutes', 'extensionMinutes', 'maxMinutes', 'seatsPerHold', 'purchaseLimit'] as const

/** Rules that are right for most as they stand. */
export function FinePrint({ form, faultOf, onChange, isOpen }: FinePrintProps): ReactNode {
  const t = useOrganiseWords()
  const [isChosen, setChosen] = useState(false)
  return (
    <details
      className="fine-print wide"
      open={isOpen || isChosen}
      onToggle={({ currentTarget }) => currentTarget.open !== isChosen && setChosen(currentTarget.open)}
    >
      <summary>{t('sale.rules')}</summary>
      <div className="fields">
        {COUNTS.map((field) => (
          <Field key={field} label={t(`sale.${field}`)} hint={t(`sale.${field}Hint`)} fault={faultOf(field)}>
            {(control) => (
              <input
                {...control}
                inputMode="numeric"
                autoComplete="off"
                maxLength={6}
                value={form[field]}
                onChange={({ target }) => onChange({ [field]: target.value })}
              />
            )}
          </Field>
        ))}
        <Field label={t('sale.orphanRule')} hint={t('sale.orphanRuleHint')}>
          {(control) => (
            <select
              {...control}
              value={form.orphanRule}
              onChange={({ target }) => onChange({ orphanRule: ORPHAN_RULES.find((rule) => rule === target.value) ?? 'off' })}
            >
              {ORPHAN_RULES.map((rule) => (
                <option key={rule} value={rule}>
                  {t(`sale.orphanRule.${rule}`)}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
    </details>
  )
}
