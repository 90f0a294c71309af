import { topicsOf } from '@cavea/contracts/topics'
import type { SimulatedGateway } from './gateway.ts'
import type { Machine } from './machine.ts'
import type { FaultName } from './options.ts'
import { randomFor } from './random.ts'
import type { SimulatedService } from './service.ts'
import type { World } from './world.ts'

const LOOK_MS = 100
/** How often a fault of full strength happens in a storm. */
const EVERY_MS = 1_500
const RESTART_MS = 2_500
const PAUSE_MS = 6_000
const TWO_OWNERS_MS = 5_000
const LEAP_MS = 20_000
const DRIFT_MS = 3_000

/** What happens to whole machines and clocks, in storms; and that they come back. */
export function weather(world: World): void {
  const { scheduler, faults, options, log, group } = world
  const random = randomFor(options.seed, 'weather')
  const oneOf = <Item>(items: readonly Item[]): Item | undefined => items[Math.floor(random() * items.length)]
  const isUp = ({ machine }: { readonly machine: Machine }): boolean => machine.state === 'up'
  const leaving = new Set<SimulatedService>()
  const stopping = new Set<SimulatedGateway>()

  const inStorm: Partial<Record<FaultName, () => void>> = {
    pauses() {
      const machine = oneOf([...world.services, ...world.gateways].filter(isUp))?.machine
      if (machine === undefined) return
      world.note(`${machine.name} stands still`)
      machine.pause()
      scheduler.after(random() ** 2 * PAUSE_MS, () => wake(machine))
    },
    workerCrashes: () => oneOf(world.services.filter(isUp))?.machine.kill(),
    gatewayDepartures() {
      const gateway = oneOf(world.gateways.filter((one) => isUp(one) && !stopping.has(one)))
      if (gateway === undefined) return
      stopping.add(gateway)
      world.note(`${gateway.machine.name} stops`)
      void gateway.bus.stop().then(() => gateway.machine.kill())
    },
    gatewayCrashes: () => oneOf(world.gateways.filter(isUp))?.machine.kill(),
    workerDepartures: departs,
    twoOwners() {
      const context = oneOf(['catalog', 'seating', 'seating', 'cart'] as const) ?? 'seating'
      const topic = topicsOf(context).commands
      group.doubleOwner(topic, Math.floor(random() * log.partitions(topic).length), random() * TWO_OWNERS_MS, random)
    },
    logClockJumps() {
      const context = oneOf(['seating', 'cart'] as const) ?? 'seating'
      const partition = oneOf(log.partitions(topicsOf(context).commands))
      if (partition !== undefined) partition.skewMs = (random() - 0.5) * (random() < 0.2 ? LEAP_MS : DRIFT_MS)
    },
    ownerClockJumps() {
      const service = oneOf(world.services)
      if (service !== undefined) service.machine.skewMs = (random() - 0.5) * (random() < 0.2 ? LEAP_MS : DRIFT_MS)
    },
  }

  function departs(): void {
    const service = oneOf(world.services.filter((one) => isUp(one) && !leaving.has(one)))
    if (service === undefined) return
    leaving.add(service)
    world.note(`${service.machine.name} leaves`)
    void service.leave().then(() => service.machine.kill())
  }

  function wake(machine: Machine): void {
    if (machine.state !== 'paused') return
    world.note(`${machine.name} wakes`)
    machine.resume()
  }

  /** Sees to it that there are as many machines as there were, after a while. Clients go to another gateway meanwhile. */
  function replacer(machines: { readonly machine: Machine }[], wanted: number, start: () => void): () => void {
    let starting = 0
    return () => {
      for (const dead of machines.filter(({ machine }) => machine.state === 'dead')) machines.splice(machines.indexOf(dead), 1)
      for (; machines.length + starting < wanted; starting++) {
        scheduler.after(faults.isStormy ? random() * RESTART_MS : 0, () => {
          starting--
          start()
        })
      }
    }
  }
  const replaceServices = replacer(world.services, options.workers, () => world.startService())
  const replaceGateways = replacer(world.gateways, options.gateways, () => world.startGateway())

  function look(): void {
    scheduler.after(LOOK_MS, look)
    replaceServices()
    replaceGateways()
    if (!faults.isStormy) return
    for (const [fault, happen] of Object.entries(inStorm)) if (faults.happens(fault as FaultName, LOOK_MS / EVERY_MS)) happen()
  }
  look()
  if (options.departureMs !== null) scheduler.after(options.departureMs, departs)

  for (const { fromMs, toMs } of options.storms) {
    scheduler.after(fromMs, () => world.note('a storm begins'))
    scheduler.after(toMs, () => {
      world.note('the storm is over')
      for (const { machine } of [...world.services, ...world.gateways]) {
        machine.skewMs = 0
        wake(machine)
      }
      for (const topic of log.topics()) for (const partition of log.partitions(topic)) partition.skewMs = 0
    })
  }
}
