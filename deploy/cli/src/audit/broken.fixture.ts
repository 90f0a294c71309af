import assert from 'node:assert/strict'
import { type Context, topicsOf } from '@cavea/contracts/topics'
import type { Invariant } from './findings.ts'
import type { PlantedLog } from './planted-log.fixture.ts'

/** Asserts that the audit finds this break in the only partition of the context, and no other. */
export async function assertBroken(log: PlantedLog, context: Context, invariant: Invariant, offset: number, why: RegExp): Promise<void> {
  const { intact, breaks } = await log.audit()
  assert.equal(intact, false)
  assert.deepEqual(
    breaks.map((broken) => ({ invariant: broken.invariant, topic: broken.topic, partition: broken.partition, offset: broken.offset })),
    [{ invariant, topic: topicsOf(context).events, partition: 0, offset }],
    breaks.map((broken) => broken.why).join('\n'),
  )
  assert.match(breaks[0]?.why ?? '', why)
}
