import { readFileSync } from 'node:fs'
import { arch, cpus, release, tmpdir, totalmem } from 'node:os'

/** What a figure depends on besides the code. */
export interface Machine {
  readonly processor: string
  readonly processors: number
  readonly architecture: string
  readonly memoryGiB: number
  readonly kernel: string
  readonly node: string
  /** Of the folder in which the engines keep their data. */
  readonly fileSystem: string
  readonly loadAverage: string
}

export function machine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    processors: cpus().length,
    architecture: arch(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.versions.node,
    fileSystem: fileSystemOf(tmpdir()),
    loadAverage: textOf('/proc/loadavg').split(' ').slice(0, 3).join(' '),
  }
}

function fileSystemOf(path: string): string {
  const mounts = textOf('/proc/mounts')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, at]) => at !== undefined && (path === at || path.startsWith(at === '/' ? '/' : `${at}/`)))
    .sort(([, a = ''], [, b = '']) => b.length - a.length)
  return mounts[0]?.[2] ?? 'unknown'
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
