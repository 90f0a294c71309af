import { createContext, type ReactNode, useCallback, useContext, useState } from 'react'

export type Urgency = 'polite' | 'assertive'
type Announce = (text: string, urgency?: Urgency) => void

const AnnouncerContext = createContext<Announce>(() => undefined)

/** Two live regions for the whole site, there from the start: one that appears with its text is often not read. */
export function AnnouncerProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [polite, setPolite] = useState('')
  const [assertive, setAssertive] = useState('')
  const announce = useCallback<Announce>((text, urgency = 'polite') => {
    const say = urgency === 'polite' ? setPolite : setAssertive
    say((before) => (before === text ? `${text}\u00a0` : text)) // The same words again are a change nevertheless.
  }, [])
  return (
    <AnnouncerContext value={announce}>
      {children}
      <div className="unseen" aria-live="polite" data-announcer="polite">
        {polite}
      </div>
      <div className="unseen" aria-live="assertive" data-announcer="assertive">
        {assertive}
      </div>
    </AnnouncerContext>
  )
}

/** Tells people who do not see the screen what changed. For what concerns them alone: a hall changes all the time. */
export const useAnnounce = (): Announce => useContext(AnnouncerContext)
