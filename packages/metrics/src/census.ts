/** What there is at this moment: the sessions and their queues, counted when somebody asks. */
import type { Account, Phase } from '@smacks/core'
import type { AccountId, Runtime } from '@smacks/runtime'

/** Whom sessions and connections are with. */
export type Peer = 'client' | 'server'

export const peers: ReadonlyArray<Peer> = ['client', 'server']

export const phases: ReadonlyArray<Phase> = [
  'Active',
  'Connecting',
  'Enabling',
  'Hibernating',
  'Negotiating',
  'Resuming',
  'Unmanaged',
]

/** Of all sessions with one kind of peer. */
export interface Counts {
  readonly sessions: Record<Phase, number>
  /** Stanzas, those in storage included. */
  unacked: number
  spilled: number
  bytes: number
}

export type Census = Readonly<Record<Peer, Counts>>

export interface CensusOptions<A> {
  readonly runtime: Pick<Runtime<A>, 'account' | 'accounts'>
  /** True for a link between servers. */
  readonly isLink: (account: AccountId) => boolean
}

/** Accounts that are looked at before others are served in between. */
const accountsAtOnce = 2_000

/** Resolves when all are counted. Where there are many it takes several turns of the event loop, and each is as it is in its turn. */
export const takeCensus = async <A>({ runtime, isLink }: CensusOptions<A>): Promise<Census> => {
  const census = { client: nothing(), server: nothing() }
  let looked = 0
  for (const id of runtime.accounts()) {
    add(census[isLink(id) ? 'server' : 'client'], runtime.account(id))
    looked += 1
    if (looked % accountsAtOnce === 0) await new Promise<void>(resolve => setImmediate(resolve))
  }
  return census
}

const nothing = (): Counts => ({
  sessions: { Active: 0, Connecting: 0, Enabling: 0, Hibernating: 0, Negotiating: 0, Resuming: 0, Unmanaged: 0 },
  unacked: 0,
  spilled: 0,
  bytes: 0,
})

const add = <A>(counts: Counts, { sessions }: Account<A>): void => {
  for (const session of sessions) {
    counts.sessions[session._tag] += 1
    if (session._tag === 'Unmanaged') continue
    const { unacked, spilled, sizes } = session.outbound
    counts.unacked += unacked.length
    counts.spilled += spilled
    counts.bytes += sizes?.total ?? 0
  }
}
