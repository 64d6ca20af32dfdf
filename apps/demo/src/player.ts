/** One of the two who chat: a real `@xmpp/client`, and what can be seen of it from outside. */
import { once } from 'node:events'
import { client, type XmlElement, type XmppClient, xml } from '@xmpp/client'
import { trustCertificate } from './trust.js'

/** What happens at a client, as it happens. */
export interface PlayerEvents {
  /** A stanza or nonza left; `again` after a resumption, if it had left before. */
  readonly sent: (element: XmlElement, again: boolean) => void
  readonly received: (element: XmlElement) => void
  /** After `<resumed/>`: how many stanzas the client will send again. */
  readonly resumed: (again: number) => void
  /** The line is gone, and the client knows. */
  readonly lost: () => void
}

export interface PlayerOptions {
  readonly jid: string
  readonly password: string
  readonly resource: string
  readonly host: string
  readonly port: number
  /** The server's certificate, PEM: the only one that is trusted. */
  readonly certificate: string
}

export interface Player {
  /** Logs in; resolves when stream management is enabled, with the full JID. */
  readonly start: () => Promise<string>
  /** Sends a message, or keeps it until the client is connected. */
  readonly say: (to: string, id: string, body: string) => void
  /** Resolves at the next resumption. */
  readonly resumed: () => Promise<void>
  /** How long the client waits until it connects again, in ms. */
  readonly setReconnectDelay: (milliseconds: number) => void
  /** Gives a silent connection up after so many ms without an answer to an `<r/>`. */
  readonly setPatience: (milliseconds: number) => void
  readonly counters: () => Counters
  /** Closes the stream cleanly. */
  readonly stop: () => Promise<void>
}

export interface Counters {
  /** What the server said it handled of ours. */
  readonly acked: number
  /** Sent, and not acked yet. */
  readonly unacked: number
  /** What we handled of the server's: our `h`. */
  readonly handled: number
}

const defaultPatience = 30_000
const openingMilliseconds = 10_000

export const createPlayer = (options: PlayerOptions, events: PlayerEvents): Player => {
  const [username = '', domain = ''] = options.jid.split('@')
  const { password, resource } = options
  const service = `xmpp://${options.host}:${options.port}`
  const xmpp = client({ service, domain, username, password, resource })
  const sm = xmpp.streamManagement
  const outbox: Array<XmlElement> = []
  trustCertificate(xmpp, options.certificate)
  xmpp.timeout = openingMilliseconds
  sm.timeout = defaultPatience
  sm.requestAckDebounce = 120
  watch(xmpp, events)

  // The library counts a stanza as sent once it was written; what could not be written is ours to keep.
  const send = (element: XmlElement): void => {
    if (sm.enabled) xmpp.send(element).catch(() => outbox.push(element))
    else outbox.push(element)
  }
  sm.on('resumed', () => {
    for (const element of outbox.splice(0)) send(element)
  })

  return {
    start: async () => {
      // Not `xmpp.start()`: where the line drops early, it leaves a rejection that nobody can catch.
      await xmpp.connect(service)
      await xmpp.open({ domain })
      while (!sm.enabled) await once(xmpp, 'element')
      return String(xmpp.jid)
    },
    say: (to, id, body) => send(xml('message', { to, id, type: 'chat' }, xml('body', {}, body))),
    resumed: () => once(sm, 'resumed').then(() => undefined),
    setReconnectDelay: milliseconds => {
      xmpp.reconnect.delay = milliseconds
    },
    setPatience: milliseconds => {
      sm.timeout = milliseconds
      // Closing a stream that nobody answers takes this long twice.
      xmpp.timeout = milliseconds / 3
      xmpp.once('disconnect', () => {
        sm.timeout = defaultPatience
        xmpp.timeout = openingMilliseconds
      })
    },
    counters: () => ({ acked: sm.outbound, unacked: sm.outbound_q.length, handled: sm.inbound }),
    stop: async () => {
      xmpp.reconnect.stop()
      xmpp.timeout = 1_000
      await xmpp.stop().catch(() => undefined)
    },
  }
}

const watch = (xmpp: XmppClient, events: PlayerEvents): void => {
  const sm = xmpp.streamManagement
  let again = 0
  // A dropped line is what this is about; it is told by `disconnect`.
  xmpp.on('error', () => undefined)
  xmpp.on('disconnect', events.lost)
  // Before the library's own listeners change the queue.
  xmpp.prependListener('element', (element: XmlElement) => {
    for (const seen of noteworthyIn(element)) {
      events.received(seen)
      if (seen.name !== 'resumed') continue
      again = sm.outbound_q.length - (Number(seen.attrs.h) - sm.outbound)
      events.resumed(again)
    }
  })
  xmpp.on('send', (element: XmlElement) => {
    for (const seen of noteworthyIn(element)) {
      const isAgain = again > 0 && stanzaNames.includes(seen.name)
      events.sent(seen, isAgain)
      if (isAgain) again -= 1
    }
  })
}

const stanzaNames = ['iq', 'message', 'presence']
const smNamespace = 'urn:xmpp:sm:3'

/** Stanzas and nonzas of stream management, also those inside SASL2 and Bind 2 (XEP-0198 section 9). */
const noteworthyIn = (element: XmlElement): ReadonlyArray<XmlElement> => {
  if (stanzaNames.includes(element.name) || element.attrs.xmlns === smNamespace) return [element]
  return element.children.flatMap(child => (typeof child === 'string' ? [] : noteworthyIn(child)))
}
