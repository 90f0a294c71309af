import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { EMBEDDED_ADAPTERS } from '../testing/spec-adapters.ts'
import { openSpecGateway, type SpecAnswer, type SpecGateway } from '../testing/spec-gateway.ts'

const PLAN_FILE = new URL('../../../test/fixtures/seating-plan.json', import.meta.url)
const SHELL = `<!doctype html><html lang="en"><head><!--cavea:head--><script type="module" src="/assets/main-1a2b.js"></script></head>
<body><div id="root"><!--cavea:body--></div><!--cavea:data--></body></html>`
const SCRIPT = `console.log(${JSON.stringify('x'.repeat(2_000))})`
const EVIL = `</script><script>alert('1')</script> & "Co"`
const HTML = { Accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' }

describe('The pages', () => {
  let spec: SpecGateway
  let folder = ''
  let performanceId = ''

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cavea-web-'))
    await mkdir(join(folder, 'assets'))
    const files = {
      'index.html': SHELL,
      'favicon.svg': '<svg/>',
      'secret.key': 'no file of a page',
      'assets/main-1a2b.js': SCRIPT,
      'assets/main-1a2b.js.br': brotliCompressSync(SCRIPT),
      'assets/main-1a2b.js.gz': gzipSync(SCRIPT),
    }
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
    spec = await openSpecGateway(EMBEDDED_ADAPTERS, {
      webFolder: folder,
      env: { CAVEA_DECISION_TIMEOUT_MS: '5000' },
      reads({ url }, response) {
        if (url?.endsWith('/availability')) response.end(JSON.stringify({ sections: [{ available: 7 }, { available: 5 }] }))
        else response.writeHead(503).end('{}')
      },
    })
    const address = { street: '1 Lê Lợi', city: 'Huế', postalCode: '', country: 'VN' }
    const venue = await spec.organise('POST', '/v1/venues', { json: { name: 'Small theatre', timeZone: 'Asia/Ho_Chi_Minh', address } })
    const map = await spec.organise('POST', `/v1/venues/${String(venue.body['venueId'])}/seat-maps`, {
      body: await readFile(PLAN_FILE),
      headers: { 'Content-Type': 'application/json' },
    })
    const prices = [
      { category: 'Stalls', amount: 125_000 },
      { category: 'Balcony', amount: 90_000 },
    ]
    const performance = await spec.organise('POST', '/v1/performances', {
      json: { seatMapId: map.body['seatMapId'], name: EVIL, startsAt: '2060-05-01T19:30:00+07:00', currency: 'VND', prices },
    })
    performanceId = String(performance.body['performanceId'])
  })

  after(async () => {
    await spec.close()
    rmSync(folder, { recursive: true })
  })

  const read = (path: string, headers: Record<string, string> = HTML): Promise<SpecAnswer> => spec.ask('GET', path, { headers })
  const textOf = ({ body }: SpecAnswer): string => String(body['text'])
  const scriptsOf = (html: string, kind: string): readonly string[] =>
    [...html.matchAll(new RegExp(`<script type="${kind}"[^>]*>(.*?)</script>`, 'gs'))].map(([, text]) => text ?? '')

  it('say in HTML what a performance is, before any script', async () => {
    const page = await read(`/performances/${performanceId}`)
    assert.deepEqual([page.status, page.headers.get('content-type')], [200, 'text/html; charset=utf-8'])
    const html = textOf(page)
    assert.match(html, /<h1>&lt;\/script&gt;&lt;script&gt;alert\(&#39;1&#39;\)&lt;\/script&gt; &amp; &quot;Co&quot;<\/h1>/)
    assert.match(html, /<link rel="canonical" href="http:\/\/127\.0\.0\.1:\d+\/performances\/perf_[^"]+">/)
    assert.match(html, /<meta property="og:title" content="&lt;\/script&gt;/)
    assert.match(html, /Saturday, May 1, 2060 at 7:30\sPM/)
    assert.match(html, /Small theatre, Huế/)
    assert.match(html, /12 places available/)
    assert.equal(html.includes("<script>alert('1')"), false)
  })

  it('tell search engines of the event and its prices, in a form that no name can break', async () => {
    const [linked = ''] = scriptsOf(textOf(await read(`/performances/${performanceId}`)), 'application/ld\\+json')
    const event = JSON.parse(linked) as Record<string, unknown> & { offers: readonly Record<string, unknown>[] }
    assert.deepEqual([event['@type'], event['name'], event['startDate']], ['Event', EVIL, '2060-05-01T12:30:00.000Z'])
    assert.deepEqual(
      event.offers.map(({ name, price, priceCurrency }) => [name, price, priceCurrency]),
      [
        ['Stalls', '125000', 'VND'],
        ['Balcony', '90000', 'VND'],
      ],
    )
  })

  it('run our scripts alone, and talk to nobody else', async () => {
    const { headers } = await read('/')
    const host = new URL(spec.url).host
    assert.equal(
      headers.get('content-security-policy'),
      `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws://${host} wss://${host}; img-src 'self' data:; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
    )
    assert.deepEqual([headers.get('cache-control'), headers.get('x-content-type-options')], ['no-cache', 'nosniff'])
  })

  it('are the API’s entrance to programs, as ever', async () => {
    for (const headers of [{ Accept: '*/*' }, { Accept: 'application/json' }, {}]) {
      const { body } = await read('/', headers)
      assert.equal(body['documentation'], '/docs')
    }
  })

  it('give their data alone to a client that is there already', async () => {
    const { status, headers, body } = await read(`/performances/${performanceId}`, { Accept: 'application/vnd.cavea.page+json' })
    assert.deepEqual([status, headers.get('content-type')], [200, 'application/vnd.cavea.page+json'])
    const { name, available, venue } = body['performance'] as { name: string; available: number; venue: { timeZone: string } }
    assert.deepEqual([name, available, venue.timeZone], [EVIL, 12, 'Asia/Ho_Chi_Minh'])
    assert.equal((await read('/performances/perf_none', { Accept: 'application/vnd.cavea.page+json' })).status, 404)
  })

  it('list what can be bought, and find by words where no better search is at hand', async () => {
    const found = async (path: string) => {
      const [data = ''] = scriptsOf(textOf(await read(path)), 'application/json')
      return (JSON.parse(data) as { performances: readonly { performanceId: string }[] }).performances.map((each) => each.performanceId)
    }
    assert.deepEqual(await found('/'), [performanceId])
    assert.deepEqual(await found('/?q=huế+THEATRE'), [performanceId])
    assert.deepEqual(await found('/?q=opera'), [])
    assert.match(textOf(await read('/?q=%22%3E%3Cb%3E')), /value="&quot;&gt;&lt;b&gt;"/)
  })

  it('are in the language that was chosen, else in one that the browser asks for', async () => {
    const languageOf = async (headers: Record<string, string>) => {
      const page = await read('/', { ...HTML, ...headers })
      return [page.headers.get('content-language'), /<html lang="([^"]+)"/.exec(textOf(page))?.[1]]
    }
    assert.deepEqual(await languageOf({ 'Accept-Language': 'fr, tr;q=0.8' }), ['tr', 'tr'])
    assert.deepEqual(await languageOf({ 'Accept-Language': 'zh-TW' }), ['zh-Hant', 'zh-Hant'])
    assert.deepEqual(await languageOf({ 'Accept-Language': 'fr' }), ['en', 'en'])
    assert.deepEqual(await languageOf({ 'Accept-Language': 'tr', Cookie: 'cavea_language=vi' }), ['vi', 'vi'])
    assert.deepEqual(await languageOf({ Cookie: 'cavea_language="><script>' }), ['en', 'en'])
  })

  it('are drawn in the colours that were chosen', async () => {
    assert.match(textOf(await read('/', { ...HTML, Cookie: 'cavea_scheme=dark' })), /<html lang="en" data-scheme="dark">/)
    assert.doesNotMatch(textOf(await read('/', { ...HTML, Cookie: 'cavea_scheme=pink' })), /data-scheme/)
  })

  it('say in words that there is nothing, and to programs as a problem', async () => {
    for (const path of ['/performances/perf_none', '/performances/perf_00000000000000000000000000', '/nowhere']) {
      const page = await read(path)
      assert.deepEqual([page.status, page.headers.get('content-type')], [404, 'text/html; charset=utf-8'], path)
      assert.match(textOf(page), /There is no such page/)
    }
    assert.equal((await read('/nowhere', { Accept: 'application/json' })).body.code, 'NOT_FOUND')
    assert.equal((await read('/v1/nowhere')).body.code, 'NOT_FOUND')
  })

  it('keep what is one person’s own from search engines', async () => {
    for (const path of ['/holds', '/organise', '/organise/performances/perf_1']) {
      const page = await read(path)
      assert.equal(page.status, 200, path)
      assert.match(textOf(page), /<meta name="robots" content="noindex">/)
    }
  })

  it('refuse a host that is none, since links and headers would carry it', async () => {
    const status = await new Promise((resolve, reject) => {
      const asked = request(`${spec.url}/`, { headers: { ...HTML, Host: 'evil.example"><script>' } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
      asked.once('error', reject)
      asked.end()
    })
    assert.equal(status, 400)
  })

  it('come with files that never change, in the coding that the browser takes', async () => {
    const codings = { br: brotliDecompressSync, gzip: gunzipSync } as const
    for (const [coding, decode] of Object.entries(codings)) {
      const { headers, bytes } = await readBytes('/assets/main-1a2b.js', { 'Accept-Encoding': coding })
      assert.deepEqual(
        [headers['content-encoding'], headers['cache-control'], headers['content-type']],
        [coding, 'public, max-age=31536000, immutable', 'text/javascript; charset=utf-8'],
      )
      assert.equal(decode(bytes).toString(), SCRIPT)
    }
    const plain = await readBytes('/assets/main-1a2b.js', { 'Accept-Encoding': 'identity' })
    assert.deepEqual([plain.headers['content-encoding'], plain.bytes.toString()], [undefined, SCRIPT])
    const again = await readBytes('/favicon.svg', { 'If-None-Match': String((await readBytes('/favicon.svg', {})).headers['etag']) })
    assert.deepEqual([again.status, again.bytes.length], [304, 0])
  })

  it('serve no file that is none of theirs', async () => {
    for (const path of ['/secret.key', '/index.html', '/assets/main-1a2b.js.br', '/assets/..%2Fsecret.key', '/../secret.key'])
      assert.equal((await readBytes(path, {})).status, 404, path)
  })

  it('say how the web client is built where it was not', async () => {
    const bare = await openSpecGateway(EMBEDDED_ADAPTERS, { decide: false, webFolder: join(folder, 'nowhere') })
    try {
      const page = await bare.ask('GET', '/', { headers: HTML })
      assert.equal(page.status, 200)
      assert.match(textOf(page), /npm run build -w @cavea\/web/)
      assert.equal((await bare.ask('GET', '/v1/openapi.json')).status, 200)
    } finally {
      await bare.close()
    }
  })

  /** As it came, before anything decodes it. */
  function readBytes(path: string, headers: Record<string, string>) {
    return new Promise<{ status: number | undefined; headers: Record<string, unknown>; bytes: Buffer }>((resolve, reject) => {
      const { hostname, port } = new URL(spec.url)
      const asked = request({ hostname, port, path, headers }, (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.once('end', () => resolve({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(parts) }))
      })
      asked.once('error', reject)
      asked.end()
    })
  }
})
