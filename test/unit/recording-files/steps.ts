/** Steps as the loop makes them, for what watches it. */
import { Stanza, stanzaFacts } from '@smacks/codec'
import { type Account, defaultConfig, type Event, emptyAccount, step } from '@smacks/core'
import type { StepMade } from '@smacks/runtime'

export const romeo = 'romeo@localhost'
export const juliet = 'juliet@localhost'

const at = Date.UTC(2026, 0, 31, 12)

export interface Loop {
  /** An account binds, and enables stream management with resumption. */
  readonly enter: (account: string) => void
  /** A message is submitted to the account's session. */
  readonly message: (account: string, body: string) => void
  /** The client acks all that was sent. */
  readonly ack: (account: string) => void
  readonly leave: (account: string) => void
}

/** A loop with nothing but the core in it, whose steps somebody observes. */
export const createLoop = (observe: (step: StepMade<Stanza>) => void): Loop => {
  const accounts = new Map<string, Account<Stanza>>()
  const sent = new Map<string, number>()
  const dispatch = (account: string, event: Event<Stanza>): void => {
    const before = accounts.get(account) ?? emptyAccount
    const [after, effects] = step(defaultConfig)(before, event)
    accounts.set(account, after)
    observe({ account, before, event, after, config: defaultConfig, effects })
  }
  const here = { at, resource: 'desk', connection: 'c1' } as const
  const version = 'urn:xmpp:sm:3'
  return {
    enter: account => {
      sent.set(account, 0)
      dispatch(account, { _tag: 'SessionBound', ...here })
      dispatch(account, { _tag: 'EnableReceived', ...here, version, resume: true, freshId: `sm-${account}` })
    },
    message: (account, body) => {
      sent.set(account, (sent.get(account) ?? 0) + 1)
      const stanza = Stanza.fromXml(`<message to='${account}/desk' id='${body}'><body>${body}</body></message>`)
      const facts = stanzaFacts(stanza.element)
      dispatch(account, { _tag: 'StanzaSubmitted', at, resource: 'desk', stanza, facts })
    },
    ack: account => dispatch(account, { _tag: 'AckReceived', ...here, version, h: sent.get(account) ?? 0 }),
    leave: account => dispatch(account, { _tag: 'StreamClosed', ...here }),
  }
}
