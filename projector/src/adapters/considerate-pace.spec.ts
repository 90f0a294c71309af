import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { createConsideratePace } from './considerate-pace.ts'

describe('A considerate pace', () => {
  const never = new AbortController().signal

  it('lets one of a kind work at a time, in the order in which they asked, and other kinds beside them', async () => {
    const pace = createConsideratePace()
    const told: string[] = []
    const work = (name: string) => async (): Promise<string> => {
      told.push(`${name} begins`)
      await turn()
      await turn()
      told.push(`${name} ends`)
      return name
    }
    const done = await Promise.all([pace.turn('tables', never, work('a')), pace.turn('tables', never, work('b'))])
    assert.deepEqual(done, ['a', 'b'])
    assert.deepEqual(told, ['a begins', 'a ends', 'b begins', 'b ends'])
    let release: () => void = () => undefined
    const stuck = pace.turn('tables', never, () => new Promise<void>((resolve) => (release = resolve)))
    assert.equal(await pace.turn('documents', never, work('c')), 'c')
    release()
    await stuck
  })

  it('goes on after work that failed', async () => {
    const pace = createConsideratePace()
    await assert.rejects(
      pace.turn('tables', never, () => Promise.reject(new Error('It failed.'))),
      /It failed/,
    )
    assert.equal(await pace.turn('tables', never, () => Promise.resolve(1)), 1)
  })

  it('begins no work for one who does not want it any more', async () => {
    const pace = createConsideratePace()
    const stop = new AbortController()
    let release: () => void = () => undefined
    const first = pace.turn('tables', never, () => new Promise<void>((resolve) => (release = resolve)))
    const second = pace.turn('tables', stop.signal, () => assert.fail('It worked.'))
    stop.abort()
    await turn()
    await turn()
    release()
    await first
    assert.equal(await second, undefined)
  })
})
