import { resolve } from 'node:path'
import { readGatewaySettings } from '@cavea/gateway/application/settings'
import { readLiveSettings } from '@cavea/query-service/application/settings'
import { configOrExit } from '@cavea/service-kit/config'
import { readOrganisation } from '@cavea/service-kit/engine-config'
import { createLogger, LOG_LEVELS } from '@cavea/service-kit/logger'
import { closeOnSignal } from '@cavea/service-kit/shutdown'
import { ADMIN_TOKEN_CHARS_MIN, createTokens, SECRET_CHARS_MIN } from '@cavea/service-kit/tokens'
import { banner } from './banner.ts'
import { openDataFolder } from './data-folder.ts'
import { seedDemo } from './demo.ts'
import { startStandalone } from './standalone.ts'
import { VERSION } from './version.ts'

const USUAL_PORT = 3000
const SHUTDOWN_MS = 15_000

const config = configOrExit(process.env, (read) => ({
  settings: readGatewaySettings(read),
  live: readLiveSettings(read),
  organisation: readOrganisation(read),
  host: read.text('HOST', { default: '127.0.0.1' }),
  port: read.integer('PORT', { default: USUAL_PORT, max: 65_535 }),
  portChosen: read.optionalText('PORT') !== undefined,
  dataDir: resolve(read.text('CAVEA_DATA_DIR', { default: '.cavea' })),
  adminToken: read.optionalSecret('CAVEA_ADMIN_TOKEN', { charsMin: ADMIN_TOKEN_CHARS_MIN }),
  tokenSecret: read.optionalSecret('CAVEA_TOKEN_SECRET', { charsMin: SECRET_CHARS_MIN }),
  demo: read.flag('CAVEA_DEMO', { default: true }),
  partitions: read.integer('CAVEA_PARTITIONS', { default: 4, min: 1, max: 1024 }),
  // Quiet once it runs: what a person should see is on the screen already.
  logLevel: read.oneOf('CAVEA_LOG_LEVEL', LOG_LEVELS, { default: 'warn' }),
}))
const logger = createLogger({ service: 'cavea', level: config.logLevel })

try {
  const folder = await openDataFolder(config.dataDir, config)
  const tokens = createTokens({ secret: folder.tokenSecret, adminToken: folder.adminToken, organisation: config.organisation })
  const { server, closers } = await startStandalone({ ...config, folder, tokens, logger, anyPort: !config.portChosen })
  closeOnSignal({ deadlineMs: SHUTDOWN_MS, log: logger, closers })
  process.stdout.write(
    banner({
      version: VERSION,
      mode: 'all services in one process on the embedded log',
      url: server.url,
      portTaken: config.portChosen || server.port === config.port ? undefined : config.port,
      dataDir: folder.dir,
      adminToken: folder.adminToken,
      adminTokenFrom: config.adminToken === undefined ? `kept in ${folder.adminTokenFile}` : 'from CAVEA_ADMIN_TOKEN',
      buyerToken: tokens.issueBuyer(Date.now()).buyerToken,
      demo: config.demo ? await seedDemo(server.url, folder.adminToken, Date.now()) : undefined,
      tookMs: process.uptime() * 1000,
    }),
  )
} catch (error) {
  process.stderr.write(`Cavea could not start: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
