import assert from 'node:assert/strict'
import { createLogger, LOG_LEVELS } from './logger.ts'

function collect(): { readonly lines: string[]; readonly destination: { write(line: string): void } } {
  const lines: string[] = []
  return { lines, destination: { write: (line) => void lines.push(line) } }
}

describe('createLogger', () => {
  it('writes one JSON object per line, with service, level, time and message', () => {
    const { lines, destination } = collect()
    createLogger({ service: 'gateway', level: 'info', destination }).info({ port: 3000 }, 'Listening.')
    const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>
    assert.equal(line['service'], 'gateway')
    assert.equal(line['level'], 'info')
    assert.equal(line['port'], 3000)
    assert.equal(line['msg'], 'Listening.')
    assert.ok(!Number.isNaN(Date.parse(String(line['time']))))
  })

  it('replaces authorization, cookies and tokens wherever a line carries them', () => {
    const { lines, destination } = collect()
    const log = createLogger({ service: 'gateway', level: 'info', destination })
    const headers = { authorization: 'Bearer hunter2', cookie: 'session=hunter2', 'set-cookie': 'session=hunter2', accept: 'kept' }
    log.info({ ...headers, headers, request: { headers }, buyerToken: 'hunter2', body: { adminToken: 'hunter2' } }, 'A request.')
    assert.doesNotMatch(lines[0] ?? '', /hunter2/)
    assert.equal(lines[0]?.match(/kept/g)?.length, 3)
  })

  it('writes errors with their causes', () => {
    const { lines, destination } = collect()
    createLogger({ service: 'x', level: 'error', destination }).error({ err: new Error('outer', { cause: new Error('inner') }) }, 'Failed.')
    assert.match(lines[0] ?? '', /outer.*inner/)
  })

  it('accepts every level that the configuration may name', () => {
    for (const level of LOG_LEVELS) assert.equal(createLogger({ service: 'x', level, destination: collect().destination }).level, level)
  })
})
