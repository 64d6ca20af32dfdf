/** Which commit today's build is of. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const repository = fileURLToPath(new URL('../../', import.meta.url))

export const git = (...args: ReadonlyArray<string>): { readonly ok: boolean; readonly text: string } => {
  const { status, stdout } = spawnSync('git', args, { cwd: repository, encoding: 'utf8' })
  return { ok: status === 0, text: (stdout ?? '').trim() }
}

/** The commit, and whether something differs from it. */
export const todayVersion = (): string => {
  const head = git('rev-parse', '--short', 'HEAD')
  if (!head.ok) return 'no commit'
  return git('status', '--porcelain', '--untracked-files=no').text === '' ? head.text : `${head.text} and changes`
}
