/** What a client sent and the server did not ack: numbered, in order, to be sent again after a resumption (XEP-0198 §5). */

export interface Sent {
  readonly xml: string
  /** What the ledger calls it, if it is one of its messages. */
  readonly message?: { readonly to: string; readonly number: number }
  /** It means nothing outside of the session that it was sent in. */
  readonly isOfSession?: boolean
}

export interface Outgoing {
  readonly add: (sent: Sent) => void
  /** The server says that it handled so many. A word if that cannot be. */
  readonly acknowledge: (h: number) => string | undefined
  readonly unacked: () => ReadonlyArray<Sent>
  /** The session is over. Tells what was not acked in it and means something in the next one. */
  readonly beginAnew: () => ReadonlyArray<Sent>
}

export const createOutgoing = (): Outgoing => {
  let acked = 0
  let unacked: ReadonlyArray<Sent> = []
  return {
    add: sent => {
      unacked = [...unacked, sent]
    },
    acknowledge: h => {
      if (!Number.isInteger(h) || h < acked || h > acked + unacked.length)
        return `the server says h=${h}; it said ${acked} before, and ${unacked.length} are unacked`
      unacked = unacked.slice(h - acked)
      acked = h
      return undefined
    },
    unacked: () => unacked,
    beginAnew: () => {
      const again = unacked.filter(({ isOfSession }) => isOfSession !== true)
      acked = 0
      unacked = []
      return again
    },
  }
}
