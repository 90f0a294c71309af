import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react'
import { type Palette, readPalette } from '../draw/palette.ts'
import { loadedMessages, loadMessages } from '../text/load-messages.ts'
import { createText, localeFor, type Text } from '../text/text.ts'
import type { HallState, PickerHall } from '../types.ts'
import { STYLES } from './styles.ts'

/** Undefined until the words are here. */
export function useText(locale: string, currency: string): Text | undefined {
  const wanted = localeFor(locale)
  const [text, setText] = useState<Text | undefined>(() => {
    const messages = loadedMessages(wanted)
    return messages && createText(messages, locale, currency)
  })
  useEffect(() => {
    let isOver = false
    const set = (): void => {
      const messages = loadedMessages(wanted)
      if (!isOver && messages !== undefined) setText(createText(messages, locale, currency))
    }
    if (loadedMessages(wanted) !== undefined) set()
    else
      loadMessages(wanted).then(set, () => loadMessages('en').then((messages) => !isOver && setText(createText(messages, 'en', currency))))
    return () => {
      isOver = true
    }
  }, [wanted, locale, currency])
  return text
}

export function useStale(state: HallState): boolean {
  return useSyncExternalStore(
    useCallback((changed) => state.subscribe(changed), [state]),
    () => state.stale,
    () => true,
  )
}

/** A number that grows when seats changed, at most once in so many milliseconds: for words that need not be as quick as the map. */
export function useChanges(state: HallState, intervalMs: number): number {
  const [changes, setChanges] = useState(0)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = state.subscribe(() => {
      timer ??= setTimeout(() => {
        timer = undefined
        setChanges((count) => count + 1)
      }, intervalMs)
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [state, intervalMs])
  return changes
}

let sheet: CSSStyleSheet | undefined

/** Puts the picker's style where it is shown: in the page, or in the shadow tree. No element is made, so that a strict policy allows it. */
export function useStyles(ref: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const root = ref.current?.getRootNode()
    if (!(root instanceof Document || root instanceof ShadowRoot)) return
    if (sheet === undefined) {
      sheet = new CSSStyleSheet()
      sheet.replaceSync(STYLES)
    }
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet)
  }, [ref])
}

/** The colours as they are now; they are read again when the page turns dark, or somebody sets another theme. */
export function usePalette(probe: RefObject<HTMLElement | null>, hall: PickerHall): Palette | undefined {
  const [palette, setPalette] = useState<Palette>()
  useLayoutEffect(() => {
    const read = (): void => {
      if (probe.current !== null) setPalette(readPalette(probe.current, hall))
    }
    read()
    const ending = new AbortController()
    for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)', '(prefers-contrast: more)'])
      matchMedia(query).addEventListener('change', read, { signal: ending.signal })
    const watch = new MutationObserver(read)
    watch.observe(document.documentElement, { attributes: true }) // Themes are switched by a class or an attribute there.
    return () => {
      ending.abort()
      watch.disconnect()
    }
  }, [probe, hall])
  return palette
}

/** The newest value, for what is called later. */
export function useLatest<Value>(value: Value): RefObject<Value> {
  const ref = useRef(value)
  useLayoutEffect(() => {
    ref.current = value
  })
  return ref
}
