import { join } from 'node:path'
import { type KafkaEngine, startKafka } from '@cavea/engines/kafka'
import { freePort } from '@cavea/engines/process'
import { findRedis, startRedis } from '@cavea/engines/redis'
import { startRegistry } from '@cavea/engines/registry'
import { skipsEngine } from '../support/engines.ts'
import { type Cluster, startCluster } from '../support/product.ts'
import { scratchDir } from '../support/program.ts'
import { type Disk, startDisk, whyNoDisk } from './disk.ts'
import { type Relay, startRelay } from './relay.ts'

/** A cluster on engines of its own, where everything that stands between can be made to fail. */
export interface ChaosCluster {
  readonly services: Cluster
  readonly kafka: KafkaEngine
  /** The way of each worker to the broker, in the order of the workers. */
  readonly relays: readonly Relay[]
  /** The broker's; or why it has none of its own. */
  readonly disk: Disk | string
  /** Stops all of it, whatever state it is in. */
  stop(): Promise<void>
}

const WORKERS = 2
const GATEWAYS = 2
/** Enough for hours of the load; all of it is memory only while it is filled. */
const DISK_BYTES = 1 << 30

type Stop = () => Promise<void>

/** Two workers, two gateways and a query service. Workers reach the broker through a relay each. */
export async function startChaosCluster(seed: number): Promise<ChaosCluster> {
  const stops: Stop[] = []
  const stop = async (): Promise<void> => {
    const failures: unknown[] = []
    for (const end of stops.splice(0).reverse()) await end().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }
  const started = async <Thing>(thing: Promise<Thing>, end: (thing: Thing) => Promise<unknown>): Promise<Thing> => {
    const value = await thing
    stops.push(async () => void (await end(value)))
    return value
  }
  try {
    const dir = scratchDir('kafka')
    const data = join(dir, 'data')
    const why = whyNoDisk(data)
    const disk = why ?? (await started(startDisk({ dir: data, bytes: DISK_BYTES, logFile: join(dir, 'disk.log') }), (it) => it.stop()))
    const ways: { readonly port: number; readonly advertisedPort: number }[] = []
    for (let worker = 0; worker < WORKERS; worker++) ways.push({ port: await freePort(), advertisedPort: await freePort() })
    const [kafka, registry, redis] = await Promise.all([
      started(startKafka({ dir, detours: ways, ...(typeof disk !== 'string' && { runner: disk.runner }) }), (it) => it.stop()),
      started(startRegistry({ dir: scratchDir('registry') }), (it) => it.stop()),
      skipsEngine('redis') || findRedis() === undefined ? undefined : started(startRedis({ dir: scratchDir('redis') }), (it) => it.stop()),
    ])
    const relays = await Promise.all(
      ways.map(({ port, advertisedPort }, worker) =>
        started(startRelay({ port: advertisedPort, targetPort: port, seed: seed + worker }), (it) => it.stop()),
      ),
    )
    const services = await started(
      startCluster({
        ...{ workers: WORKERS, gateways: GATEWAYS, engines: { kafka, registry, redis } },
        env: { CAVEA_SNAPSHOT_DIR: scratchDir('snapshots') }, // One for all of them, as `npm run services` has it.
        brokersOf: (worker) => `127.0.0.1:${ways[worker]?.advertisedPort}`,
      }),
      (it) => it.stop(),
    )
    return { services, kafka, relays, disk, stop }
  } catch (error) {
    await stop().catch(() => undefined)
    throw error
  }
}
