import { CONTEXTS, type Context } from '@cavea/contracts/topics'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { auditVerify } from './commands/audit.ts'
import { listDeadLetters, replayDeadLetters } from './commands/dlq.ts'
import { doctor } from './commands/doctor.ts'
import { type ExportOptions, exportParquet } from './commands/export.ts'
import { DEFAULT_URL, type ImportOptions, importSeatMap } from './commands/import.ts'
import { listProjections, rebuildProjection, verifyProjections } from './commands/projections.ts'
import { replay } from './commands/replay.ts'
import { CliError, EXIT, type ExitCode, sentenceOf } from './failure.ts'
import { FORMATS } from './import/seat-map-file.ts'
import type { Io } from './io.ts'
import { openProfile, type Profile, type ProfileOptions, type ProfileSettings, profileSettings } from './profile.ts'

interface GlobalOptions extends ProfileOptions {
  readonly json?: boolean
}

const HELP = `
Where the log is:
  Without brokers it is the embedded log in the data folder, which may be in use by the server.
  With --brokers or KAFKA_BROKERS it is Kafka. CAVEA_TOPIC_PREFIX is put before the names of topics.

Exit codes:
  0  it worked, and nothing is wrong
  1  a check failed: the audit found a break, the doctor a fault, the gateway a fault in the file, or a read model differs
  2  the command line is wrong
  3  the log, the registry, the gateway or a database of read models cannot be reached or opened

Examples:
  cavea import hall.json --create-venue "Small theatre" --time-zone Europe/Berlin
  cavea audit verify --redecide
  cavea replay --context seating --from-snapshot
  cavea projections verify
  cavea doctor --url https://tickets.example.org
  cavea export --parquet ./export --context seating
  cavea audit verify --brokers kafka-1:9092,kafka-2:9092 --registry http://registry:8081 --json

CAVEA_DEBUG=1 shows where in the code an error came from.`

/** Runs one command line (without the program's own name) and answers the exit code. Throws nothing. */
export async function runCli(argv: readonly string[], version: string, io: Io): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok
  const program = createProgram(version, io, (code) => (exitCode = code))
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage // It has said what is wrong.
    return told(io, argv.includes('--json'), error)
  }
}

function told(io: Io, json: boolean, error: unknown): ExitCode {
  const isDebugging = !['', '0', 'false', undefined].includes(io.env['CAVEA_DEBUG'])
  const exitCode = error instanceof CliError ? error.exitCode : EXIT.unreachable
  const message = error instanceof CliError ? error.message : sentenceOf(error)
  if (json) io.out(`${JSON.stringify({ error: { message, exitCode } }, null, 2)}\n`)
  io.err(`${message}\n`)
  if (isDebugging && error instanceof Error) io.err(`${inspectable(error)}\n`)
  return exitCode
}

function inspectable(error: Error): string {
  const cause = error.cause instanceof Error ? `\nCaused by ${inspectable(error.cause)}` : ''
  return `${error.stack ?? error.message}${cause}`
}

