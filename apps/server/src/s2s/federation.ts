/** Streams to and from other servers, as the rest of the server sees them. */
import type { Stanza } from '@smacks/codec'
import type { StanzaFacts } from '@smacks/core'
import type { AccountId, Application } from '@smacks/runtime'
import type { Connection, ConnectionHandler } from '@smacks/transport-tcp'
import type { Network } from './dial.js'
import { IncomingStream } from './incoming-stream.js'
import { type Domains, linkApplication } from './link-application.js'
import { readLink } from './link-name.js'
import { createLinks, type LinkRefusal } from './links.js'
import type { S2sOptions } from './options.js'

export interface FederationOptions extends S2sOptions {
  readonly network: Network
  readonly domain: Domains
}

export interface Federation {
  /** A server connected. */
  readonly accept: (connection: Connection) => ConnectionHandler
  /** Gives a stanza to the link between the domains of its `from` and its `to`; nothing is returned if it was taken. */
  readonly send: (stanza: Stanza, facts: StanzaFacts) => LinkRefusal | undefined
  /** What is done with what the loop hands out for links. */
  readonly application: Application<Stanza>
  /** True for what names a link of a domain that is served here. */
  readonly knows: (id: AccountId) => boolean
  /** A link waits for a connection. */
  readonly wake: (link: AccountId) => void
  /** Connects for all that was journalled. */
  readonly recover: () => void
  /** Connects no more. */
  readonly stop: () => void
}

export const createFederation = (options: FederationOptions): Federation => {
  const links = createLinks(options)
  return {
    accept: connection => new IncomingStream(options, connection),
    send: links.send,
    application: linkApplication(links, options.domain),
    knows: id => {
      const link = readLink(id)
      return link !== undefined && options.domains.includes(link.here)
    },
    wake: links.wake,
    recover: links.recover,
    stop: links.stop,
  }
}
