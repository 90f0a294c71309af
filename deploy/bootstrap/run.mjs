import { say } from './install.mjs'
import { prepareAndRun } from './prepare.mjs'

const [main, ...args] = process.argv.slice(2)
if (!main?.includes('/dist/')) {
  say('Usage: node deploy/bootstrap/run.mjs <package>/dist/<main>.js [arguments]')
  process.exit(2)
}
await prepareAndRun(main, args)
