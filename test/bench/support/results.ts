import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Machine, machine } from './machine.ts'
import type { Result } from './measure.ts'
import { barPlot } from './plot.ts'
import { ROOT } from './programs.ts'
import { type Spread, shown } from './statistics.ts'

const DIR = join(ROOT, 'test/bench/results')

interface Recorded {
  readonly measuredAt: string
  readonly machine: Machine
  readonly command: string
  readonly result: Result
}
type Book = Readonly<Record<string, Recorded>>

/** Adds a result to those on disk, each with the machine and the time that are its own, and answers its table. */
export function record(name: string, result: Result, { repeats, writes }: { readonly repeats: number; readonly writes: boolean }): string {
  const table = tableOf(result)
  if (!writes) return table
  mkdirSync(DIR, { recursive: true })
  const command = `npm run bench -- --repeats ${repeats} ${name}`
  const book: Book = { ...readBook(), [name]: { measuredAt: new Date().toISOString(), machine: machine(), command, result } }
  writeFileSync(join(DIR, 'results.json'), `${JSON.stringify(book, null, 2)}\n`)
  writeFileSync(join(DIR, 'README.md'), readmeOf(book))
  if (result.plot !== undefined) writeFileSync(join(DIR, `${name}.svg`), barPlot(result, result.plot))
  return table
}

function readBook(): Book {
  try {
    return JSON.parse(readFileSync(join(DIR, 'results.json'), 'utf8')) as Book
  } catch {
    return {}
  }
}

function readmeOf(book: Book): string {
  const sections = Object.entries(book).map(([name, { measuredAt, machine: on, command, result }]) =>
    [
      `## ${result.title}`,
      result.how,
      ...(result.plot === undefined ? [] : [`![${result.title}](${name}.svg)`]),
      tableOf(result),
      `\`${command}\` on ${measuredAt.slice(0, 10)}: ${describe(on)}`,
    ].join('\n\n'),
  )
  return [
    '# What was measured',
    'Medians; smallest and largest of the repeats in brackets. How each figure comes about: `../README.md`.',
    ...sections,
    '',
  ].join('\n\n')
}

const describe = ({ processor, processors, memoryGiB, kernel, node, fileSystem }: Machine): string =>
  `${processors} × ${processor}, ${memoryGiB} GiB, Linux ${kernel}, ${fileSystem}, Node ${node}.`

/** As Markdown: a row for each, a column for each figure that any of them has. */
export function tableOf({ rows }: Result): string {
  const columns = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))]
  const hasNotes = rows.some(({ note }) => note !== undefined)
  const head = ['', ...columns, ...(hasNotes ? ['note'] : [])]
  const lines = rows.map(({ of, note, figures }) => [
    of,
    ...columns.map((column) => cell(figures[column])),
    ...(hasNotes ? [note ?? ''] : []),
  ])
  return [head, head.map((_, at) => (at === 0 ? '---' : '---:')), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function cell(spread: Spread | undefined): string {
  if (spread === undefined) return ''
  const { median, min, max, values } = spread
  return values.length === 1 ? shown(median) : `${shown(median)} (${shown(min)}–${shown(max)})`
}
