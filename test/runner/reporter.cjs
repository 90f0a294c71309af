const { appendFileSync } = require('node:fs')

/**
 * A mocha reporter for test/run.mjs: one JSON object per line in the file that CAVEA_TEST_RESULTS names. A file, written
 * synchronously, still tells which test ran when the process dies.
 */
module.exports = function Reporter(runner) {
  // Leaving by exit, not by the signal itself, lets what was started (engines) be ended by its own exit handlers.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))
  const path = process.env.CAVEA_TEST_RESULTS
  const write = (entry) => appendFileSync(path, `${JSON.stringify(entry)}\n`)
  const about = (test) => ({ title: test.fullTitle(), file: test.file ?? test.parent?.file, durationMs: test.duration ?? 0 })
  runner.on('test', (test) => write({ event: 'start', title: test.fullTitle() }))
  runner.on('pass', (test) => write({ event: 'pass', ...about(test) }))
  runner.on('pending', (test) => write({ event: 'skip', ...about(test) }))
  runner.on('fail', (test, error) => write({ event: 'fail', ...about(test), error: describe(error) }))
  runner.on('end', () => write({ event: 'end' }))
}

function describe(error) {
  const lines = [error?.stack ?? String(error)]
  if (error?.expected !== undefined || error?.actual !== undefined) {
    if (!String(error.message).includes('\n')) lines.push(`expected: ${show(error.expected)}`, `actual:   ${show(error.actual)}`)
  }
  for (let cause = error?.cause; cause !== undefined && cause !== null; cause = cause.cause)
    lines.push(`caused by: ${cause.stack ?? cause}`)
  return lines.join('\n')
}

function show(value) {
  return require('node:util').inspect(value, { depth: 6, breakLength: 120 })
}
