/** What the Node servers under measurement have in common. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const nodeArguments = ['--expose-gc', '--import', new URL('node-gc.mjs', import.meta.url).href]

const patienceSeconds = 60

/** Lets it collect its garbage; what it has in use then, in kB: values, and buffers outside of V8's heap. */
export const collectWithSignal = async (pid: number, folder: string): Promise<number> => {
  const file = join(folder, 'memory.json')
  rmSync(file, { force: true })
  process.kill(pid, 'SIGUSR2')
  for (let tries = patienceSeconds * 50; tries > 0; tries -= 1) {
    await sleep(20)
    const text = textOf(file)
    if (text === undefined) continue
    const { heapUsed, external }: NodeJS.MemoryUsage = JSON.parse(text)
    return (heapUsed + external) / 1024
  }
  throw new Error(`process ${pid} has not told its memory after ${patienceSeconds} s`)
}

const textOf = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