function createProgram(version: string, io: Io, done: (exitCode: ExitCode) => void): Command {
  const program = new Command('cavea')
  program
    .description('Imports seat maps into Cavea, replays and audits its log, and finds out what ails it.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--json', 'print one JSON document on standard output')
    .option('--data <folder>', 'the data folder (CAVEA_DATA_DIR, default ./.cavea)')
    .option('--brokers <host:port,…>', 'Kafka brokers (KAFKA_BROKERS)')
    .option('--registry <url>', 'the schema registry that goes with them (SCHEMA_REGISTRY_URL)')
    .addHelpText('after', HELP)
    .showSuggestionAfterError()
    .showHelpAfterError('Run the command with --help for its options.')
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()

  const settingsOf = (): ProfileSettings => profileSettings(program.opts<GlobalOptions>(), io.env)
  const isJson = (): boolean => program.opts<GlobalOptions>().json === true
  const withProfile = async (action: (profile: Profile) => Promise<ExitCode>): Promise<void> => {
    const profile = await openProfile(settingsOf(), io)
    try {
      done(await action(profile))
    } finally {
      await profile.close()
    }
  }

  program
    .command('import')
    .description('send a seat map to the gateway: a pretix seating plan, a CSV file, or our own format')
    .argument('<file>', 'the seat map')
    .option('--venue <id>', 'the venue that it is of')
    .option('--create-venue <name>', 'make this venue first')
    .option('--time-zone <zone>', "of the new venue, for example Europe/Berlin (default: this machine's)")
    .option('--country <code>', 'of the new venue, two capital letters; ZZ: not told', 'ZZ')
    .option('--url <url>', `the gateway (CAVEA_URL, default ${DEFAULT_URL})`)
    .option('--token <token>', "an organiser's token (CAVEA_ADMIN_TOKEN, default: the data folder's admin-token)")
    .addOption(new Option('--format <format>', 'told from the file when not given').choices([...FORMATS]))
    .option('--name <name>', "the map's name, where the file has none")
    .addHelpText(
      'after',
      '\nExample:\n  cavea import hall.csv --venue venue_01jc… --name "Great hall"\n\nThe same file for the same venue is imported once, however often this is run within a day.',
    )
    .action(async (file: string, options: ImportFlags) => {
      done(await importSeatMap(io, settingsOf(), file, { ...options, json: isJson() }))
    })

  program
    .command('replay')
    .description('fold the log as the deciders do and print what it folds to')
    .addOption(new Option('--context <context>', 'only this one').choices([...CONTEXTS]))
    .option('--partition <number>', 'only this one', partitionNumber)
    .option('--no-snapshots', 'from the beginning, which is the default')
    .addOption(new Option('--from-snapshot', 'start each partition from its newest valid snapshot').conflicts('noSnapshots'))
    .addHelpText(
      'after',
      '\nExample:\n  cavea replay --context seating --partition 3\n\nEqual hashes at equal offsets mean equal states, on whatever machine.',
    )
    .action(async (options: ReplayFlags) => {
      if (!options.snapshots && options.fromSnapshot === true)
        throw new CliError(EXIT.usage, 'Either --no-snapshots or --from-snapshot: a replay has one beginning.')
      const { context, partition } = options
      const only = { ...(context === undefined ? {} : { context }), ...(partition === undefined ? {} : { partition }) }
      await withProfile((profile) => replay(io, profile, { ...only, json: isJson(), fromSnapshot: options.fromSnapshot === true }))
    })

  const audit = program.command('audit').description('prove what the log says')
  audit
    .command('verify')
    .description('walk the chain of every partition and check the invariants with tables of its own')
    .option('--anchor <head>', 'a head that was written down before and must be in the chain; may be repeated', gathered, [])
    .option('--redecide', 'decide every command again and compare with what was recorded')
    .addHelpText(
      'after',
      '\nExample:\n  cavea audit verify --redecide --anchor 6f1c…\n\nKeep the printed heads somewhere else: with them a later audit shows that nothing before them was changed or cut off.',
    )
    .action(async (options: { readonly anchor: readonly string[]; readonly redecide?: boolean }) => {
      await withProfile((profile) =>
        auditVerify(io, profile, { json: isJson(), anchors: options.anchor, redecide: options.redecide === true }),
      )
    })

  program
    .command('export')
    .description('write what happened as Parquet files, one for each type of event, as the public topics tell it')
    .requiredOption('--parquet <folder>', 'where the files go')
    .addOption(new Option('--context <context>', 'only this one').choices([...CONTEXTS]))
    .option('--performance <id>', 'only this one, with its hall')
    .option('--force', 'overwrite files of an export before')
    .addHelpText(
      'after',
      '\nExample:\n  cavea export --parquet ./export --performance perf_01jc…\n\nSeats have their names and prices, people are opaque ids. Any tool that reads Parquet reads the files.',
    )
    .action(async (options: Omit<ExportOptions, 'json'>) => {
      await withProfile((profile) => exportParquet(io, profile, { ...options, json: isJson() }))
    })

  const projections = program.command('projections').description('look after read models, which are made from the log')
  projections
    .command('list')
    .description('tell which generations there are and how far each has come')
    .action(async () => await withProfile((profile) => listProjections(io, profile, { json: isJson() })))
  projections
    .command('rebuild')
    .description('make a read model again beside the present one, and switch when it is done')
    .argument('<name>', 'as list tells it')
    .addHelpText(
      'after',
      '\nExample:\n  cavea projections rebuild bookings\n\nReaders see the present one until then. A projector that runs does the work; where none runs, this command does.',
    )
    .action(async (name: string) => await withProfile((profile) => rebuildProjection(io, profile, name, { json: isJson() })))
  projections
    .command('verify')
    .description('compare every row with the fold of the log, also while the projector runs')
    .argument('[name]', 'only this one')
    .addHelpText('after', '\nExample:\n  cavea projections verify decisions\n\nIt holds the rows of one partition in memory.')
    .action(async (name: string | undefined) => {
      await withProfile((profile) => verifyProjections(io, profile, { json: isJson(), ...(name === undefined ? {} : { name }) }))
    })

  const dlq = program.command('dlq').description('look after decisions that a read model went on without')
  dlq
    .command('list')
    .description('tell which there are, and why')
    .option('--projection <name>', 'only of this one')
    .action(async (options: DlqFlags) => await withProfile((profile) => listDeadLetters(io, profile, { ...options, json: isJson() })))
  dlq
    .command('replay')
    .description('project them again with the code of today, and mend the rows that they concern')
    .option('--projection <name>', 'only of this one')
    .addHelpText('after', '\nExample:\n  cavea dlq replay --projection bookings\n\nThe embedded server must not run meanwhile.')
    .action(async (options: DlqFlags) => await withProfile((profile) => replayDeadLetters(io, profile, { ...options, json: isJson() })))

  program
    .command('doctor')
    .description('look at everything that the server needs, and say what to do')
    .option('--url <url>', `the gateway (CAVEA_URL, default ${DEFAULT_URL})`)
    .addHelpText('after', '\nExample:\n  cavea doctor --data /var/lib/cavea')
    .action(async (options: { readonly url?: string }) => {
      done(await doctor(io, settingsOf(), { ...options, json: isJson() }))
    })
  return program
}

type ImportFlags = Omit<ImportOptions, 'json'>

interface DlqFlags {
  readonly projection?: string
}

interface ReplayFlags {
  readonly context?: Context
  readonly partition?: number
  readonly snapshots: boolean
  readonly fromSnapshot?: boolean
}

function partitionNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('A partition is a whole number from 0.')
  return Number(text)
}

const gathered = (value: string, before: readonly string[]): string[] => [...before, value]
