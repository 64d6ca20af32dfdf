/** The streams that are authenticated and have no session yet: whose account is gone must not get one. */
import type { StreamFault } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'

/** A stream, as far as it can be ended. */
export interface EndableStream {
  readonly refuse: (fault: StreamFault) => void
}

export interface UnboundStreams {
  /** False if nobody may enter this account now. */
  readonly admits: (account: AccountId) => boolean
  readonly enter: (account: AccountId, stream: EndableStream) => void
  readonly leave: (account: AccountId, stream: EndableStream) => void
  /** Ends those of the account. */
  readonly end: (account: AccountId, fault: StreamFault) => void
  /** Lets nobody enter the account any more, until the function it returns is called. */
  readonly close: (account: AccountId) => () => void
}

export const createUnboundStreams = (): UnboundStreams => {
  const streams = new Map<AccountId, Set<EndableStream>>()
  const closed = new Set<AccountId>()
  return {
    admits: account => !closed.has(account),
    enter: (account, stream) => {
      const others = streams.get(account)
      if (others === undefined) streams.set(account, new Set([stream]))
      else others.add(stream)
    },
    leave: (account, stream) => {
      const others = streams.get(account)
      others?.delete(stream)
      if (others?.size === 0) streams.delete(account)
    },
    end: (account, fault) => {
      for (const stream of [...(streams.get(account) ?? [])]) stream.refuse(fault)
    },
    close: account => {
      closed.add(account)
      return () => void closed.delete(account)
    },
  }
}
