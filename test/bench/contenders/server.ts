/** A contender as a program of its own, started by the benchmark. */
import { configOrExit } from '@cavea/service-kit/config'
import { openHttpServer } from '@cavea/service-kit/http-server'
import { createLogger } from '@cavea/service-kit/logger'
import { closeOnSignal } from '@cavea/service-kit/shutdown'
import { createTokens } from '@cavea/service-kit/tokens'
import { createFront } from './front.ts'
import { STORES } from './stores.ts'

const config = configOrExit(process.env, (read) => ({
  store: read.oneOf('BENCH_STORE', ['for-update', 'conditional-update', 'redis-script']),
  front: read.oneOf('BENCH_FRONT', ['gateway', 'bare']),
  url: read.text('BENCH_STORE_URL'),
  secret: read.secret('CAVEA_TOKEN_SECRET'),
  adminToken: read.secret('CAVEA_ADMIN_TOKEN'),
  port: read.integer('PORT', { default: 3_000 }),
}))
const logger = createLogger({ service: 'contender', level: 'warn' })
const store = await STORES[config.store](config.url)
const tokens = createTokens({ ...config, organisation: 'org_house' })
const front = createFront({ store, tokens, logger, kind: config.front })
const server = await openHttpServer({ handler: front.callback(), host: '127.0.0.1', port: config.port })
closeOnSignal({
  log: logger,
  deadlineMs: 10_000,
  closers: [
    { name: 'http server', close: () => server.close() },
    { name: 'store', close: () => store.close() },
  ],
})
