/** Runtimes that run a file and write to their output: Node, Bun, Deno. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { platformBinary } from './binary.js'
import { corpusModule, patience, type Ran, type Runtime, suiteModule } from './runtime.js'

const execute = promisify(execFile)

const script = `
import { report } from './${suiteModule}'
import { corpus } from './${corpusModule}'
console.log(JSON.stringify(await report(corpus)))
`

interface CommandLine {
  readonly name: string
  readonly program: string | undefined
  /** What stands before the file. */
  readonly args: ReadonlyArray<string>
  /** The version, from what `--version` prints. */
  readonly version: RegExp
  readonly env?: (folder: string) => Readonly<Record<string, string>>
}

const commandLine = ({ name, program, args, version, env = () => ({}) }: CommandLine): Runtime => ({
  name,
  absence: () =>
    program === undefined ? `${name} is not installed (npm has none for this platform, or was offline)` : undefined,
  run: async folder => {
    if (program === undefined) throw new Error(`${name} is not installed`)
    const main = join(folder, 'main.mjs')
    writeFileSync(main, script)
    const options = {
      cwd: folder,
      env: { ...process.env, ...env(folder) },
      maxBuffer: 64 * 1024 * 1024,
      timeout: patience,
    }
    const told = await execute(program, ['--version'], options)
    const { stdout } = await execute(program, [...args, main], options)
    return { version: version.exec(told.stdout)?.[1] ?? told.stdout.trim(), report: stdout } satisfies Ran
  },
})

export const node = commandLine({ name: 'Node', program: process.execPath, args: [], version: /^v(\S+)/ })

export const bun = commandLine({
  name: 'Bun',
  program: platformBinary('bun', 'bin/bun'),
  args: ['--no-install'],
  version: /^(\S+)/,
  env: () => ({ DO_NOT_TRACK: '1' }),
})

/** Without any permission: the suite asks for nothing. */
export const deno = commandLine({
  name: 'Deno',
  program: platformBinary('deno', 'deno'),
  args: ['run', '--no-prompt', '--no-config', '--no-remote', '--no-npm'],
  version: /^deno (\S+)/,
  env: folder => ({ DENO_DIR: join(folder, '.deno'), DENO_NO_UPDATE_CHECK: '1' }),
})
