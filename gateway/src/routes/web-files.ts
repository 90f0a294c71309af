import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'

/** A file of the web client, as it is served. */
export interface WebFile {
  readonly plain: Buffer
  /** By content coding, best first; made when the client was built. */
  readonly coded: ReadonlyMap<'br' | 'gzip', Buffer>
  readonly type: string
  readonly tag: string
  /** Its name has a hash of its content, so it never changes. */
  readonly immutable: boolean
}

export interface WebFiles {
  /** The page that all pages are made from. */
  readonly shell: string
  /** By path, such as `/assets/main-1a2b3c.js`. */
  readonly files: ReadonlyMap<string, WebFile>
}

const SHELL = 'index.html'
const CODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
}

/** Reads what `vite build` wrote into this folder. Undefined when the client was not built. */
export function readWebFiles(dir: string): WebFiles | undefined {
  if (!existsSync(join(dir, SHELL))) return undefined
  const files = new Map<string, WebFile>()
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const type = TYPES[extname(entry.name)]
    if (!entry.isFile() || type === undefined) continue
    const path = join(entry.parentPath, entry.name)
    const name = `/${relative(dir, path).split(sep).join('/')}`
    const plain = readFileSync(path)
    files.set(name, { plain, coded: codedOf(path), type, tag: tagOf(plain), immutable: name.startsWith('/assets/') })
  }
  return { shell: readFileSync(join(dir, SHELL), 'utf8'), files }
}

function codedOf(path: string): WebFile['coded'] {
  const coded = new Map<'br' | 'gzip', Buffer>()
  for (const [coding, extension] of CODINGS) if (existsSync(path + extension)) coded.set(coding, readFileSync(path + extension))
  return coded
}

const tagOf = (bytes: Buffer): string => `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
