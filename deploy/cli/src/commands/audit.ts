import { type Head, parseHead } from '@cavea/contracts/ledger'
import { CART_STATES } from '../audit/cart.ts'
import { type Break, INVARIANTS } from '../audit/findings.ts'
import { type Redecided, redecideLog } from '../audit/redecide.ts'
import { type AuditReport, verifyLog } from '../audit/verify.ts'
import { CliError, EXIT, type ExitCode } from '../failure.ts'
import { type Io, progressOf, table, tell } from '../io.ts'
import type { Profile } from '../profile.ts'

export interface AuditVerifyOptions {
  readonly json: boolean
  readonly anchors: readonly string[]
  readonly redecide: boolean
}

/** Proves the log, or names the first record that breaks an invariant. */
export async function auditVerify(io: Io, profile: Profile, options: AuditVerifyOptions): Promise<ExitCode> {
  const anchors = options.anchors.map(anchorOf)
  const walking = progressOf(io, 'Checking')
  const report = await verifyLog(profile, { anchors, progress: walking.at })
  walking.end()
  const deciding = progressOf(io, 'Deciding again')
  const isBroken = (context: string, partition: number): boolean =>
    report.breaks.some((broken) => broken.context === context && broken.partition === partition)
  const redecided = options.redecide ? await redecideLog(profile, isBroken, deciding.at) : null
  deciding.end()

  const differences = (redecided ?? []).flatMap(({ difference }) => (difference === null ? [] : [difference]))
  const intact = report.intact && differences.length === 0
  const breaks = report.breaks.map((broken) => ({ ...broken, rule: INVARIANTS[broken.invariant] }))
  const { anchors: anchored, partitions, underWay } = report
  tell(io, options.json, { intact, breaks, differences, anchors: anchored, partitions, underWay, redecided }, () =>
    [
      describePartitions(report),
      ...describeCarts(report),
      ...report.breaks.map(describeBreak),
      ...describeAnchors(report),
      ...describeRedecided(redecided),
      conclusion(report, intact),
    ].join('\n\n'),
  )
  return intact ? EXIT.ok : EXIT.broken
}

function anchorOf(text: string): Head {
  const head = parseHead(text.trim().toLowerCase())
  if (head === undefined) throw new CliError(EXIT.usage, `An anchor is a head, 64 hexadecimal digits; "${text}" is none.`)
  return head
}

function describePartitions({ partitions }: AuditReport): string {
  const rows = partitions.map(({ topic, partition, records, counted, voided, commandOffset, head, broken }) => [
    topic,
    partition,
    records,
    counted,
    voided,
    commandOffset,
    broken === null ? 'unbroken' : `${broken.invariant} at ${broken.offset}`,
    head,
  ])
  return table(['events topic', 'partition', 'records', 'counted', 'void', 'last command', 'chain and rules', 'head'], rows)
}

function describeBreak({ topic, partition, offset, invariant, why }: Break): string {
  return `${topic}/${partition} is broken at offset ${offset}: ${why}.\n  ${invariant}: ${INVARIANTS[invariant]}`
}

/** Nothing where there never was a cart. */
function describeCarts({ partitions, underWay }: AuditReport): string[] {
  const count = (state: (typeof CART_STATES)[number]): number => partitions.reduce((sum, { carts }) => sum + (carts?.[state] ?? 0), 0)
  if (CART_STATES.every((state) => count(state) === 0)) return []
  const counts = CART_STATES.map((state) => `${count(state).toLocaleString('en')} ${state}`).join(', ')
  const waiting = underWay === null || underWay === 0 ? '' : ` The sections have yet to sell or release ${underWay} of their parts.`
  return [`Carts: ${counts}.${waiting}`]
}

function describeAnchors({ anchors }: AuditReport): string[] {
  return anchors.map(({ head, foundAt }) =>
    foundAt === null
      ? `The anchored head ${head} is nowhere in the log: what it stood for was changed or cut off.`
      : `The anchored head ${head} is the record at ${foundAt.topic}/${foundAt.partition}, offset ${foundAt.offset}.`,
  )
}

function describeRedecided(redecided: readonly Redecided[] | null): string[] {
  if (redecided === null) return []
  const sum = (of: (one: Redecided) => number): string => redecided.reduce((total, one) => total + of(one), 0).toLocaleString('en')
  const lines = [`Decided again and found the same: ${sum((one) => one.compared)} commands.`]
  if (redecided.some((one) => one.otherRules > 0))
    lines.push(`Decided by another version of the rules, not compared: ${sum((one) => one.otherRules)}.`)
  if (redecided.some((one) => one.quarantined > 0)) lines.push(`Set aside then, not asked again: ${sum((one) => one.quarantined)}.`)
  for (const { difference } of redecided)
    if (difference !== null) lines.push(`${difference.topic}/${difference.partition} at offset ${difference.offset}: ${difference.why}.`)
  return [lines.join('\n')]
}

function conclusion({ partitions }: AuditReport, intact: boolean): string {
  if (!intact) return 'The log is NOT intact.'
  const counted = partitions.reduce((sum, partition) => sum + partition.counted, 0).toLocaleString('en')
  const sold = partitions.reduce((sum, { seats }) => sum + (seats?.sold ?? 0), 0).toLocaleString('en')
  const unlisted = partitions.reduce((sum, partition) => sum + partition.unlisted, 0)
  const note =
    unlisted === 0
      ? ''
      : ` ${unlisted} sections belong to performances that the catalog does not list, so their capacity is their own word.`
  return `The log is intact: ${counted} records count, ${sold} seats are sold, none of them twice.${note}`
}
