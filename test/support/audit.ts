import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { built, ROOT } from './program.ts'

interface AuditReport {
  readonly intact: boolean
  readonly breaks: readonly unknown[]
  readonly differences: readonly unknown[]
  readonly partitions: readonly {
    readonly topic: string
    readonly partition: number
    readonly counted: number
    readonly voided: number
  }[]
}

/** Fails unless `cavea audit verify --redecide` finds the embedded log of this data folder intact. The server may run meanwhile. */
export const auditEmbedded = (dir: string): Promise<void> => audit(['--data', dir], {})

export interface KafkaPlace {
  readonly brokers: string
  readonly registryUrl: string
  readonly topicPrefix: string
}

const flagsOf = ({ brokers, registryUrl }: KafkaPlace): readonly string[] => ['--brokers', brokers, '--registry', registryUrl]

/** The same for the topics with this prefix. */
export const auditKafka = (place: KafkaPlace): Promise<void> => audit(flagsOf(place), { CAVEA_TOPIC_PREFIX: place.topicPrefix })

async function audit(where: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const { exitCode, output, errors } = await runCli([...where, '--json', 'audit', 'verify', '--redecide'], env)
  assert.ok(exitCode === 0 || exitCode === 1, `cavea audit verify ended with ${exitCode}: ${errors}`)
  const { intact, breaks, differences, partitions } = JSON.parse(output) as AuditReport
  assert.deepEqual({ breaks, differences }, { breaks: [], differences: [] }, 'the log is broken')
  assert.equal(intact, true)
  assert.ok(
    partitions.some(({ counted }) => counted > 0),
    'the audit saw an empty log',
  )
}

/** Runs the command line as a person would. */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly exitCode: number | null; readonly output: string; readonly errors: string }> {
  await built()
  const child = spawn(process.execPath, [join(ROOT, 'deploy/cli/dist/main.js'), ...args], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (part: Buffer) => (output += part.toString()))
  child.stderr.on('data', (part: Buffer) => (errors += part.toString()))
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { exitCode, output, errors }
}
