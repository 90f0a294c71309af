import { constants } from 'node:fs'
import { access, open, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { sentenceOf } from '../failure.ts'
import { type Check, fail, ok, warn } from './check.ts'

/** As `engines` in package.json has it. */
const NODE_MIN = [20, 12] as const
const FREE_FAIL_BYTES = 256 * 1024 ** 2
const FREE_WARN_BYTES = 2 * 1024 ** 3
const FSYNC_WARN_MS = 20
const FSYNC_ROUNDS = 8

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  const isNew = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])
  if (isNew) return ok('Node.js', version)
  return fail('Node.js', `${version} is too old`, `Install Node.js ${NODE_MIN.join('.')} or later.`)
}

/** Free space and the time that a durable write takes, which is the least that a hold costs. */
export async function checkDataFolder(dir: string, isNeeded: boolean): Promise<Check[]> {
  const name = 'data folder'
  try {
    await access(dir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      if (!isNeeded) return [ok(name, `${dir} does not exist, and Kafka does not need it`)]
      return [fail(name, `${dir} does not exist`, 'Start the server once with npm start, or name the folder with --data.')]
    }
    return [fail(name, `${dir} is not writable for this user`, 'Change its owner, or run as the user that the server runs as.')]
  }
  return [ok(name, `${dir} is writable`), await checkSpace(dir), await checkFsync(dir)]
}

async function checkSpace(dir: string): Promise<Check> {
  const { bavail, bsize } = await statfs(dir)
  const freeBytes = bavail * bsize
  const detail = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB are free`
  const advice = 'Free some space, or move the data folder to a larger disk: the log keeps everything.'
  if (freeBytes < FREE_FAIL_BYTES) return fail('free space', detail, advice)
  return freeBytes < FREE_WARN_BYTES ? warn('free space', detail, advice) : ok('free space', detail)
}

async function checkFsync(dir: string): Promise<Check> {
  const file = join(dir, `.doctor-${process.pid}.tmp`)
  const times: number[] = []
  try {
    const handle = await open(file, 'w')
    try {
      for (let round = 0; round < FSYNC_ROUNDS; round++) {
        const startedMs = performance.now()
        await handle.write(Buffer.alloc(4_096, round))
        await handle.sync()
        times.push(performance.now() - startedMs)
      }
    } finally {
      await handle.close()
    }
  } catch (error) {
    return fail('fsync', sentenceOf(error), 'Check the disk under the data folder.')
  } finally {
    await rm(file, { force: true })
  }
  const medianMs = times.sort((a, b) => a - b)[FSYNC_ROUNDS >> 1] ?? 0
  const detail = `a durable write takes ${medianMs.toFixed(1)} ms`
  return medianMs < FSYNC_WARN_MS
    ? ok('fsync', detail)
    : warn('fsync', detail, 'Every decision waits for it: a local SSD is much faster than a network disk.')
}

export async function checkTokenFile(file: string): Promise<Check> {
  const name = 'token file'
  try {
    const { mode } = await stat(file)
    const shown = (mode & 0o777).toString(8).padStart(3, '0')
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      return warn(name, `${file} has mode ${shown}: others on this machine may read it`, `chmod 600 ${file}`)
    return ok(name, `${file} is its owner's alone (mode ${shown})`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return ok(name, `there is none at ${file}: the token is given by CAVEA_ADMIN_TOKEN`)
    return warn(name, sentenceOf(error), 'Check who owns the data folder.')
  }
}
