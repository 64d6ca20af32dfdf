/**
 * The build that today's is compared with. The commit is named here and nowhere else. Its files are taken out of the
 * repository and built once, in a folder of their own; whoever has a checkout of it that is built may say so instead.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { git, repository } from './versions.js'

const commit = 'c1808257291ffcc273bd7d4ee66e1b9e837944d1'

export const baseVersion = commit.slice(0, 7)

/** A built checkout, named by whoever runs the bench. */
export const baseVariable = 'SMACKS_BENCH_BASE'

/** Outside of the repository, and in no `node_modules`: TypeScript takes what lies there for something that is installed. */
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'smacks-bench', baseVersion)

export const baseFolder = (): string => process.env[baseVariable] ?? cache

const isBuilt = (folder: string): boolean => existsSync(join(folder, 'apps/server/dist/smacks.js'))

/** Why there is no old build and none can be made, if so. */
export const baseMissing = (): string | undefined => {
  if (isBuilt(baseFolder())) return undefined
  if (process.env[baseVariable] !== undefined) return `${baseFolder()} (${baseVariable}) is no checkout that is built`
  if (git('cat-file', '-e', `${commit}^{commit}`).ok) return undefined
  return `commit ${baseVersion} is not in this clone, which may be a shallow one: git fetch --unshallow, or --base DIR with a checkout of it that is built`
}

/** Builds it, if that was not done yet; takes half a minute and 650 MB. */
export const buildBase = (): void => {
  if (baseMissing() !== undefined || isBuilt(baseFolder())) return
  const making = `${cache}.new`
  rmSync(making, { recursive: true, force: true })
  mkdirSync(making, { recursive: true })
  const archive = execFileSync('git', ['archive', commit], { cwd: repository, maxBuffer: 2 ** 30 })
  execFileSync('tar', ['-x', '-C', making], { input: archive })
  run(making, 'npx', '--yes', 'pnpm@10.34.9', 'install', '--frozen-lockfile', '--prefer-offline', '--loglevel=warn')
  run(making, 'npx', 'tsc', '-b', 'apps/server')
  rmSync(cache, { recursive: true, force: true })
  // What has this name is whole.
  renameSync(making, cache)
}

const run = (cwd: string, command: string, ...args: ReadonlyArray<string>): void => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`the build of ${baseVersion} failed at '${args.join(' ')}':\n${stdout}${stderr}`)
}
