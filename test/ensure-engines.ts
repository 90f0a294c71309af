import { ensureEngines, TOOL_NAMES } from '@cavea/engines/install'

// A program of test/run.mjs, which reads these lines: `progress <text>` while it works, `missing <engine>: <why>` at the end.
const names = TOOL_NAMES.filter((name) => process.argv.includes(name, 2))
const { missing } = await ensureEngines(names, (line) => console.log(`progress ${line}`))
for (const { name, why } of missing) console.log(`missing ${name}: ${why.replaceAll('\n', ' ')}`)
