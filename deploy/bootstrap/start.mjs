import { prepareAndRun } from './prepare.mjs'

await prepareAndRun('deploy/standalone/dist/main.js', process.argv.slice(2))
