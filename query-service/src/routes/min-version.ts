import { CONTEXTS, type Context as MessageContext } from '@cavea/contracts/topics'
import type { Middleware } from 'koa'
import type { ReadModel } from '../application/read-model.ts'
import { behind, failed, malformed } from './problems.ts'

export interface VersionToken {
  readonly context: MessageContext
  readonly partition: number
  readonly commandOffset: number
}

export const MIN_VERSION_HEADER = 'Cavea-Min-Version'
const TOKEN = /^([a-z-]+)\/(\d{1,5})\/(\d{1,15})$/
const TOKENS_MAX = 64

/** Reads `<context>/<partition>/<offset>`, several with commas between. Throws a 400 problem. */
export function parseVersionTokens(header: string): readonly VersionToken[] {
  const texts = header.split(',').map((text) => text.trim())
  if (texts.length > TOKENS_MAX) throw invalid(`It names more than ${TOKENS_MAX} versions.`)
  return texts.map((text) => {
    const [, name, partition, commandOffset] = TOKEN.exec(text) ?? []
    const context = CONTEXTS.find((candidate) => candidate === name)
    if (context === undefined) throw invalid('It must be the Cavea-Version of an earlier answer, or several with commas between.')
    return { context, partition: Number(partition), commandOffset: Number(commandOffset) }
  })
}

/** Resolves once the read model is at least as new as the versions that `header` names. Throws a problem after `timeoutMs`. */
export async function whenAtLeast(readModel: ReadModel, header: string, timeoutMs: number): Promise<void> {
  const waits = parseVersionTokens(header).map(({ context, partition, commandOffset }) => {
    return readModel.waitFor(context, partition, commandOffset, timeoutMs)
  })
  const outcomes = await Promise.all(waits)
  if (outcomes.includes('unknown')) throw invalid('It names a partition that does not exist.')
  if (outcomes.includes('failed')) throw failed()
  if (outcomes.includes('behind')) throw behind()
}

/** Lets a request pass once the read model is at least as new as the versions that it names, and refuses it after `timeoutMs`. */
export function awaitMinVersion(deps: { readonly readModel: ReadModel; readonly timeoutMs: number }): Middleware {
  return async function awaitMinVersionMiddleware(context, next) {
    const header = context.get(MIN_VERSION_HEADER)
    if (header !== '') await whenAtLeast(deps.readModel, header, deps.timeoutMs)
    await next()
  }
}

const invalid = (detail: string): Error =>
  malformed('MIN_VERSION_INVALID', `/headers/${MIN_VERSION_HEADER}`, `${MIN_VERSION_HEADER} cannot be used. ${detail}`)
