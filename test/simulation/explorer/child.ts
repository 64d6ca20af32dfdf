/** A script of the simulation in a process of its own, and what it says line by line. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('..', import.meta.url))

/** Runs `script`, such as `explorer/run.ts`, and hands on each line. Rejects if it fails. `T` is what the script says it prints. */
export const runScript = async <T>(
  script: string,
  args: ReadonlyArray<number>,
  onLine: (line: T) => void,
): Promise<void> => {
  const child = spawn(process.execPath, ['--max-semi-space-size=64', '--import', 'tsx', script, ...args.map(String)], {
    cwd: here,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A test runner's hooks are none of its business.
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  let complaints = ''
  child.stderr.on('data', (text: Buffer) => {
    complaints += text.toString()
  })
  createInterface({ input: child.stdout }).on('line', line => onLine(JSON.parse(line) as T))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${script} failed with ${code}: ${complaints}`)
}
