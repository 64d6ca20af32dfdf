/** What all launchers have in common, once the server listens. */
import { readFileSync } from 'node:fs'
import { end, type Launched, type RunningServer, type Target } from './server.js'

export const runningServer = (
  launched: Launched,
  facts: {
    readonly target: Target
    readonly domain: string
    readonly port: number
    readonly directTlsPort: number
    readonly certificate: string
    readonly remove: () => void
  },
): RunningServer => {
  const pid = launched.process.pid ?? 0
  return {
    target: facts.target,
    domain: facts.domain,
    port: facts.port,
    directTlsPort: facts.directTlsPort,
    certificate: facts.certificate,
    pid,
    output: launched.output,
    memory: () => residentMemory(pid),
    terminate: () => end(launched),
    stop: async () => {
      await end(launched)
      facts.remove()
    },
  }
}

/** A server that does not come up leaves no process and no files. */
export const orCleanUp = async (up: Promise<void>, launched: Launched, remove: () => void): Promise<void> => {
  try {
    await up
  } catch (error) {
    await end(launched)
    remove()
    throw error
  }
}

/** Resident memory in bytes, as the kernel tells it, without pages of files: those of a database are the kernel's to drop. */
const residentMemory = (pid: number): number => {
  const found = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  if (found === null) throw new Error(`/proc/${pid}/status tells no RssAnon`)
  return Number(found[1]) * 1024
}
