import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './fault.ts'

/** The second happens in the middle of the first; they are healed together. */
export const both = (first: Fault, second: Fault): Fault => ({
  name: `${first.name}+${second.name}`,
  isPermitted: (cluster) => first.isPermitted(cluster) ?? second.isPermitted(cluster),
  async inflict(cluster, random) {
    const outer = await first.inflict(cluster, random)
    await sleep(outer.lastsMs * random())
    const inner = await second.inflict(cluster, random)
    return {
      get what() {
        return `${outer.what}; and ${inner.what}`
      },
      lastsMs: Math.max(outer.lastsMs / 2, inner.lastsMs),
      heal: async () => void (await Promise.all([outer.heal(), inner.heal()])),
    }
  },
})
