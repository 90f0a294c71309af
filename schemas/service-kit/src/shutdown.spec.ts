import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'

const PROGRAM = `
import { closeOnSignal } from ${JSON.stringify(new URL('./shutdown.ts', import.meta.url).href)}
import { createLogger } from ${JSON.stringify(new URL('./logger.ts', import.meta.url).href)}
const [mode] = process.argv.slice(-1)
const say = (text) => process.stdout.write(text + '\\n')
const never = new Promise(() => undefined)
closeOnSignal({
  log: createLogger({ service: 'spec', level: 'silent' }),
  deadlineMs: mode === 'overdue' ? 50 : 60000,
  closers: [
    { name: 'first', close: async () => { say('first'); if (mode === 'failing') throw new Error('no') } },
    { name: 'second', close: () => { say('second'); return mode === 'stuck' || mode === 'overdue' ? never : undefined } },
  ],
})
setInterval(() => undefined, 1000)
say('up')
`

interface Program {
  readonly child: ChildProcessByStdio<null, Readable, null>
  readonly ended: Promise<unknown[]>
  readonly output: () => string
  said(word: string): Promise<void>
}

function run(mode: string): Program {
  const child = spawn(process.execPath, ['--import=tsx', '--conditions=source', '--input-type=module', '-e', PROGRAM, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += String(chunk)
  })
  const ended = once(child, 'close')
  return {
    child,
    ended,
    output: () => output,
    async said(word) {
      while (!output.includes(word)) await Promise.race([once(child.stdout, 'data'), ended])
    },
  }
}

describe('closeOnSignal', function () {
  this.timeout(30_000)

  it('runs the closers in order and exits with 0', async () => {
    const program = run('orderly')
    await program.said('up')
    program.child.kill('SIGTERM')
    assert.deepEqual(await program.ended, [0, null])
    assert.equal(program.output(), 'up\nfirst\nsecond\n')
  })

  it('runs the others when one fails, and exits with 1', async () => {
    const program = run('failing')
    await program.said('up')
    program.child.kill('SIGINT')
    assert.deepEqual(await program.ended, [1, null])
    assert.equal(program.output(), 'up\nfirst\nsecond\n')
  })

  it('exits at once with 130 at the second signal', async () => {
    const program = run('stuck')
    await program.said('up')
    program.child.kill('SIGINT')
    await program.said('second')
    program.child.kill('SIGINT')
    assert.deepEqual(await program.ended, [130, null])
  })

  it('exits with 1 when the deadline passes', async () => {
    const program = run('overdue')
    await program.said('up')
    program.child.kill('SIGTERM')
    assert.deepEqual(await program.ended, [1, null])
  })
})
