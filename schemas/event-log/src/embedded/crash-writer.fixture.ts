import { openEmbeddedLog } from './embedded-log.ts'

/*
 * Appends to the folder named by the first argument until it is killed, and prints the base offset of each acknowledged batch.
 * A batch is 1 to 5 records that hold "<base offset> <size> <index>", so that a torn one would show.
 */
const [dir = ''] = process.argv.slice(2)
const log = await openEmbeddedLog({ dir })
await log.ensureTopics([{ topic: 'crash', partitions: 1 }])
let expected = await log.endOffset('crash', 0)
while (true) {
  const size = 1 + (expected % 5)
  const base = expected
  const { baseOffset } = await log.append(
    'crash',
    0,
    Array.from({ length: size }, (_, index) => Buffer.from(`${base} ${size} ${index}`)),
  )
  expected = baseOffset + size
  process.stdout.write(`${baseOffset + size - 1}\n`)
}
