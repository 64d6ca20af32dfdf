/** One connection to the control socket: requests line by line, each with its answer. */
import type { Socket } from 'node:net'
import { answerTo, type Handler } from './handler.js'
import { LineTooLong, linesOf } from './lines.js'
import { longestLine } from './protocol.js'

/** Where the operator is told. A pino logger is one. */
export interface ControlLog {
  readonly error: (facts: object, message: string) => void
  readonly warn: (facts: object, message: string) => void
}

/** A connection that says nothing for so many milliseconds is closed. */
const idleMilliseconds = 60_000

/** Answers until the peer has ended. `handlers`: what is obeyed now; a command waits until that is known. */
export const converse = async (
  socket: Socket,
  handlers: () => ReadonlyArray<Handler> | Promise<ReadonlyArray<Handler>>,
  log: ControlLog,
): Promise<void> => {
  const onFault = (error: unknown): void => log.error({ err: error }, 'a fault of ours while a command was obeyed')
  socket.setTimeout(idleMilliseconds, () => socket.destroy())
  // Whoever asked may be gone; that is theirs.
  socket.on('error', () => socket.destroy())
  // What is left to say is said before the socket ends.
  const input = socket.iterator({ destroyOnReturn: false })
  try {
    for await (const line of linesOf(input, longestLine))
      socket.write(`${await answerTo(line, await handlers(), onFault)}\n`)
  } catch (error) {
    if (error instanceof LineTooLong) socket.write(`${JSON.stringify({ refused: error.message })}\n`)
  }
  socket.destroySoon()
}
