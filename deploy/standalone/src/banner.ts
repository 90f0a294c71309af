import type { Demo, DemoPerformance } from './demo.ts'

export interface Started {
  readonly version: string
  readonly mode: string
  readonly url: string
  /** Set when the usual port was taken. */
  readonly portTaken: number | undefined
  readonly dataDir: string
  readonly adminToken: string
  readonly adminTokenFrom: string
  readonly buyerToken: string
  readonly demo: Demo | undefined
  readonly tookMs: number
}

/** What a person needs for the first minute. The request at the end works when it is pasted as it is. */
export function banner(started: Started): string {
  const { url, demo } = started
  const lines = [
    '',
    `Cavea ${started.version} is ready, ${started.mode}, after ${(started.tookMs / 1000).toFixed(1)} s.`,
    '',
    `  Open       ${url}/            seats to choose: in two windows, each sees what the other does`,
    `  Organise   ${url}/organise    with the organiser's token`,
    `  API        ${url}/v1`,
    `  Try it     ${url}/docs`,
    `  Health     ${url}/readyz   ${url}/metrics`,
    `  Data       ${started.dataDir}`,
    `  Organiser  ${started.adminToken}   (${started.adminTokenFrom})`,
    `  Buyer      ${started.buyerToken}`,
  ]
  if (started.portTaken !== undefined) lines.push('', `Port ${started.portTaken} is taken; PORT chooses another.`)
  if (demo !== undefined)
    lines.push(
      '',
      'On sale, made by real requests:',
      '',
      ...performanceLines(demo.performances),
      '',
      `Hold the two best seats of the theatre's stalls:`,
      '',
      firstRequest(url, started.buyerToken, demo),
    )
  lines.push('', 'Ctrl-C stops.', '')
  return lines.join('\n')
}

function performanceLines(performances: readonly DemoPerformance[]): readonly string[] {
  const titles = performances.map(({ name, hall }) => `${name}, ${hall}`)
  const width = Math.max(...titles.map((title) => title.length))
  return performances.map(({ performanceId }, at) => `  ${titles[at]?.padEnd(width)}   ${performanceId}`)
}

function firstRequest(url: string, buyerToken: string, { performanceId, sectionId }: Demo): string {
  return [
    `  curl -i ${url}/v1/performances/${performanceId}/holds \\`,
    `    -H 'authorization: Bearer ${buyerToken}' \\`,
    `    -H 'content-type: application/json' -H 'idempotency-key: my-first-hold' \\`,
    `    -d '{"bestAvailable": {"quantity": 2, "section": "${sectionId}"}}'`,
  ].join('\n')
}
