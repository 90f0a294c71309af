import { buildWeb } from './build.mjs'

// For tests, which want the web client as its sources are now.
process.exit((await buildWeb()) ? 0 : 1)
