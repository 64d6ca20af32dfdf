/** workerd, the runtime of Cloudflare's workers, on this machine: it answers one request with the report. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { platformBinary } from './binary.js'
import { corpusModule, patience, type Runtime, suiteModule } from './runtime.js'

const program = platformBinary('workerd', 'bin/workerd')

const worker = `
import { report } from './${suiteModule}'
import { corpus } from './${corpusModule}'
export default { fetch: async () => new Response(JSON.stringify(await report(corpus))) }
`

const modules = ['worker.mjs', suiteModule, corpusModule]

const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "suite", worker = (
    modules = [${modules.map(name => `(name = "${name}", esModule = embed "${name}")`).join(', ')}],
    compatibilityDate = "2025-01-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "suite")],
);
`

export const workerd: Runtime = {
  name: 'workerd',
  absence: () =>
    program === undefined ? 'workerd is not installed (npm has none for this platform, or was offline)' : undefined,
  run: async folder => {
    if (program === undefined) throw new Error('workerd is not installed')
    writeFileSync(join(folder, 'worker.mjs'), worker)
    writeFileSync(join(folder, 'worker.capnp'), config)
    const served = serve(program, join(folder, 'worker.capnp'))
    try {
      const response = await fetch(`http://127.0.0.1:${await served.port}/`, { signal: AbortSignal.timeout(patience) })
      if (!response.ok) throw new Error(`workerd answered ${response.status}:\n${served.complaints()}`)
      return { version: await versionOf(program), report: await response.text() }
    } finally {
      await served.end()
    }
  },
}

/** What it says of itself on the control channel, such as `{"event":"listen","socket":"http","port":40000}`. */
const listening = /"event":"listen".*"port":(\d+)/

const serve = (binary: string, file: string) => {
  const child = spawn(binary, ['serve', '--control-fd=3', file], { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  let complaints = ''
  let told = ''
  child.stderr?.on('data', bytes => {
    complaints += bytes
  })
  const exited = new Promise<void>(resolve => child.once('close', () => resolve()))
  const port = new Promise<number>((resolve, reject) => {
    const control = child.stdio[3] as Readable
    control.on('data', bytes => {
      told += bytes
      const found = listening.exec(told)
      if (found !== null) resolve(Number(found[1]))
    })
    child.once('error', reject)
    void exited.then(() => reject(new Error(`workerd ended before it listened:\n${complaints}`)))
  })
  return {
    port,
    complaints: () => complaints,
    end: () => {
      child.kill()
      return exited
    },
  }
}

const versionOf = (binary: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(binary, ['--version'], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', bytes => {
      text += bytes
    })
    child.once('error', reject)
    child.once('close', () => resolve(text.replace('workerd', '').trim()))
  })
