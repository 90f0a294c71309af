import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { build } from 'vite'
import { ROOT, scratchDir } from '../../support/program.ts'

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }

/** The picker's demo pages as their sources are now. Answers the folder. */
export async function buildDemo(): Promise<string> {
  const root = join(ROOT, 'gateway/web/seat-picker/demo')
  const outDir = scratchDir('picker')
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: {
      outDir,
      emptyOutDir: true,
      minify: false,
      modulePreload: { polyfill: false },
      rollupOptions: { input: [join(root, 'index.html'), join(root, 'element.html')] },
    },
  })
  return outDir
}

/** `policy` is the content security policy, asked for each answer. */
export async function serveDemo(dir: string, policy: () => string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const path = pathname === '/' ? 'index.html' : normalize(pathname)
    readFile(join(dir, path)).then(
      (body) => {
        const type = TYPES[extname(path)] ?? 'application/octet-stream'
        response.writeHead(200, { 'content-type': type, 'content-security-policy': policy() }).end(body)
      },
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
