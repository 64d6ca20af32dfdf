/** One subject, measured once: what a measure is given. */
import { setTimeout as sleep } from 'node:timers/promises'
import { loadCore, othersOn, serverCore } from './machine.js'
import type { SubjectId } from './measure.js'
import type { RunningPeer, StartOptions } from './peers/peer.js'
import { cpuOfTree, longestWait, secondsBetween } from './proc.js'

export interface Trial {
  readonly subject: SubjectId
  /** The folder of the build that is measured, for what needs no server; empty where there is none. */
  readonly build: string
  readonly start: (options: StartOptions) => Promise<RunningPeer>
  readonly progress: (text: string) => void
  /** Does the work, and tells what the processors did meanwhile. */
  readonly observe: <T>(server: RunningPeer, work: () => Promise<T>) => Promise<Observed<T>>
}

export interface Observed<T> {
  /** Of the work. */
  readonly result: T
  readonly seconds: number
  /** Of the server's processor time, user and kernel, all its threads and processes, in seconds. */
  readonly cpu: number
  /** How busy the core of the load was with it; near 1 the load may have been the bottleneck. */
  readonly loadBusy: number
}

/** How quiet the machine was while something was measured: the worst that was seen. */
export interface Quiet {
  /** Share of the server's core that others took, from 0 to 1; kernel work for nobody counts as theirs. */
  readonly others: number
  /** The same of the core of the load. */
  readonly othersOfLoad: number
  /** Share of the time for which the busiest thread of the server could have run and had to wait. */
  readonly waited: number
}

export interface Observer {
  readonly observe: Trial['observe']
  readonly quiet: () => Quiet
}

export const createObserver = (): Observer => {
  let worst: Quiet = { others: 0, othersOfLoad: 0, waited: 0 }
  return {
    quiet: () => worst,
    observe: async (server, work) => {
      const at = performance.now()
      const load = process.cpuUsage()
      const others = othersOn(serverCore)
      const othersOfLoad = othersOn(loadCore)
      const before = cpuOfTree(server.pid)
      const result = await work()
      const after = cpuOfTree(server.pid)
      const { user, system } = process.cpuUsage(load)
      const seconds = (performance.now() - at) / 1000
      const cpu = secondsBetween(before, after)
      const loadCpu = (user + system) / 1e6
      worst = {
        others: Math.max(worst.others, others(cpu) / seconds),
        othersOfLoad: Math.max(worst.othersOfLoad, othersOfLoad(loadCpu) / seconds),
        waited: Math.max(worst.waited, longestWait(before, after) / seconds),
      }
      return { result, seconds, cpu, loadBusy: loadCpu / seconds }
    },
  }
}

/** Waits until it holds; polls, since what it asks about are other processes. */
export const waitFor = async (isDone: () => boolean, what: string, seconds = 60): Promise<void> => {
  const deadline = performance.now() + seconds * 1000
  while (!isDone()) {
    if (performance.now() > deadline) throw new Error(`${what} did not come in ${seconds} s`)
    await sleep(1)
  }
}
