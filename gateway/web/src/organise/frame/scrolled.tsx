import type { ReactNode } from 'react'

/** What may be wider than the page, and is scrolled by keyboard too. */
export function Scrolled({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without a tab stop only a pointer could scroll it.
    <section className="scroll" tabIndex={0} aria-label={label}>
      {children}
    </section>
  )
}
