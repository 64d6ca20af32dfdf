/** The signals that a serving process obeys. */
import type { Logger } from 'pino'
import { exitCode, signalExitCode } from '../exit-code.js'

/** How the world tells the process to end, or to read its certificate again. */
export interface Signals {
  readonly on: (signal: Signal, listener: () => void) => unknown
  readonly off: (signal: Signal, listener: () => void) => unknown
  /** Ends the process without further ado. */
  readonly exit: (code: number) => void
}

export type Signal = 'SIGHUP' | 'SIGINT' | 'SIGTERM'

export interface End {
  /** The exit code, once the process is to end. */
  readonly told: Promise<number>
  readonly hangUp: (listener: () => void) => void
  readonly release: () => void
}

/** The first signal asks for a clean stop, the second for none. */
export const createEnd = (signals: Signals, log: Logger): End => {
  let tell: (code: number) => void = () => {}
  const told = new Promise<number>(resolve => {
    tell = resolve
  })
  let asked = false
  let hangUp = (): void => {}
  const stop = (signal: 'SIGINT' | 'SIGTERM') => (): void => {
    if (asked) return signals.exit(signalExitCode[signal])
    asked = true
    log.info({ signal }, 'stopping; the same signal again ends the process at once')
    tell(exitCode.ok)
  }
  const listeners = { SIGINT: stop('SIGINT'), SIGTERM: stop('SIGTERM'), SIGHUP: () => hangUp() } as const
  const each = (act: (signal: Signal, listener: () => void) => unknown): void => {
    act('SIGINT', listeners.SIGINT)
    act('SIGTERM', listeners.SIGTERM)
    act('SIGHUP', listeners.SIGHUP)
  }
  each((signal, listener) => signals.on(signal, listener))
  return {
    told,
    hangUp: listener => {
      hangUp = listener
    },
    release: () => each((signal, listener) => signals.off(signal, listener)),
  }
}
