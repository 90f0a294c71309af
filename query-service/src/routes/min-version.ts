import { CONTEXTS, type Context as MessageContext } from '@cavea/contracts/topics'
import type { Middleware } from 'koa'
import type { ReadModel } from '../application/read-model.ts'
import { behind, failed, malformed } from './problems.ts'

export interface VersionToken {
  readonly context: MessageContext
  readonly partition: number
  readonly commandOffset: number
}

const HEADER = 'Cavea-Min-Version'
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

/** Lets a request pass once the read model is at least as new as the versions that it names, and refuses it after `timeoutMs`. */
export function awaitMinVersion(deps: { readonly readModel: ReadModel; readonly timeoutMs: number }): Middleware {
  return async function awaitMinVersionMiddleware(context, next) {
    const header = context.get(HEADER)
    if (header !== '') {
      const waits = parseVersionTokens(header).map(({ context: of, partition, commandOffset }) => {
        return deps.readModel.waitFor(of, partition, commandOffset, deps.timeoutMs)
      })
      const outcomes = await Promise.all(waits)
      if (outcomes.includes('unknown')) throw invalid('It names a partition that does not exist.')
      if (outcomes.includes('failed')) throw failed()
      if (outcomes.includes('behind')) throw behind()
    }
    await next()
  }
}

const invalid = (detail: string): Error => malformed('MIN_VERSION_INVALID', `/headers/${HEADER}`, `${HEADER} cannot be used. ${detail}`)
