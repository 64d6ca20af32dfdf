/**
 * Runs a file in a process that ends when it wants more than 64 MB for values. Whatever keeps too much then fails at once
 * and always, where a look at the memory in use would depend on when garbage is collected.
 */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const sources = Object.fromEntries(
  readdirSync(at('../../packages')).map(room => [`@smacks/${room}`, at(`../../packages/${room}/src/index.ts`)]),
)

/** What it printed. Rejects with what it complained of if it did not come to its end. The file's path is relative to this one. */
export const runWithLittleMemory = async (file: string, args: ReadonlyArray<string> = []): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [at(file)],
    alias: sources,
    external: ['lmdb'],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  })
  const little = ['--max-old-space-size=64', '--max-semi-space-size=4', '--input-type=module', '-']
  const child = spawn(process.execPath, [...little, ...args], { cwd: at('..'), stdio: 'pipe' })
  const [said, complained] = [collected(child.stdout), collected(child.stderr)]
  child.stdin.end(outputFiles[0]?.text ?? '')
  const how = await new Promise(resolve => child.on('close', (code, signal) => resolve(signal ?? code)))
  if (how !== 0) throw new Error(`${file} ended with ${how}: ${complained().slice(-2000)}`)
  return said()
}

const collected = (stream: NodeJS.ReadableStream): (() => string) => {
  let text = ''
  stream.on('data', piece => {
    text += piece
  })
  return () => text
}
