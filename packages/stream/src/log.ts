/** What streams log. What is told of a connection begins with its peer's address, before anything that the peer chose. */
import type { StreamFault } from '@smacks/codec'
import type { StreamError } from '@smacks/core'
import type { Connection } from './connection.js'

/** Which connection it is. */
export const connectionFacts = ({ id, remoteAddress }: Pick<Connection, 'id' | 'remoteAddress'>) => ({
  address: remoteAddress,
  connection: id,
})

/** A stream error that is sent there. */
export const streamErrorFacts = (
  connection: Pick<Connection, 'id' | 'remoteAddress'>,
  { condition, text }: StreamError | StreamFault,
) => ({ ...connectionFacts(connection), condition, ...(text === undefined ? {} : { text }) })

/** Where streams report what an operator should know. A pino logger is one. */
export interface StreamLog {
  /** What helps to find a fault. */
  readonly debug: (facts: object, message: string) => void
  /** What happens in good order. */
  readonly info: (facts: object, message: string) => void
  /** What a peer or a setting got wrong. */
  readonly warn: (facts: object, message: string) => void
  /** Faults of ours. */
  readonly error: (facts: object, message: string) => void
}
