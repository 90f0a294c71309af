import type { ReactNode } from 'react'

/** As the picker colours categories that have no colour of their own. */
const OTHERWISE = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00']

/** The colour of a category, for the eye alone. */
export function Swatch({ color, at }: { readonly color: string | null; readonly at: number }): ReactNode {
  return <span className="swatch" aria-hidden="true" style={{ background: color ?? OTHERWISE[at % OTHERWISE.length] }} />
}
