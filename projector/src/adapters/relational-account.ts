import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** Ours has secrets in it, which are nothing for another account to read. */
export const PLAIN_ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C' }

const runFile = promisify(execFile)

/** Runs a program to its end. Throws, with what it said, when it fails. */
export async function run(file: string, args: readonly string[], options: Partial<Account> & { readonly cwd: string }): Promise<void> {
  await runFile(file, [...args], { ...options, env: PLAIN_ENVIRONMENT })
}

export interface Account {
  readonly uid: number
  readonly gid: number
}

/** PostgreSQL refuses to run as root, so root lends it another account; undefined: we are not root. */
export async function accountForRoot(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  for (const name of ['postgres', 'nobody']) {
    const account = accounts.find((fields) => fields[0] === name)
    if (account !== undefined) return { uid: Number(account[2]), gid: Number(account[3]) }
  }
  throw new Error('PostgreSQL cannot run as root, and there is neither an account "postgres" nor "nobody".')
}

/** Whether the account may enter a folder. */
export async function enters(account: Account, folder: string): Promise<boolean> {
  return await run('/bin/sh', ['-c', 'test -x "$1"', 'sh', folder], { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  )
}
