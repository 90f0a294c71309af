import { setTimeout as sleep } from 'node:timers/promises'
import { startRedis } from '@cavea/engines/redis'
import { connectRedis } from '@cavea/gateway/adapters/redis'
import { createRedisKeyTable } from '@cavea/gateway/adapters/redis-key-table'
import { describeKeyTable } from '@cavea/gateway/testing/key-table-contract'
import { createLogger } from '@cavea/service-kit/logger'
import { skipsEngine } from '../support/engines.ts'

if (!skipsEngine('redis'))
  describeKeyTable('Redis', async () => {
    const engine = await startRedis()
    const redis = connectRedis({ url: engine.url, logger: createLogger({ service: 'test', level: 'warn' }), keyPrefix: 'spec.' })
    await new Promise<void>((resolve) => redis.once('ready', resolve))
    return {
      table: createRedisKeyTable(redis),
      pass: async (ms) => void (await sleep(ms + 20)), // The time is the engine's own.
      async close() {
        redis.disconnect()
        await engine.stop()
      },
    }
  })
