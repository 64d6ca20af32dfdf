/**
 * A script of the simulation in a process of its own, and what it says line by line. It is bundled with the sources
 * of the packages: so it needs no build, and nothing that a test runner puts between the code and the compiler slows it down.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('..', import.meta.url))
const packages = fileURLToPath(new URL('../../../packages/', import.meta.url))
const sources = Object.fromEntries(
  readdirSync(packages).map(room => [`@smacks/${room}`, `${packages}${room}/src/index.ts`]),
)

/** Runs `script`, such as `explorer/run.ts`, and hands on each line. Rejects if it fails. `T` is what the script says it prints. */
export const runScript = async <T>(
  script: string,
  args: ReadonlyArray<number>,
  onLine: (line: T) => void,
): Promise<void> => {
  const flags = ['--max-semi-space-size=64', '--input-type=module', '-', ...args.map(String)]
  // A test runner's hooks are none of its business.
  const child = spawn(process.execPath, flags, { cwd: here, env: { ...process.env, NODE_OPTIONS: '' } })
  let complaints = ''
  child.stderr.on('data', (text: Buffer) => {
    complaints += text.toString()
  })
  createInterface({ input: child.stdout }).on('line', line => onLine(JSON.parse(line) as T))
  child.stdin.end(await bundled(script))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${script} failed with ${code}: ${complaints}`)
}

const bundled = async (script: string): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [`${here}${script}`],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    alias: sources,
    external: ['esbuild'],
    // Where the scripts look for the sources of the core.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(`${here}explorer/child.ts`).href) },
    logLevel: 'silent',
  })
  const [output] = outputFiles
  if (output === undefined) throw new Error(`the bundle of ${script} is empty`)
  return output.text
}
