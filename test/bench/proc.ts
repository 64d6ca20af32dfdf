/** What Linux knows of a process and its descendants. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** What the process `root` and all below it have used until now; only the difference of two means something. */
export interface CpuReading {
  /** User and kernel, in seconds, in steps of a clock tick; threads that ended are in it. */
  readonly ticked: number
  /** The same to the nanosecond, of the threads that there are. */
  readonly exact: number
  /** Of each thread: for how long it could have run and did not, since others did, in seconds. */
  readonly waited: ReadonlyMap<string, number>
}

export const cpuOfTree = (root: number): CpuReading => {
  const tree = treeOf(root)
  const threads = tree.flatMap(({ pid }) => threadsOf(pid))
  return {
    ticked: sum(tree.map(({ cpuSeconds }) => cpuSeconds)),
    exact: sum(threads.map(({ ran }) => ran)),
    waited: new Map(threads.map(({ thread, waited }) => [thread, waited])),
  }
}

/** Two ticks, and a fiftieth: as far as the two ways to count may lie apart. */
const tolerance = (ticked: number): number => 2 / ticksPerSecond + ticked / 50

/** The processor time between two readings, in seconds: exact, unless threads ended meanwhile, which only the ticks know. */
export const secondsBetween = (before: CpuReading, after: CpuReading): number => {
  const ticked = after.ticked - before.ticked
  const exact = after.exact - before.exact
  return exact < ticked - tolerance(ticked) ? ticked : exact
}

/** Of the thread that had to wait longest between two readings, in seconds. */
export const longestWait = (before: CpuReading, after: CpuReading): number =>
  Math.max(0, ...[...after.waited].map(([thread, waited]) => waited - (before.waited.get(thread) ?? 0)))

/**
 * Resident memory of the process `root` and all below it, in kB, without the shells and helpers that started it: of
 * ejabberd that is beam, of Prosody lua.
 */
export const rssOfTree = (root: number): number =>
  sum(treeOf(root).map(({ name, rssKilobytes }) => (helpers.has(name) ? 0 : rssKilobytes)))

const helpers = new Set(['sh', 'dash', 'bash', 'taskset', 'ejabberdctl', 'erl_child_setup', 'inet_gethost', 'epmd'])

/** Ends the process `root` and all below it with SIGKILL, and waits until they are gone. */
export const killTree = async (root: number): Promise<void> => {
  const pids = treeOf(root).map(({ pid }) => pid)
  for (const pid of pids) send(pid, 'SIGKILL')
  while (!pids.every(isGone)) await sleep(5)
}

/** Ends the process `root` and all below it, and waits until they are gone. */
export const endTree = async (root: number): Promise<void> => {
  const pids = treeOf(root).map(({ pid }) => pid)
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const pid of pids) send(pid, signal)
    for (let tries = endSeconds * 20; tries > 0; tries -= 1) {
      if (pids.every(pid => isGone(pid))) return
      await sleep(50)
    }
  }
}

const endSeconds = 10

/** Sends it to the process `root` and all below it. */
export const signalTree = (root: number, signal: NodeJS.Signals): void => {
  for (const { pid } of treeOf(root)) send(pid, signal)
}

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch {
    // It is gone already.
  }
}

const isGone = (pid: number): boolean => {
  const state = statOf(pid)?.state
  return state === undefined || state === 'Z'
}

const treeOf = (root: number): ReadonlyArray<Stat> => {
  const all = readdirSync('/proc').flatMap(name => {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : undefined
    return stat === undefined ? [] : [stat]
  })
  const tree = all.filter(({ pid }) => pid === root)
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid))
  return tree
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
const pageKilobytes = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' })) / 1024

interface Stat {
  readonly pid: number
  readonly name: string
  readonly parent: number
  /** `Z`: ended, and nobody has asked how. */
  readonly state: string
  readonly cpuSeconds: number
  readonly rssKilobytes: number
}

const statOf = (pid: number): Stat | undefined => {
  const text = textOf(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  // After the name, which may hold anything: state, parent, ...; utime and stime are the fields 14 and 15, rss 24.
  const nameEnd = text.lastIndexOf(')')
  const fields = text.slice(nameEnd + 2).split(' ')
  return {
    pid,
    name: text.slice(text.indexOf('(') + 1, nameEnd),
    parent: Number(fields[1]),
    state: fields[0] ?? '',
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    rssKilobytes: Number(fields[21]) * pageKilobytes,
  }
}

interface Thread {
  readonly thread: string
  readonly ran: number
  readonly waited: number
}

/** Of each thread: how long it ran, and how long it waited for a core, in seconds. Kernels that do not count it tell none. */
const threadsOf = (pid: number): ReadonlyArray<Thread> => {
  const folder = `/proc/${pid}/task`
  let threads: ReadonlyArray<string> = []
  try {
    threads = readdirSync(folder)
  } catch {
    // It is gone already.
  }
  return threads.flatMap(thread => {
    const [ran, waited] = (textOf(`${folder}/${thread}/schedstat`) ?? '').split(' ').map(Number)
    return ran === undefined || waited === undefined ? [] : [{ thread, ran: ran / 1e9, waited: waited / 1e9 }]
  })
}

const textOf = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return undefined
  }
}

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)

/** Until it does next to nothing for a while; what it does when it is idle, such as to look at its clock, does not count. */
export const untilIdle = async (root: number): Promise<void> => {
  let before = cpuOfTree(root)
  for (let quiet = 0; quiet < idle.looks; ) {
    await sleep(idle.milliseconds)
    const now = cpuOfTree(root)
    quiet = secondsBetween(before, now) < (idle.milliseconds / 1000) * idle.share ? quiet + 1 : 0
    before = now
  }
}

const idle = { milliseconds: 100, looks: 3, share: 0.05 } as const
