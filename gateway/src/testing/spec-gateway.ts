import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { readConfig } from '@cavea/service-kit/config'
import { openHttpServer } from '@cavea/service-kit/http-server'
import { createLogger } from '@cavea/service-kit/logger'
import { createMetrics } from '@cavea/service-kit/metrics'
import { createTokens } from '@cavea/service-kit/tokens'
import { createGateway } from '../application/app.ts'
import { readGatewaySettings } from '../application/settings.ts'
import type { KeyTable } from '../ports/key-table.ts'
import type { RateLimiters } from '../ports/rate-limiter.ts'
import type { ReadService } from '../ports/read-service.ts'
import { boxOffice } from './box-office.ts'
import { type Script, scriptedWorker } from './scripted-worker.ts'
import { type LogAdapters, openSpecLog } from './spec-log.ts'

const PARTITIONS = 2
export const ADMIN_TOKEN = 'admin-token-of-the-spec'

export interface GatewayAdapters extends LogAdapters {
  readonly openKeys: (dir: string) => KeyTable
  readonly openReads: (url: string) => ReadService
  readonly limiters: RateLimiters
}

export interface SpecAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown> & { readonly code?: string }
}

export interface SpecRequest {
  readonly token?: string
  readonly key?: string
  readonly json?: unknown
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly headers?: Readonly<Record<string, string>>
}

/** A whole gateway on a real log, listening, with scripted deciders behind it and, where given, a server for its reads. */
export async function openSpecGateway(
  adapters: GatewayAdapters,
  options: {
    readonly env?: Record<string, string>
    readonly reads?: RequestListener
    readonly decide?: boolean
    readonly webFolder?: string
  } = {},
) {
  const spec = await openSpecLog(PARTITIONS, adapters)
  const upstream = createServer(options.reads ?? ((_, response) => response.writeHead(404).end()))
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const reads = adapters.openReads(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`)
  const tokens = createTokens({ secret: 's'.repeat(32), adminToken: ADMIN_TOKEN, organisation: 'org_default' })
  const keys = adapters.openKeys(join(spec.dir, 'keys'))
  const gateway = createGateway({
    ...spec,
    tokens,
    keys,
    reads,
    limiters: adapters.limiters,
    logger: createLogger({ service: 'spec', level: 'silent' }),
    metrics: createMetrics('spec'),
    ...(options.webFolder !== undefined && { webFolder: options.webFolder }),
    settings: readConfig({ CAVEA_RATE_LIMIT_PER_MINUTE: '0', ...options.env }, readGatewaySettings),
  })
  gateway.start()
  await gateway.whenReady()
  const server = await openHttpServer({ handler: gateway.handler, host: '127.0.0.1', port: 0 })
  const office = boxOffice()
  let workers = options.decide === false ? [] : startWorkers()

  function startWorkers() {
    return [
      scriptedWorker(spec, 'catalog', PARTITIONS, office.catalog as Script),
      scriptedWorker(spec, 'seating', PARTITIONS, office.seating as Script),
      scriptedWorker(spec, 'cart', PARTITIONS, office.cart as Script),
    ]
  }

  async function ask(method: string, path: string, { token, key, json, body, headers }: SpecRequest = {}): Promise<SpecAnswer> {
    const response = await fetch(server.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...(key !== undefined && { 'Idempotency-Key': key }),
        ...(json !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
      ...(body !== undefined && { body }),
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : { text } }
  }

  return {
    ...spec,
    url: server.url,
    tokens,
    gateway,
    ask,
    organise: (method: string, path: string, request: SpecRequest = {}) => ask(method, path, { token: ADMIN_TOKEN, ...request }),
    newBuyer: (): string => tokens.issueBuyer(Date.now()).buyerToken,
    startDeciding() {
      workers = startWorkers()
    },
    async close() {
      await server.close(1_000)
      await gateway.stop()
      for (const worker of workers) await worker.stop()
      reads.close()
      await keys.close()
      await new Promise((resolve) => upstream.close(resolve))
      await spec.close()
    },
  }
}

export type SpecGateway = Awaited<ReturnType<typeof openSpecGateway>>
