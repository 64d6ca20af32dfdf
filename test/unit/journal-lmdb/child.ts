/** Runs a file of this folder in a process of its own, from the sources, so that it can be killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const sources = Object.fromEntries(
  readdirSync(at('../../../packages')).map(room => [`@smacks/${room}`, at(`../../../packages/${room}/src/index.ts`)]),
)

/** What the file would be with all of `@smacks` in it. */
export const bundled = async (file: string): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [at(file)],
    alias: sources,
    external: ['lmdb'],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  })
  return outputFiles[0]?.text ?? ''
}

export interface Child {
  readonly process: ChildProcess
  /** What it prints, line by line. */
  readonly lines: AsyncIterable<string>
  /** Resolves with its signal or exit code. */
  readonly ended: Promise<number | string | null>
}

/** Starts it. With `fileKilobytes`, no file that it writes may become larger. */
export const start = (code: string, args: ReadonlyArray<string>, fileKilobytes?: number): Child => {
  const node = [process.execPath, '--input-type=module', '-', ...args]
  // The signal that comes with the limit is ignored, so that writing fails as on a full disk.
  const limited = ['sh', '-c', `trap '' XFSZ; ulimit -S -f ${2 * (fileKilobytes ?? 0)}; exec "$@"`, 'sh', ...node]
  const [command = '', ...rest] = fileKilobytes === undefined ? node : limited
  const child = spawn(command, rest, { cwd: at('../..'), stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdin.end(code)
  return {
    process: child,
    lines: createInterface({ input: child.stdout }),
    ended: new Promise(resolve => child.on('exit', (exitCode, signal) => resolve(signal ?? exitCode))),
  }
}
