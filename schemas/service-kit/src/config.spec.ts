import assert from 'node:assert/strict'
import { ConfigError, type ConfigReader, type Environment, readConfig } from './config.ts'

function faultsOf(env: Environment, shape: (read: ConfigReader) => unknown): ConfigError {
  try {
    readConfig(env, shape)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error
  }
  throw new assert.AssertionError({ message: 'No fault was found.' })
}

describe('readConfig', () => {
  it('reads values of every kind', () => {
    const config = readConfig(
      { HOST: ' 0.0.0.0 ', PORT: '3100', QUIET: 'Yes', BROKERS: 'a:1, b:2,', MODE: 'fast', KEY: 'k'.repeat(32) },
      (read) => ({
        host: read.text('HOST'),
        port: read.integer('PORT', { max: 65_535 }),
        quiet: read.flag('QUIET', { default: false }),
        brokers: read.list('BROKERS'),
        mode: read.oneOf('MODE', ['slow', 'fast']),
        key: read.secret('KEY', { charsMin: 32 }),
      }),
    )
    assert.deepEqual(config, { host: '0.0.0.0', port: 3100, quiet: true, brokers: ['a:1', 'b:2'], mode: 'fast', key: 'k'.repeat(32) })
  })

  it('takes an empty variable for an absent one and falls back to the default', () => {
    const config = readConfig({ PORT: '', HOST: '  ' }, (read) => ({
      port: read.integer('PORT', { default: 3100 }),
      host: read.text('HOST', { default: 'localhost' }),
      prefix: read.optionalText('PREFIX'),
      names: read.list('NAMES', { default: [] }),
    }))
    assert.deepEqual(config, { port: 3100, host: 'localhost', prefix: undefined, names: [] })
  })

  it('reports every fault at once, each with its variable, the reason and an example', () => {
    const error = faultsOf({ PORT: '70000', RETRIES: 'many', MODE: 'odd', QUIET: 'perhaps' }, (read) => [
      read.integer('PORT', { default: 3000, max: 65_535 }),
      read.integer('RETRIES', { default: 3 }),
      read.oneOf('MODE', ['slow', 'fast']),
      read.flag('QUIET', { default: false }),
      read.list('BROKERS', { example: '127.0.0.1:9092' }),
      read.text('REGISTRY', { example: 'http://127.0.0.1:8081' }),
    ])
    assert.deepEqual(
      error.faults.map(({ variable }) => variable),
      ['PORT', 'RETRIES', 'MODE', 'QUIET', 'BROKERS', 'REGISTRY'],
    )
    assert.match(error.message, /6 faults/)
    assert.match(error.message, /PORT is "70000" and not between 0 and 65535, for example PORT=3000/)
    assert.match(error.message, /BROKERS is not set, for example BROKERS=127\.0\.0\.1:9092/)
  })

  it('never shows a secret, nor a text that may contain one', () => {
    const error = faultsOf({ SECRET: 'hunter2', URL: 'redis://user:hunter2@host' }, (read) => [
      read.secret('SECRET', { charsMin: 32 }),
      read.text('URL', { pattern: /^https:/, example: 'https://host' }),
    ])
    assert.equal(error.faults.length, 2)
    assert.doesNotMatch(JSON.stringify([error.message, error.faults]), /hunter2/)
  })

  it('reports the noted faults when the caller falls over a stand-in', () => {
    const error = faultsOf({}, (read) => new URL(read.text('URL')))
    assert.deepEqual(
      error.faults.map(({ variable }) => variable),
      ['URL'],
    )
  })

  it('joins the faults that the caller found itself, each variable once', () => {
    const inner = [
      { variable: 'A', problem: 'is wrong', example: '1' },
      { variable: 'B', problem: 'is wrong', example: '1' },
    ]
    const error = faultsOf({}, (read) => {
      read.text('A')
      throw new ConfigError(inner)
    })
    assert.deepEqual(
      error.faults.map(({ variable, problem }) => [variable, problem]),
      [
        ['A', 'is not set'],
        ['B', 'is wrong'],
      ],
    )
  })

  it('lets an error through that has nothing to do with the configuration', () => {
    assert.throws(
      () =>
        readConfig({}, () => {
          throw new TypeError('unrelated')
        }),
      TypeError,
    )
  })
})
