import { type Check, fail, ok } from '../doctor/check.ts'
import { checkGateway } from '../doctor/gateway.ts'
import { checkClock, checkRegistry, checkTopicSettings, checkTopics } from '../doctor/log.ts'
import { checkDataFolder, checkNode, checkTokenFile } from '../doctor/machine.ts'
import { EXIT, type ExitCode, sentenceOf } from '../failure.ts'
import { type Io, tell } from '../io.ts'
import { given, openProfile, type Profile, type ProfileSettings } from '../profile.ts'
import { DEFAULT_URL } from './import.ts'

/** Looks at everything that the server needs, and goes on where something is missing. */
export async function doctor(
  io: Io,
  settings: ProfileSettings,
  options: { readonly json: boolean; readonly url?: string },
): Promise<ExitCode> {
  const named = options.url ?? given(io.env, 'CAVEA_URL')
  const checks: Check[] = [
    checkNode(process.version),
    ...(await checkDataFolder(settings.dataDir, settings.kind === 'embedded')),
    await checkTokenFile(settings.tokenFile),
    ...(await checkLog(io, settings)),
    await checkGateway(named ?? DEFAULT_URL, named !== undefined),
  ]
  const failed = checks.filter(({ status }) => status === 'fail').length
  tell(io, options.json, { profile: settings.kind, healthy: failed === 0, checks }, () => {
    const width = Math.max(...checks.map(({ name }) => name.length))
    const lines = checks.map(({ name, status, detail, advice }) => {
      const line = `${status.padEnd(4)}  ${name.padEnd(width)}  ${detail}`
      return advice === '' ? line : `${line}\n${' '.repeat(width + 8)}→ ${advice}`
    })
    return `${lines.join('\n')}\n\n${failed === 0 ? 'Nothing stands in the way.' : `${failed} of ${checks.length} checks failed.`}`
  })
  return failed === 0 ? EXIT.ok : EXIT.broken
}

async function checkLog(io: Io, settings: ProfileSettings): Promise<Check[]> {
  let profile: Profile
  try {
    profile = await openProfile(settings, io)
  } catch (error) {
    return [fail('log', sentenceOf(error), settings.kind === 'embedded' ? `Check ${settings.logDir}.` : 'Check KAFKA_BROKERS.')]
  }
  try {
    const where = settings.kind === 'embedded' ? settings.logDir : `Kafka at ${settings.brokers.join(', ')}`
    const checks = [ok('log', `${where} opens for reading`)]
    checks.push(
      ...(await checkTopics(profile)),
      ...(await checkTopicSettings(settings)),
      await checkRegistry(profile),
      await checkClock(profile, Date.now()),
    )
    return checks
  } catch (error) {
    return [fail('log', sentenceOf(error), 'The log opened and then failed: look at the brokers or the disk.')]
  } finally {
    await profile.close()
  }
}
