import { faultOfNode, install, say } from './install.mjs'

// What scripts that run from the sources need before they start: see "pre…" in package.json.
const fault = faultOfNode()
if (fault !== undefined) say(fault)
process.exit(fault === undefined && (await install()) ? 0 : 1)
