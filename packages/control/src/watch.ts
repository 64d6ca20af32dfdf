/** Looks after the control socket: somebody may remove it while the server runs. */
import type { ControlLog } from './conversation.js'
import { identityOf, isAlive } from './socket-file.js'

export interface Watch {
  readonly stop: () => void
  readonly underWay: () => Promise<void>
}

/** Looks now and then whether the socket is still there, and has it made anew if it is not; says so once. */
export const watchOver = (
  path: string,
  every: number,
  listenAnew: () => Promise<string | undefined>,
  log: ControlLog,
): Watch => {
  let own = identityOf(path)
  let told: string | undefined
  let underWay: Promise<void> | undefined

  const look = async (): Promise<void> => {
    if (identityOf(path) === own) return
    const isTaken = await isAlive(path)
    const failed = isTaken ? 'another process listens there' : await listenAnew()
    if (failed === undefined) {
      own = identityOf(path)
      told = undefined
      return log.warn({ socket: path }, 'somebody removed the control socket; it is made anew')
    }
    if (failed === told) return
    told = failed
    log.error({ socket: path, reason: failed }, 'the control socket is gone: commands cannot reach this server')
  }
  const timer = setInterval(() => {
    underWay ??= look().finally(() => {
      underWay = undefined
    })
  }, every).unref()
  return { stop: () => clearInterval(timer), underWay: async () => await underWay }
}
