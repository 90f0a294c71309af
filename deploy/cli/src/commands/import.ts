import { readFile } from 'node:fs/promises'
import { CliError, EXIT, type ExitCode } from '../failure.ts'
import { type Fault, gatewayClient, RefusedError } from '../import/gateway-client.ts'
import { type Format, importKey, readSeatMapFile } from '../import/seat-map-file.ts'
import { type Io, table, tell } from '../io.ts'
import { given, type ProfileSettings } from '../profile.ts'

export interface ImportOptions {
  readonly json: boolean
  readonly venue?: string
  readonly createVenue?: string
  readonly timeZone?: string
  readonly country: string
  readonly url?: string
  readonly token?: string
  readonly format?: Format
  readonly name?: string
}

interface SectionAnswer {
  readonly sectionId: string
  readonly name: string
  readonly capacity: number
}

export const DEFAULT_URL = 'http://127.0.0.1:3000'

/** Sends a seat map to the gateway and tells what became of it. */
export async function importSeatMap(io: Io, settings: ProfileSettings, path: string, options: ImportOptions): Promise<ExitCode> {
  if ((options.venue === undefined) === (options.createVenue === undefined))
    throw new CliError(EXIT.usage, 'A seat map belongs to a venue: give either --venue <id> or --create-venue "<name>".')
  const file = await readSeatMapFile(path, options.format)
  const client = gatewayClient(options.url ?? given(io.env, 'CAVEA_URL') ?? DEFAULT_URL, await tokenOf(io, settings, options.token), {
    signal: io.signal,
    waiting: (location) => io.err(`The gateway has not decided yet; asking again at ${location}.\n`),
  })
  try {
    const venueId = options.venue ?? (await createVenue(io, client, options))
    const query = options.name === undefined ? '' : `?name=${encodeURIComponent(options.name)}`
    const map = await client.post(`v1/venues/${encodeURIComponent(venueId)}/seat-maps${query}`, {
      ...file,
      idempotencyKey: importKey('seat-map', venueId, file.mediaType, options.name ?? '', file.body),
    })
    tell(io, options.json, { venueId, ...map }, () => describe(venueId, map))
    return EXIT.ok
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    return refused(io, options.json, path, error)
  }
}

async function createVenue(io: Io, client: ReturnType<typeof gatewayClient>, options: ImportOptions): Promise<string> {
  const name = options.createVenue ?? ''
  const timeZone = options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  const body = JSON.stringify({ name, timeZone, address: { street: '', city: '', postalCode: '', country: options.country } })
  const { venueId } = await client.post('v1/venues', { body, mediaType: 'application/json', idempotencyKey: importKey('venue', body) })
  if (typeof venueId !== 'string') throw new CliError(EXIT.unreachable, 'The gateway made a venue and did not say which.')
  io.err(`The venue "${name}" is ${venueId}.\n`)
  return venueId
}

/** The option, the variable, or the token that a server in this data folder made for itself. */
async function tokenOf(io: Io, { tokenFile }: ProfileSettings, option: string | undefined): Promise<string> {
  const token = option ?? given(io.env, 'CAVEA_ADMIN_TOKEN') ?? (await readFile(tokenFile, 'utf8').catch(() => '')).trim()
  if (token !== '') return token
  throw new CliError(EXIT.usage, `Importing needs an organiser's token: give --token, set CAVEA_ADMIN_TOKEN, or keep one in ${tokenFile}.`)
}

function describe(venueId: string, map: Record<string, unknown>): string {
  const sections = (map['sections'] as readonly SectionAnswer[] | undefined) ?? []
  const warnings = (map['warnings'] as readonly Fault[] | undefined) ?? []
  const capacity = Number(map['capacity'] ?? 0).toLocaleString('en')
  const parts = [
    `Seat map ${String(map['seatMapId'])}, version ${String(map['version'])} of venue ${venueId}: ${capacity} seats in ${sections.length} sections.`,
    table(
      ['section', 'name', 'capacity'],
      sections.map(({ sectionId, name, capacity: seats }) => [sectionId, name, seats]),
    ),
  ]
  if (warnings.length > 0) parts.push(`Worth a look:\n${faultTable(warnings)}`)
  return parts.join('\n\n')
}

function refused(io: Io, json: boolean, path: string, error: RefusedError): ExitCode {
  const exitCode = error.status >= 500 || error.status === 429 ? EXIT.unreachable : EXIT.broken
  const problem = { error: { code: error.code, status: error.status, detail: error.detail, errors: error.faults } }
  if (json) io.out(`${JSON.stringify(problem, null, 2)}\n`)
  else
    io.err(`${path} was not imported: ${error.detail} (${error.code})\n${error.faults.length > 0 ? `\n${faultTable(error.faults)}\n` : ''}`)
  return exitCode
}

const faultTable = (faults: readonly Fault[]): string =>
  table(
    ['where', 'what'],
    faults.map(({ pointer, detail }) => [pointer === '' ? '(the whole file)' : pointer, detail]),
  )
