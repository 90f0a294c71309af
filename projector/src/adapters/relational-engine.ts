import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chown, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type Account, accountForRoot, PLAIN_ENVIRONMENT, run } from './relational-account.ts'
import { type Binaries, findBinaries, folderOfRoot, markOwner, removeForsaken } from './relational-binaries.ts'

/** A PostgreSQL of our own, which nobody else knows of. */
export interface PrivatePostgres {
  readonly url: string
  stop(): Promise<void>
}

/** Where its data are, and whose. */
interface Home {
  readonly folder: string
  readonly data: string
  readonly account: Account | undefined
}

const HOME_PREFIX = 'tables-'
const READY_TIMEOUT_MS = 60_000
const RELEASE_TIMEOUT_MS = 30_000
const STOP_TIMEOUT_MS = 10_000
const RESTART_AFTER_MS = 500
const ANSWER_TIMEOUT_MS = 5_000
const POLL_MS = 20
const LOG_TAIL_BYTES = 2_000
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '', // Only TCP: a socket's path may be no longer than 107 characters.
  max_connections: '32',
  shared_buffers: '32MB',
  io_method: 'sync',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '256MB',
  jit: 'off',
  log_checkpoints: 'off',
}

/**
 * Waits with PostgreSQL and ends it, by SIGINT as a fast shutdown, when its input ends: so it outlives us by a moment at most,
 * however we end.
 */
const KEEPER = `exec 3<&0
"$@" </dev/null 3<&- & server=$!
(read -r line <&3; kill -INT $server) 2>/dev/null & watch=$!
exec 3<&-
wait $server; code=$?
kill $watch 2>/dev/null
exit $code`

/** Another process still has the data. */
class DataInUseError extends Error {}

/**
 * Starts PostgreSQL on data in `dir`, which it makes when there are none. What they hold can all be made again from the log, so
 * data that it cannot start on are thrown away. As root it runs under another account, with its data in /var/lib/cavea.
 */
export async function startPrivatePostgres(dir: string): Promise<PrivatePostgres> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const account = await accountForRoot()
  const binaries = await findBinaries(account)
  const home = await homeOf(dir, account)
  const password = await passwordOf(dir, home)
  const version = await readFile(join(home.data, 'PG_VERSION'), 'utf8').catch(() => undefined)
  if (version !== undefined && version.trim() !== binaries.major) await rm(home.data, { recursive: true, force: true })
  const isNew = !existsSync(home.data)
  if (isNew) await initialise(binaries, home, password)
  try {
    return await whenReleased(() => serve(binaries, home, password))
  } catch (error) {
    if (isNew || error instanceof DataInUseError) throw error
    await rm(home.data, { recursive: true, force: true })
    await initialise(binaries, home, password)
    return await serve(binaries, home, password)
  }
}

async function homeOf(dir: string, account: Account | undefined): Promise<Home> {
  if (account === undefined) return { folder: dir, data: join(dir, 'data'), account }
  await removeForsaken(HOME_PREFIX)
  const folder = await folderOfRoot(`${HOME_PREFIX}${createHash('sha256').update(dir).digest('hex').slice(0, 16)}`)
  await markOwner(folder, dir)
  return { folder, data: join(folder, 'data'), account }
}

/** Any user of this machine may connect to a port, so the server wants a password. Without it the data cannot be read. */
async function passwordOf(dir: string, { data }: Home): Promise<string> {
  const file = join(dir, 'password')
  const kept = await readFile(file, 'utf8').catch(() => '')
  if (kept !== '') return kept.trim()
  await rm(data, { recursive: true, force: true })
  const password = randomBytes(24).toString('base64url')
  await writeFile(file, `${password}\n`, { mode: 0o600 })
  return password
}

/** Into a folder beside, renamed at the end: an interrupted one leaves nothing that looks like a database. */
async function initialise({ initdb }: Binaries, { folder, data, account }: Home, password: string): Promise<void> {
  const [fresh, passwordFile] = [`${data}.new`, join(folder, 'password.new')]
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { mode: 0o700 })
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (account !== undefined) for (const path of [fresh, passwordFile]) await chown(path, account.uid, account.gid)
  try {
    const how = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8', '--locale=C', '--wal-segsize=4', '--no-sync']
    await run(initdb, ['-D', fresh, '-U', 'cavea', ...how], { ...account, cwd: fresh })
    await rename(fresh, data)
  } finally {
    await rm(passwordFile, { force: true })
  }
}

/** A process that was killed may need a moment to let go of its data. */
async function whenReleased(start: () => Promise<PrivatePostgres>): Promise<PrivatePostgres> {
  const deadlineMs = performance.now() + RELEASE_TIMEOUT_MS
  for (;;) {
    try {
      return await start()
    } catch (error) {
      if (!(error instanceof DataInUseError) || performance.now() > deadlineMs) throw error
      await sleep(10 * POLL_MS)
    }
  }
}

/** Runs a server until it is stopped. One that dies is started again where it was, since its clients know the address. */
async function serve(binaries: Binaries, home: Home, password: string): Promise<PrivatePostgres> {
  const port = await freePort()
  const url = `postgres://cavea:${password}@127.0.0.1:${port}/postgres`
  const stopping = new AbortController()
  let server = await launch(binaries, home, port, url)
  const kept = keep()

  async function keep(): Promise<void> {
    for (;;) {
      await server.ended
      if (stopping.signal.aborted) return
      await sleep(RESTART_AFTER_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (stopping.signal.aborted) return
      server = await launch(binaries, home, port, url).catch(() => ({ ...server, ended: Promise.resolve() }))
    }
  }

  return {
    url,
    async stop() {
      stopping.abort()
      await server.stop()
      await kept
      await server.stop() // It may have been started again meanwhile.
    },
  }
}

interface Server {
  readonly ended: Promise<void>
  stop(): Promise<void>
}

/** Resolves when it answers. */
async function launch({ postgres }: Binaries, { folder, data, account }: Home, port: number, url: string): Promise<Server> {
  const logFile = join(folder, 'postgres.log')
  const log = await open(logFile, 'w', 0o600)
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn('/bin/sh', ['-c', KEEPER, 'sh', postgres, '-D', data, '-p', String(port), ...settings], {
    ...account,
    cwd: data,
    env: PLAIN_ENVIRONMENT,
    detached: true, // Ctrl-C in the terminal reaches us alone, and we end what we started in order.
    stdio: ['pipe', log.fd, log.fd],
  })
  await log.close()
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  child.stdin?.on('error', () => undefined) // It ends with the server, which `ended` tells.
  const server = { ended, stop: () => stop(child, ended) }
  try {
    await untilReady(child, url, logFile)
  } catch (error) {
    await server.stop()
    throw error
  }
  return server
}

async function untilReady(child: ChildProcess, url: string, logFile: string): Promise<void> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadlineMs) {
    if (await answers(url)) return
    await sleep(POLL_MS)
  }
  const said = (await readFile(logFile, 'utf8').catch(() => '')).slice(-LOG_TAIL_BYTES).trim()
  if (said.includes('lock file "postmaster.pid" already exists') || said.includes('shared memory block')) throw new DataInUseError(said)
  throw new Error(`PostgreSQL did not start: ${said}`)
}

/** Whether a server takes the address, name and password. */
export async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: ANSWER_TIMEOUT_MS })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const group = -child.pid // The keeper and what it keeps are a group of their own.
  child.stdin?.end()
  const overdue = setTimeout(() => process.kill(group, 'SIGKILL'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(overdue)
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('There is no free port.')
  return address.port
}
