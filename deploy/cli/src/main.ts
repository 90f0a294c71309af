import { readFileSync } from 'node:fs'
import { EXIT } from './failure.ts'
import { runCli } from './program.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const stop = new AbortController()
process.once('SIGINT', () => {
  stop.abort()
  process.exit(130) // Nothing that a command does needs tidying up.
})
// A reader such as `head` may close the pipe before everything is written; that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.unreachable))

process.exitCode = await runCli(process.argv.slice(2), version, {
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  errIsTerminal: process.stderr.isTTY === true,
  signal: stop.signal,
})
