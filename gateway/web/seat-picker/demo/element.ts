import '../src/element.ts'

/** `?performance=perf_…&endpoint=http://127.0.0.1:3000`; what the element tells is kept for whoever looks. */
const asked = new URLSearchParams(location.search)
const picker = document.querySelector('cavea-seat-picker')
const told: unknown[] = []
Object.assign(window, { told })
for (const name of ['cavea-select', 'cavea-area', 'cavea-best-available'])
  picker?.addEventListener(name, (event) => void told.push([name, (event as CustomEvent<unknown>).detail]))
for (const [name, value] of asked) picker?.setAttribute(name, value)
