import { type ReactNode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { createLiveHall } from '../src/live/hall-state.ts'
import { SeatPicker } from '../src/seat-picker.tsx'
import type { HallState, PickerHall, SeatPickerProps } from '../src/types.ts'
import { makeArena, scriptState } from './arena.ts'

/** `?seats=15000`, or `?endpoint=http://127.0.0.1:3000&performance=perf_…`; also `mode`, `locale`, `max`. */
const asked = new URLSearchParams(location.search)

interface Demo {
  readonly asked: string[][]
  state?: HallState
  setMine?: (seatIds: readonly string[]) => void
}
declare global {
  interface Window {
    demo: Demo
  }
}
window.demo = { asked: [] }

function Page({ hall, state }: { readonly hall: PickerHall; readonly state: HallState }): ReactNode {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [mine, setMine] = useState<ReadonlySet<string>>(new Set())
  window.demo.setMine = (seatIds) => setMine(new Set(seatIds))
  const note = (...what: readonly unknown[]): void => void window.demo.asked.push(what.map(String))
  return (
    <SeatPicker
      hall={hall}
      state={state}
      mine={mine}
      selected={selected}
      onSelect={setSelected}
      quantityMax={Number(asked.get('max') ?? 6)}
      locale={asked.get('locale') ?? 'en'}
      mode={(asked.get('mode') ?? 'choose') as NonNullable<SeatPickerProps['mode']>}
      onExplain={explain}
      onArea={(sectionId, quantity) => note('area', sectionId, quantity)}
      onInspect={(seatId) => note('inspect', seatId)}
      onBestAvailable={(quantity, category, accessible) => note('best', quantity, category, accessible)}
    />
  )
}

async function explain(): Promise<string> {
  return 'It may be free again at 19:42.'
}

async function start(): Promise<void> {
  const place = document.querySelector('#picker')
  if (place === null) return
  const endpoint = asked.get('endpoint')
  if (endpoint === null) {
    const hall = makeArena(Number(asked.get('seats') ?? 15_000))
    const state = scriptState(hall)
    window.demo.state = state
    createRoot(place).render(<Page hall={hall} state={state} />)
    return
  }
  const live = createLiveHall({ endpoint, performanceId: asked.get('performance') ?? '', fetch: fetch.bind(window), webSocket: WebSocket })
  window.demo.state = live.state
  createRoot(place).render(<Page hall={await live.hall} state={live.state} />)
}

start().catch((error: unknown) => {
  document.body.append(String(error))
})
