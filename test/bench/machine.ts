/** The machine: which cores there are, who used them, and what it is called. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'

/** The core that servers run on; the load has the other. */
export const serverCore = 0
export const loadCore = 1

const runs = (command: string, ...args: ReadonlyArray<string>): boolean => spawnSync(command, args).status === 0

let pinning: boolean | undefined

/** Whether processes can be kept on a core of their own. */
export const canPin = (): boolean => {
  pinning ??= cpus().length >= 2 && runs('taskset', '-c', `${serverCore},${loadCore}`, 'true')
  return pinning
}

/** Before a command, so that it runs on this core where that can be. */
export const onCore = (core: number): ReadonlyArray<string> => (canPin() ? ['taskset', '-c', String(core)] : [])

/** Files that a process may have open, as it has been started; each connection is one, at each end. */
export const openFilesLimit = (): number =>
  Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1024)

/** Runs what follows with as many open files as may be: 100,000 for root, the hard limit for others. */
export const withOpenFiles: ReadonlyArray<string> = [
  'sh',
  '-c',
  'ulimit -n 100000 2>/dev/null || ulimit -n "$(ulimit -Hn)"; exec "$@"',
  'sh',
]

const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout || 100)

/** What the core did, but for nothing, in seconds: all processes, the kernel, and other virtual machines (steal). */
const busyOf = (core: number): number => {
  const name = canPin() ? `cpu${core}` : 'cpu'
  const line = readFileSync('/proc/stat', 'latin1')
    .split('\n')
    .find(text => text.startsWith(`${name} `))
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (line ?? '')
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + softirq + steal) / ticksPerSecond
}

/** From now on: what others than the one who used `own` seconds did on the core, in seconds. */
export const othersOn = (core: number): ((own: number) => number) => {
  const before = busyOf(core)
  return own => Math.max(0, busyOf(core) - before - own)
}

export interface Machine {
  readonly model: string
  readonly cores: number
  readonly memoryMegabytes: number
  readonly kernel: string
  readonly node: string
  /** Server and load had a core each. */
  readonly pinned: boolean
}

export const machine = (): Machine => ({
  model: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryMegabytes: Math.round(totalmem() / 1024 ** 2),
  kernel: release(),
  node: process.version,
  pinned: canPin(),
})
