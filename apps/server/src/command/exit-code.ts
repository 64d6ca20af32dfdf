/** What the process says when it ends. A service manager restarts after a failure, but not after a bad configuration. */
export const exitCode = {
  ok: 0,
  /** It could not be done. */
  failure: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The configuration is wrong (`EX_CONFIG` of sysexits.h); starting again will not help. */
  config: 78,
} as const

/** Ended by the second SIGINT (130) or SIGTERM (143), as shells count. */
export const signalExitCode = { SIGINT: 130, SIGTERM: 143 } as const

/** Ends a command with a message for its user and no stack. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'

  constructor(
    message: string,
    readonly code: number = exitCode.failure,
  ) {
    super(message)
  }
}
