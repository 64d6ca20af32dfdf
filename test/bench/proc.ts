/** What Linux knows of a process and its descendants. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Usage {
  /** Processor time of user and kernel, in seconds. */
  readonly cpuSeconds: number
  /** Resident memory, in kB. */
  readonly rssKilobytes: number
}

/** What the process `root` and all below it have used until now. */
export const usageOfTree = (root: number): Usage => {
  const usages = treeOf(root).map(({ usage }) => usage)
  return {
    cpuSeconds: usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    rssKilobytes: usages.reduce((sum, { rssKilobytes }) => sum + rssKilobytes, 0),
  }
}

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
  readonly parent: number
  /** `Z`: ended, and nobody has asked how. */
  readonly state: string
  readonly usage: Usage
}

const statOf = (pid: number): Stat | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // After the name, which may hold anything: state, parent, ...; utime and stime are the fields 14 and 15, rss 24.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticks = Number(fields[11]) + Number(fields[12])
    const usage = { cpuSeconds: ticks / ticksPerSecond, rssKilobytes: Number(fields[21]) * pageKilobytes }
    return { pid, parent: Number(fields[1]), state: fields[0] ?? '', usage }
  } catch {
    return undefined
  }
}
