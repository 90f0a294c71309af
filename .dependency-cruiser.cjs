// The layers of the repository, as rules: main → adapters → application → domain → contracts.
// test/architecture/layers.test.ts plants a breach of every rule here; a rule without a plant fails that test.

const SERVICE = '^(command-service|projector|query-service|gateway)/'
const TEST_SOURCE = '\\.(spec|test)\\.ts$'
// What specs share puts real parts together, as they do.
const TESTING = '^[^/]+/src/testing/'
const DRIVER = '(^|/)node_modules/(kafkajs|lmdb|mingo|mongodb|pg|ioredis|@kafkajs/confluent-schema-registry)/'
const DRIVER_NAME = '^(kafkajs|lmdb|mingo|mongodb|pg|ioredis|@kafkajs/confluent-schema-registry)(/|$)'
// A port that stands in the same folder is no adapter: everybody may know it, and it may not name a driver.
const LOG_ADAPTER = '^schemas/event-log/src/(kafka|embedded|registry)(?!/port\\.ts)(/|[.-])'
const ADAPTER = '^[^/]+/src/adapters/'
const DOMAIN = '/src/domain/'
// A file right under src wires a service together (main.ts and what it and deploy/standalone share); only those see adapters.
const COMPOSITION = '^(command-service|projector|query-service|gateway)/src/[^/]+\\.ts$'

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or need a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'services-stand-alone',
      comment: 'Services meet in the log, never in an import.',
      severity: 'error',
      from: { path: SERVICE },
      to: { path: SERVICE, pathNot: '^$1/' },
    },
    {
      name: 'contracts-depend-on-nothing',
      comment: 'contracts needs avsc and node alone, so that anybody can read the messages.',
      severity: 'error',
      from: { path: '^schemas/contracts/', pathNot: TEST_SOURCE },
      to: { pathNot: ['^schemas/contracts/', '(^|/)node_modules/avsc/', '^avsc$'], dependencyTypesNot: ['core'] },
    },
    {
      name: 'domain-imports-contracts-only',
      comment: 'A decider knows messages and nothing of how they travel.',
      severity: 'error',
      from: { path: `^([^/]+)${DOMAIN}`, pathNot: TEST_SOURCE },
      to: { pathNot: [`^$1${DOMAIN}`, '^schemas/contracts/', '(^|/)node_modules/avsc/', '^avsc$'], dependencyTypesNot: ['core'] },
    },
    {
      name: 'domain-codec-alone-names-avsc',
      comment: 'Encoding stands in a codec file, beside the state that it encodes.',
      severity: 'error',
      from: { path: DOMAIN, pathNot: [TEST_SOURCE, 'codec\\.ts$'] },
      to: { path: ['(^|/)node_modules/avsc/', '^avsc$'] },
    },
    {
      name: 'domain-is-pure',
      comment: 'No clock, no disk, no network: a replay must decide alike. Hashing and assertions are pure.',
      severity: 'error',
      from: { path: DOMAIN, pathNot: TEST_SOURCE },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(assert|assert/strict|buffer|crypto|util)$' },
    },
    {
      name: 'projections-are-pure',
      comment: 'A projection knows facts and changes: no log, no store, no clock, so that the fold is the same wherever it runs.',
      severity: 'error',
      from: { path: '^projector/src/projections/', pathNot: TEST_SOURCE },
      to: { pathNot: ['^projector/src/projections/', '^projector/src/application/projection\\.ts$', '^schemas/contracts/'] },
    },
    {
      name: 'drivers-stay-in-adapters',
      comment: 'Another client must be able to replace a driver without touching its users.',
      severity: 'error',
      from: { pathNot: [ADAPTER, LOG_ADAPTER, '^deploy/', '^test/', '^[^/]+/test/', '(^|/)node_modules/'] },
      to: { path: [DRIVER, DRIVER_NAME] },
    },
    {
      name: 'adapters-are-wired-by-main',
      comment: 'What stands between gets its adapters as arguments; files right under src put them together.',
      severity: 'error',
      from: { path: SERVICE, pathNot: [ADAPTER, COMPOSITION, TESTING, TEST_SOURCE] },
      to: { path: ADAPTER },
    },
    {
      name: 'log-adapters-are-wired-by-main',
      comment: 'Services know the port of the log; which log it is, is known where the service is put together.',
      severity: 'error',
      from: { path: SERVICE, pathNot: [ADAPTER, COMPOSITION, TESTING, TEST_SOURCE] },
      to: { path: LOG_ADAPTER },
    },
    {
      name: 'nothing-imports-main',
      comment: 'main reads the environment and starts; importing it would start a service.',
      severity: 'error',
      from: { path: '^(schemas/[^/]+|[^/]+)/src/' },
      to: { path: '/src/main\\.ts$' },
    },
    {
      name: 'schemas-know-no-service',
      comment: 'Shared packages are used by services, not the other way round.',
      severity: 'error',
      from: { path: '^schemas/' },
      to: { path: [SERVICE, '^deploy/'] },
    },
    {
      name: 'services-know-no-deployment',
      comment: 'deploy/ puts services together; they do not know where they run.',
      severity: 'error',
      from: { path: SERVICE },
      to: { path: '^deploy/' },
    },
    {
      name: 'production-knows-no-test',
      comment: 'What ships must not need what tests it.',
      severity: 'error',
      from: { pathNot: ['^test/', TEST_SOURCE] },
      to: { path: ['^test/', TEST_SOURCE] },
    },
    {
      name: 'no-barrels',
      comment: 'Packages are imported by subpath; an index file hides what is used.',
      severity: 'error',
      from: {},
      to: { path: '/index\\.ts$', pathNot: '(^|/)node_modules/' },
    },
    {
      name: 'everything-resolves',
      comment: 'An import that leads nowhere fails here, not at start.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'packages-declare-what-they-import',
      comment: 'A package found only because npm hoisted it is missing on the next machine.',
      severity: 'error',
      from: { path: '/src/', pathNot: TEST_SOURCE },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['(^|/)dist/', '(^|/)fixtures/'] },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.cjs', '.js', '.json', '.d.ts'],
    },
    skipAnalysisNotInRules: true,
  },
}
