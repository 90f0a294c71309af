import { faultOfNode, install, say } from './install.mjs'

// What scripts that run from the sources need before they start: see "scripts" in package.json. Not as "pre…" scripts: .npmrc
// keeps packages from running scripts, and npm leaves those out then too.
const fault = faultOfNode()
if (fault !== undefined) say(fault)
process.exit(fault === undefined && (await install()) ? 0 : 1)
