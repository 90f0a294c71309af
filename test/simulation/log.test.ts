import { describeEventLog } from '@cavea/event-log/contract'
import { Faults } from './faults.ts'
import { logOf, SimulatedLog } from './log.ts'
import { Machine } from './machine.ts'
import { Group } from './membership.ts'
import { FAULTS, type FaultName, optionsOf } from './options.ts'
import { Scheduler } from './scheduler.ts'

const NO_FAULTS = Object.fromEntries(FAULTS.map((name) => [name, 0])) as Record<FaultName, number>
const STEPS_AT_ONCE = 200

/** The contract looks at the clock on the wall, which nothing else here may. */
class LogOfToday extends SimulatedLog {
  override nowMs(): number {
    return Date.now()
  }
}

// What the simulated log does in storms it may do by the port; without them it keeps every promise of a real one.
describeEventLog('the simulated log', async () => {
  const scheduler = new Scheduler()
  const log = new LogOfToday(scheduler, () => {})
  const faults = new Faults({ ...optionsOf(1), faults: NO_FAULTS, storms: [] }, scheduler)
  const groups = new Map<string, Group>()
  const groupOf = (name: string): Group => {
    const group = groups.get(name) ?? new Group(log)
    groups.set(name, group)
    return group
  }
  let isStopped = false
  const played = (async () => {
    while (!isStopped) {
      let steps = 0
      await scheduler.run(() => steps++ >= STEPS_AT_ONCE)
      await new Promise<void>((resolve) => setImmediate(resolve)) // The contract waits by real timers, too.
    }
  })()
  let machines = 0
  const open = async () => logOf(new Machine(`machine-${++machines}`, false, scheduler), log, groupOf, faults)
  return {
    open,
    openBeside: open,
    async stop() {
      isStopped = true
      await played
    },
  }
})
