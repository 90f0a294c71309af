import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './programs.ts'

interface Node {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}
interface CpuProfile {
  readonly nodes: readonly Node[]
  /** Microseconds on the clock of `process.hrtime`. */
  readonly startTime: number
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export interface Share {
  readonly name: string
  /** Of the time in which the process was not idle. */
  readonly share: number
}

export interface Profile {
  readonly busyUs: number
  /** By where the code comes from: a package, a part of Node, one of our packages. */
  readonly origins: readonly Share[]
  /** Time in the function itself. */
  readonly self: readonly Share[]
  /** Time in the function and all that it called. */
  readonly total: readonly Share[]
}

const IDLE = '(idle)'

export const nowUs = (): number => Number(process.hrtime.bigint() / 1_000n)

/** What `--cpu-prof` wrote into a folder, of the time between the two moments of `nowUs`. */
export function readProfile(dir: string, fromUs: number, toUs: number): Profile {
  const file = readdirSync(dir).find((name) => name.endsWith('.cpuprofile'))
  if (file === undefined) throw new Error(`There is no profile in ${dir}.`)
  const profile = JSON.parse(readFileSync(join(dir, file), 'utf8')) as CpuProfile
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)))
  const selfUs = new Map<number, number>()
  let busyUs = 0
  let atUs = profile.startTime
  for (const [index, id] of profile.samples.entries()) {
    const tookUs = Math.max(0, profile.timeDeltas[index + 1] ?? 0)
    atUs += profile.timeDeltas[index] ?? 0
    if (atUs < fromUs || atUs > toUs || nodes.get(id)?.callFrame.functionName === IDLE) continue
    busyUs += tookUs
    selfUs.set(id, (selfUs.get(id) ?? 0) + tookUs)
  }
  const self = new Map<string, number>()
  const total = new Map<string, number>()
  const origins = new Map<string, number>()
  for (const [id, us] of selfUs) {
    const node = nodes.get(id)
    if (node === undefined) continue
    add(self, nameOf(node), us)
    add(origins, originOf(node), us)
    const seen = new Set<string>() // A function that calls itself took its time once.
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const above = nodes.get(at)
      if (above !== undefined) seen.add(nameOf(above))
    }
    for (const name of seen) add(total, name, us)
  }
  const shares = (of: ReadonlyMap<string, number>): Share[] =>
    [...of].map(([name, us]) => ({ name, share: us / busyUs })).sort((a, b) => b.share - a.share)
  return { busyUs, origins: shares(origins), self: shares(self), total: shares(total) }
}

function add(sums: Map<string, number>, name: string, us: number): void {
  sums.set(name, (sums.get(name) ?? 0) + us)
}

function placeOf(url: string): string {
  const path = url.replace('file://', '')
  const inPackage = path.lastIndexOf('node_modules/')
  return inPackage >= 0 ? path.slice(inPackage + 'node_modules/'.length) : path.replace(ROOT, '').replace('/dist/', '/')
}

const nameOf = ({ callFrame: { functionName, url, lineNumber } }: Node): string =>
  url === '' ? functionName : `${functionName || '(anonymous)'} ${placeOf(url)}:${lineNumber + 1}`

function originOf({ callFrame: { functionName, url } }: Node): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native'
  if (url.startsWith('node:')) return url.startsWith('node:internal') ? `node:${url.split('/')[1] ?? ''}` : url
  const parts = placeOf(url).split('/')
  if (url.includes('node_modules/')) return parts.slice(0, parts[0]?.startsWith('@') === true ? 2 : 1).join('/')
  return parts[0] === 'schemas' || parts[0] === 'deploy' ? parts.slice(0, 2).join('/') : (parts[0] ?? '')
}
