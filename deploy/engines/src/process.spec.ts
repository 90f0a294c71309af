import assert from 'node:assert/strict'
import { exportLines, parseOnly } from './environment.ts'
import { ENGINE_NAMES } from './install.ts'
import { javaMajor } from './java.ts'
import { newClusterId, propertiesText, serverProperties } from './kafka.ts'
import { helloMessage } from './mongo.ts'
import { digest, lastLines } from './process.ts'

describe('the log of an engine that failed to start', () => {
  it('is cut to its last lines that say something', () => {
    assert.equal(lastLines('one\n\ntwo\r\n  \nthree\n', 2), 'two\nthree')
    assert.equal(lastLines('one', 5), 'one')
    assert.equal(lastLines('', 5), '')
  })

  it('keeps the first error and its reason although a long shutdown follows, without stack frames', () => {
    const shutdown = Array.from({ length: 40 }, (_, i) => `INFO step ${i}`)
    const log = ['INFO starting', 'ERROR cannot bind', 'Address already in use', '\tat Socket.bind(Socket.java:1)', ...shutdown].join('\n')
    assert.deepEqual(digest(log).split('\n'), ['ERROR cannot bind', 'Address already in use', '…', ...shutdown.slice(-20)])
  })

  it('names no line twice when the error is among the last lines', () => {
    assert.equal(digest('INFO starting\nERROR broken\n'), 'INFO starting\nERROR broken')
  })
})

describe('the configuration of Kafka', () => {
  it('binds every listener to the loopback address', () => {
    const properties = serverProperties({ port: 1, controllerPort: 2, dataDir: '/data', groupMinSessionTimeoutMs: 500 })
    assert.equal(properties['listeners'], 'PLAINTEXT://127.0.0.1:1,CONTROLLER://127.0.0.1:2')
    assert.equal(properties['controller.quorum.voters'], '1@127.0.0.1:2')
    assert.equal(properties['group.min.session.timeout.ms'], '500')
  })

  it('tells clients that come by a detour to come by it again', () => {
    const detours = [{ port: 3, advertisedPort: 4 }]
    const properties = serverProperties({ port: 1, controllerPort: 2, dataDir: '/data', groupMinSessionTimeoutMs: 500, detours })
    assert.equal(properties['listeners'], 'PLAINTEXT://127.0.0.1:1,DETOUR0://127.0.0.1:3,CONTROLLER://127.0.0.1:2')
    assert.equal(properties['advertised.listeners'], 'PLAINTEXT://127.0.0.1:1,DETOUR0://127.0.0.1:4')
    assert.equal(properties['listener.security.protocol.map'], 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,DETOUR0:PLAINTEXT')
  })

  it('is written as one line per property, with backslashes doubled', () => {
    assert.equal(propertiesText({ 'log.dirs': 'C:\\data', a: 'b' }), 'log.dirs=C:\\\\data\na=b\n')
  })

  it('has a cluster id that never reads as an option', () => {
    for (let i = 0; i < 500; i++) assert.match(newClusterId(), /^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/)
  })
})

describe('the version of Java', () => {
  it('is read from the first line that any vendor prints', () => {
    assert.equal(javaMajor('openjdk 17.0.15 2025-04-15\nOpenJDK Runtime Environment'), 17)
    assert.equal(javaMajor('java 21 2023-09-19 LTS'), 21)
    assert.equal(javaMajor('Unrecognized option: --version'), undefined)
  })
})

describe('the question to MongoDB', () => {
  it('states its own length and that of its document', () => {
    const message = helloMessage()
    assert.equal(message.readInt32LE(0), message.length)
    assert.equal(message.readInt32LE(21), message.length - 21)
    assert.equal(message.at(-1), 0)
  })
})

describe('the arguments of npm run engines', () => {
  it('name all engines when there are none', () => {
    assert.deepEqual(parseOnly([]), ENGINE_NAMES)
  })

  it('limit the engines, in our order, in both spellings', () => {
    assert.deepEqual(parseOnly(['--only', 'registry,kafka']), ['kafka', 'registry'])
    assert.deepEqual(parseOnly(['--only=redis']), ['redis'])
  })

  it('are refused in words when they name what we do not have', () => {
    assert.match(String(parseOnly(['--only', 'kafka,oracle'])), /^unknown engine: oracle/)
    assert.match(String(parseOnly(['--only'])), /^usage/)
    assert.match(String(parseOnly(['--all'])), /^usage/)
  })
})

describe('the lines to source', () => {
  it('survive a quote in a value', () => {
    assert.equal(exportLines({ A: "it's", B: 'x y' }), "export A='it'\\''s'\nexport B='x y'\n")
  })
})
