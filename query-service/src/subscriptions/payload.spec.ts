import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { nextPrefix, Payload } from './payload.ts'

describe('The payload of a message', () => {
  const text = (frame: readonly Buffer[]): string => Buffer.concat([...frame]).toString('latin1')

  it('is the very same bytes for readers with the same operation id', () => {
    const payload = new Payload(Buffer.from('{"data":1}'))
    assert.equal(payload.frame(nextPrefix('1')), payload.frame(nextPrefix('1')))
    assert.notEqual(text(payload.frame(nextPrefix('1'))), text(payload.frame(nextPrefix('2'))))
  })

  it('is not copied when it is large', () => {
    const bytes = Buffer.from(JSON.stringify({ data: 'x'.repeat(10_000) }))
    const payload = new Payload(bytes)
    assert.ok(payload.frame(nextPrefix('a')).includes(bytes))
    assert.ok(payload.frame(nextPrefix('b')).includes(bytes))
  })

  it('is read by a WebSocket client as it was meant, whatever its length and the id', async () => {
    const lengths = [0, 1, 60, 125, 126, 127, 4_000, 4_096, 4_097, 65_400, 65_500, 65_535, 65_536, 200_000]
    const ids = ['1', 'f3a1c0de-0000-4000-8000-000000000000', 'ünïcode "quoted"\n']
    const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
    const http = createServer()
    http.on('upgrade', (request, socket, head) =>
      webSockets.handleUpgrade(request, socket, head, () => {
        for (const id of ids)
          for (const length of lengths) {
            const payload = new Payload(Buffer.from(JSON.stringify({ data: 'x'.repeat(length) })))
            for (const part of payload.frame(nextPrefix(id))) socket.write(part)
          }
      }),
    )
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`)
    const messages: { id: string; type: string; payload: { data: string } }[] = []
    const all = new Promise<void>((resolve, reject) => {
      client.on('error', reject)
      client.on('message', (data) => {
        messages.push(JSON.parse(String(data)))
        if (messages.length === ids.length * lengths.length) resolve()
      })
    })
    await all
    assert.deepEqual(
      messages.map(({ id, type, payload }) => [id, type, payload.data.length]),
      ids.flatMap((id) => lengths.map((length) => [id, 'next', length])),
    )
    client.terminate()
    await once(client, 'close')
    http.close()
  })
})
