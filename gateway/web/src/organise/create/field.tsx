import { type ReactNode, useId } from 'react'

export interface FieldControl {
  readonly id: string
  readonly 'aria-invalid': boolean
  readonly 'aria-describedby': string
}

interface FieldProps {
  readonly label: string
  readonly hint?: string
  /** What is wrong with it; undefined: nothing. */
  readonly fault?: string | undefined
  readonly className?: string
  readonly children: (control: FieldControl) => ReactNode
}

/** A labelled control with a hint and what is wrong with it, all said together. */
export function Field({ label, hint, fault, className = '', children }: FieldProps): ReactNode {
  const id = useId()
  return (
    <div className={`field ${className}`}>
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-invalid': fault !== undefined, 'aria-describedby': `${id}-fault ${id}-hint` })}
      <p id={`${id}-fault`} className="fault">
        {fault ?? ''}
      </p>
      <p id={`${id}-hint`} className="quiet">
        {hint ?? ''}
      </p>
    </div>
  )
}
