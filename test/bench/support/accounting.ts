import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts processor time in ticks of this many microseconds, whatever the kernel was built with (USER_HZ is 100). */
const TICK_US = 10_000

interface Times {
  readonly parent: number
  readonly ownUs: number
  /** Of children that ended and were waited for. */
  readonly endedUs: number
}

function timesOf(pid: number | 'self'): Times | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The command's name stands in brackets and may hold anything, blanks and brackets too.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const at = (index: number): number => Number(fields[index])
    return { parent: at(1), ownUs: (at(11) + at(12)) * TICK_US, endedUs: (at(13) + at(14)) * TICK_US }
  } catch {
    return undefined // It ended meanwhile.
  }
}

/** User and system time of processes and all their descendants, microseconds. */
export function cpuOf(pids: readonly number[]): number {
  const all = new Map<number, Times>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const times = timesOf(Number(name))
    if (times !== undefined) all.set(Number(name), times)
  }
  const counted = new Set(pids)
  for (let grown = -1; grown !== counted.size; ) {
    grown = counted.size
    for (const [pid, { parent }] of all) if (counted.has(parent)) counted.add(pid)
  }
  let us = 0
  for (const pid of counted) us += (all.get(pid)?.ownUs ?? 0) + (all.get(pid)?.endedUs ?? 0)
  return us
}

/** Of the children of this process that ended: the load generator, when nothing else ended meanwhile. */
export const cpuOfEndedChildren = (): number => timesOf('self')?.endedUs ?? 0

/** Time in which any processor of this machine did anything, microseconds. */
export function cpuOfMachine(): number {
  const line = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0] ?? ''
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.split(/\s+/).slice(1).map(Number)
  return (user + nice + system + irq + softirq) * TICK_US
}

/** The processes of what is measured, by the part that they play. */
export type Parts = Readonly<Record<string, readonly number[]>>

export interface Account {
  /** Microseconds by part. */
  readonly parts: Readonly<Record<string, number>>
  readonly loadUs: number
  /** What others took meanwhile, this runner among them. Where it is much, the machine was not alone. */
  readonly othersUs: number
}

/** Reads all clocks now, and answers what has passed on each when asked. */
export function openAccount(parts: Parts): () => Account {
  const read = (): { parts: Record<string, number>; loadUs: number; machineUs: number } => ({
    parts: Object.fromEntries(Object.entries(parts).map(([name, pids]) => [name, cpuOf(pids)])),
    loadUs: cpuOfEndedChildren(),
    machineUs: cpuOfMachine(),
  })
  const before = read()
  return () => {
    const after = read()
    const passed = Object.fromEntries(Object.entries(after.parts).map(([name, us]) => [name, us - (before.parts[name] ?? 0)]))
    const loadUs = after.loadUs - before.loadUs
    const oursUs = Object.values(passed).reduce((sum, us) => sum + us, loadUs)
    return { parts: passed, loadUs, othersUs: Math.max(0, after.machineUs - before.machineUs - oursUs) }
  }
}
