import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './fault.ts'

const NOTICED_WITHIN_MS = 60_000

/** No byte is left where the broker keeps its log: it gives up by itself. It is started again when there is room. */
export const fullDisk: Fault = {
  name: 'full-disk',
  isPermitted: ({ disk }) => (typeof disk === 'string' ? disk : undefined),
  async inflict({ disk, kafka }) {
    assert.ok(typeof disk !== 'string')
    disk.fill()
    const giveUp = new AbortController()
    const tooLong = sleep(NOTICED_WITHIN_MS, 'does not notice', { signal: giveUp.signal }).catch(() => '')
    const ending = await Promise.race([kafka.whenEnded(), tooLong])
    giveUp.abort()
    return {
      what: `the broker (${ending})`,
      lastsMs: 0,
      async heal() {
        disk.free()
        await kafka.start() // Nothing to do where it went on without writing.
      },
    }
  },
}
