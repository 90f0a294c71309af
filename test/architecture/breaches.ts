/** Stand-ins for installed packages, so that imports of them resolve inside the planted repository. */
export const NODE_MODULES: Readonly<Record<string, string>> = Object.fromEntries(
  ['avsc', 'kafkajs', 'lmdb', 'mingo', 'mongodb', 'pg', 'ioredis', '@kafkajs/confluent-schema-registry', 'koa', 'undeclared'].flatMap(
    (name) => [
      [`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'main.js' })],
      [`node_modules/${name}/main.js`, 'module.exports = {}'],
    ],
  ),
)

const DRIVERS = { kafkajs: '*', lmdb: '*', mingo: '*', mongodb: '*', pg: '*', ioredis: '*', '@kafkajs/confluent-schema-registry': '*' }

function manifest(name: string, dependencies: object): string {
  return JSON.stringify({ name, type: 'module', dependencies })
}

/** A repository in small that breaks no rule: every folder that a rule speaks of, with the imports that it permits. */
export const HARMLESS: Readonly<Record<string, string>> = {
  'schemas/contracts/package.json': manifest('contracts', { avsc: '*' }),
  'schemas/contracts/src/messages.ts':
    "import { createHash } from 'node:crypto'\nimport avsc from 'avsc'\nexport const messages = [createHash, avsc]\n",
  'schemas/event-log/package.json': manifest('event-log', DRIVERS),
  'schemas/event-log/src/port.ts': "import { messages } from '../../contracts/src/messages.ts'\nexport const port = messages\n",
  'schemas/event-log/src/kafka/log.ts':
    "import kafkajs from 'kafkajs'\nimport { port } from '../port.ts'\nexport const log = [kafkajs, port]\n",
  'schemas/event-log/src/registry/port.ts': 'export const registry = 1\n',
  'schemas/event-log/src/embedded/log.ts': "import lmdb from 'lmdb'\nexport const log = lmdb\n",
  'command-service/package.json': manifest('command-service', { avsc: '*', koa: '*' }),
  'command-service/src/domain/seating/state.ts':
    "import assert from 'node:assert/strict'\nimport { messages } from '../../../../schemas/contracts/src/messages.ts'\nexport const state = [assert, messages]\n",
  'command-service/src/domain/seating/codec.ts': "import avsc from 'avsc'\nexport const codec = avsc\n",
  'command-service/src/domain/seating/decider.ts': "import { state } from './state.ts'\nexport const decide = state\n",
  'command-service/src/application/worker.ts':
    "import { port } from '../../../schemas/event-log/src/port.ts'\nimport { registry } from '../../../schemas/event-log/src/registry/port.ts'\nimport { decide } from '../domain/seating/decider.ts'\nexport const worker = [port, registry, decide]\n",
  'command-service/src/main.ts':
    "import { log } from '../../schemas/event-log/src/kafka/log.ts'\nimport { worker } from './application/worker.ts'\nexport const main = [log, worker]\n",
  'projector/package.json': manifest('projector', {}),
  'projector/src/application/projection.ts': 'export const projection = 1\n',
  'projector/src/application/feed.ts': "import { port } from '../../../schemas/event-log/src/port.ts'\nexport const feed = port\n",
  'projector/src/projections/halls/halls.ts':
    "import { messages } from '../../../../schemas/contracts/src/messages.ts'\nimport { projection } from '../../application/projection.ts'\nexport const halls = [messages, projection]\n",
  'projector/src/projections/all.ts': "import { halls } from './halls/halls.ts'\nexport const all = [halls]\n",
  'gateway/package.json': manifest('gateway', { ...DRIVERS, koa: '*' }),
  'gateway/src/adapters/keys.ts': "import ioredis from 'ioredis'\nexport const keys = ioredis\n",
  'gateway/src/routes/holds.ts': "import koa from 'koa'\nexport const holds = koa\n",
  'gateway/src/main.ts':
    "import { keys } from './adapters/keys.ts'\nimport { holds } from './routes/holds.ts'\nexport const main = [keys, holds]\n",
  'deploy/standalone/package.json': manifest('standalone', {}),
  'deploy/standalone/src/all.ts':
    "import { worker } from '../../../command-service/src/application/worker.ts'\nexport const all = worker\n",
  'test/integration/log.test.ts':
    "import kafkajs from 'kafkajs'\nimport { all } from '../../deploy/standalone/src/all.ts'\nexport const test = [kafkajs, all]\n",
}

export interface Breach {
  readonly rule: string
  /** Ends the sentence "The checker of the layers finds …". */
  readonly title: string
  readonly files: Readonly<Record<string, string>>
}

const DECIDER = 'command-service/src/domain/seating/decider.ts'
const ROUTE = 'gateway/src/routes/holds.ts'
const PROJECTION = 'projector/src/projections/halls/halls.ts'

function planted(rule: string, title: string, path: string, imports: string): Breach {
  return { rule, title, files: { [path]: `import * as it from '${imports}'\nexport const planted = it\n` } }
}

export const BREACHES: readonly Breach[] = [
  planted('services-stand-alone', 'a service that imports another', ROUTE, '../../../command-service/src/application/worker.ts'),
  planted(
    'contracts-depend-on-nothing',
    'a contract that imports another package of ours',
    'schemas/contracts/src/more.ts',
    '../../event-log/src/port.ts',
  ),
  planted('contracts-depend-on-nothing', 'a contract that imports an installed package', 'schemas/contracts/src/more.ts', 'koa'),
  planted('domain-imports-contracts-only', 'a decider that imports its application', DECIDER, '../../application/clock.ts'),
  planted('domain-imports-contracts-only', 'a decider that imports the log', DECIDER, '../../../../schemas/event-log/src/port.ts'),
  planted('domain-imports-contracts-only', 'a decider that imports an installed package', DECIDER, 'koa'),
  planted('domain-codec-alone-names-avsc', 'a decider that encodes', DECIDER, 'avsc'),
  planted('domain-is-pure', 'a decider that reads files', DECIDER, 'node:fs'),
  planted('domain-is-pure', 'a decider that reads files by promises', DECIDER, 'node:fs/promises'),
  planted('domain-is-pure', 'a decider with a clock', DECIDER, 'node:perf_hooks'),
  planted('domain-is-pure', 'a decider with timers', DECIDER, 'node:timers/promises'),
  planted('projections-are-pure', 'a projection that reads the log', PROJECTION, '../../../../schemas/event-log/src/port.ts'),
  planted('projections-are-pure', 'a projection that knows how it is fed', PROJECTION, '../../application/feed.ts'),
  planted('projections-are-pure', 'a projection with a clock', PROJECTION, 'node:perf_hooks'),
  ...['kafkajs', 'lmdb', 'mingo', 'mongodb', 'pg', 'ioredis', '@kafkajs/confluent-schema-registry'].map((driver) =>
    planted('drivers-stay-in-adapters', `a route that names ${driver}`, ROUTE, driver),
  ),
  planted('drivers-stay-in-adapters', 'a port of the log that names a driver', 'schemas/event-log/src/more.ts', 'kafkajs'),
  planted('drivers-stay-in-adapters', 'a driver that is not installed', ROUTE, 'pg/native'),
  planted('adapters-are-wired-by-main', 'a route that makes its own adapter', ROUTE, '../adapters/keys.ts'),
  planted(
    'log-adapters-are-wired-by-main',
    'a worker that chooses its log',
    'command-service/src/application/more.ts',
    '../../../schemas/event-log/src/embedded/log.ts',
  ),
  planted(
    'drivers-stay-in-adapters',
    'a port beside an adapter that names a driver',
    'schemas/event-log/src/registry/port.ts',
    '@kafkajs/confluent-schema-registry',
  ),
  planted('nothing-imports-main', 'a route that imports main', 'gateway/src/routes/more.ts', '../main.ts'),
  planted(
    'schemas-know-no-service',
    'a shared package that imports a service',
    'schemas/event-log/src/more.ts',
    '../../../gateway/src/routes/holds.ts',
  ),
  planted('services-know-no-deployment', 'a service that imports its deployment', ROUTE, '../../../deploy/standalone/src/all.ts'),
  planted('production-knows-no-test', 'a route that imports a test', ROUTE, '../../../test/integration/log.test.ts'),
  planted('everything-resolves', 'an import that leads nowhere', ROUTE, './missing.ts'),
  planted('packages-declare-what-they-import', 'a package that is installed and not declared', ROUTE, 'undeclared'),
  {
    rule: 'no-barrels',
    title: 'a barrel',
    files: {
      'gateway/src/routes/index.ts': "export { holds } from './holds.ts'\n",
      'gateway/src/routes/more.ts': "import { holds } from './index.ts'\nexport const more = holds\n",
    },
  },
  {
    rule: 'no-cycles',
    title: 'two files that import each other',
    files: {
      'gateway/src/routes/one.ts': "import { two } from './two.ts'\nexport const one = () => two\n",
      'gateway/src/routes/two.ts': "import { one } from './one.ts'\nexport const two = () => one\n",
    },
  },
  {
    rule: 'no-cycles',
    title: 'a cycle of types alone',
    files: {
      'gateway/src/routes/one.ts': "import type { Two } from './two.ts'\nexport type One = { two: Two }\n",
      'gateway/src/routes/two.ts': "import type { One } from './one.ts'\nexport type Two = { one: One }\n",
    },
  },
]
