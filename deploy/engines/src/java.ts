import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError, onPath, runCommand } from './process.ts'

const JAVA_MAJOR_MIN = 17
const COPY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'

/** The major version in what `java --version` prints: 17 for `openjdk 17.0.15 2025-04-15`. Java 8 does not know the option. */
export function javaMajor(text: string): number | undefined {
  const [, major] = /^\S+ (\d+)/.exec(text) ?? []
  return major === undefined ? undefined : Number(major)
}

/** The path of a Java of version 17 or later; throws `EngineError` (`ENGINE_MISSING`) in one plain line. */
export async function findJava(): Promise<string> {
  const home = process.env['JAVA_HOME']
  const candidates = [home === undefined || home === '' ? undefined : join(home, 'bin', 'java'), onPath('java')]
  const found: string[] = []
  for (const java of candidates) {
    if (java === undefined || !existsSync(java)) continue
    try {
      const major = javaMajor(await runCommand(java, ['--version'], { timeoutMs: 30_000 })) ?? 0
      if (major >= JAVA_MAJOR_MIN) return java
      found.push(`${java} is version ${major}`)
    } catch {
      found.push(`${java} does not answer --version`)
    }
  }
  const why = found.length === 0 ? 'no java on PATH' : found.join(', ')
  throw new EngineError(
    'ENGINE_MISSING',
    `Java ${JAVA_MAJOR_MIN} or later is needed (${why}): install a JRE, on Debian default-jre-headless`,
  )
}

function findMaven(): string {
  const maven = onPath('mvn')
  if (maven === undefined) throw new EngineError('ENGINE_MISSING', 'Maven is needed to fetch the jars: install it, on Debian maven')
  return maven
}

/** Copies everything that `pom` (a path) needs at run time into `target`; checksums that do not match fail the copy. */
export async function copyJars(pom: string, target: string, cwd: string): Promise<void> {
  await runMaven(['-f', pom, `${COPY_PLUGIN}:copy-dependencies`, '-DincludeScope=runtime', `-DoutputDirectory=${target}`], cwd)
}

/** Copies one artifact (`group:artifact:version:type:classifier`) into the folder `target`. */
export async function copyArtifact(artifact: string, target: string): Promise<void> {
  await runMaven([`${COPY_PLUGIN}:copy`, `-Dartifact=${artifact}`, `-DoutputDirectory=${target}`], target)
}

async function runMaven(args: readonly string[], cwd: string): Promise<void> {
  await runCommand(findMaven(), ['-q', '-B', '-C', '-Dstyle.color=never', ...args], { cwd })
}
