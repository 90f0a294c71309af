import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { asyncApiText } from '@cavea/contracts/public/asyncapi'
import type { Router } from '@koa/router'
import type { Context } from 'koa'
import { openApiDocument } from '../openapi/document.ts'

/**
 * The page draws itself with inline styles, which is what its policy allows beyond our own scripts; nothing comes from
 * elsewhere, and requests that are tried out go to this very service.
 */
const DOCS_CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cavea API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<script src="/docs/swagger-ui-bundle.js" defer></script>
<script src="/docs/start.js" defer></script>
</head>
<body>
<div id="api"></div>
</body>
</html>
`

/** The validator that the page would ask is somebody else's server. */
const START = `SwaggerUIBundle({ url: '/v1/openapi.json', dom_id: '#api', validatorUrl: null, deepLinking: true, tryItOutEnabled: true })
`

const FILES = { 'swagger-ui.css': 'text/css; charset=utf-8', 'swagger-ui-bundle.js': 'text/javascript; charset=utf-8' } as const

interface Asset {
  readonly plain: Buffer
  readonly tag: string
}

/** The API's description, and a page to read and try it. */
export function mountDocs(router: Router): void {
  let description: Asset | undefined
  let publicTopics: Asset | undefined

  router.get('/', function showDocs(context) {
    context.body = { name: 'Cavea', description: '/v1/openapi.json', documentation: '/docs' }
  })
  router.get('/v1/openapi.json', function readDescription(context) {
    description ??= assetOf(Buffer.from(JSON.stringify(openApiDocument())))
    answer(context, description, 'application/json')
  })
  // What outside readers get from Kafka, which is not this API but belongs to the same product.
  router.get('/v1/asyncapi.json', function readPublicTopics(context) {
    publicTopics ??= assetOf(Buffer.from(asyncApiText()))
    answer(context, publicTopics, 'application/json')
  })
  router.get('/docs', function readPage(context) {
    context.set('Content-Security-Policy', DOCS_CONTENT_SECURITY_POLICY)
    answer(context, assetOf(Buffer.from(PAGE)), 'text/html; charset=utf-8')
  })
  router.get('/docs/start.js', function readStart(context) {
    answer(context, assetOf(Buffer.from(START)), 'text/javascript; charset=utf-8')
  })
  const { resolve } = createRequire(import.meta.url)
  for (const [file, type] of Object.entries(FILES)) {
    let asset: Asset | undefined
    router.get(`/docs/${file}`, function readFile(context) {
      asset ??= assetOf(readFileSync(resolve(`swagger-ui-dist/${file}`)))
      answer(context, asset, type)
    })
  }
}

const assetOf = (plain: Buffer): Asset => ({ plain, tag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"` })

function answer(context: Context, { plain, tag }: Asset, type: string): void {
  context.status = 200
  context.set({ ETag: tag, 'Cache-Control': 'no-cache' })
  if (context.fresh) {
    context.status = 304
    return
  }
  context.body = plain
  context.type = type
}
