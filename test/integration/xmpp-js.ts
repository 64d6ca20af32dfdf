/** An unmodified `@xmpp/client`, and what a test needs to see of it. */
import { type EventEmitter, once } from 'node:events'

/** The part of the library that is used; it has no types of its own. */
interface Library {
  readonly client: (options: Readonly<Record<string, string>>) => XmppJs
  readonly xml: (name: string, attrs: Readonly<Record<string, string>>, ...children: ReadonlyArray<unknown>) => Element
}

interface Element {
  readonly name: string
  readonly is: (name: string) => boolean
  readonly getChildText: (name: string) => string | null
}

interface XmppJs extends EventEmitter {
  timeout: number
  readonly reconnect: { delay: number; stop: () => void }
  readonly streamManagement: EventEmitter & {
    readonly enabled: boolean
    readonly outbound_q: ReadonlyArray<unknown>
    timeout: number
    requestAckDebounce: number
  }
  readonly start: () => Promise<unknown>
  readonly stop: () => Promise<unknown>
  readonly send: (element: Element) => Promise<void>
}

export interface XmppJsPeer {
  readonly jid: string
  /** The bodies received so far, in order. */
  readonly bodies: ReadonlyArray<string>
  readonly resumptions: () => number
  /** Sends a message now, or after the next resumption if there is no line. */
  readonly say: (to: string, body: string) => void
  /** Stanzas that were sent and are not acked. */
  readonly unacked: () => number
  readonly stop: () => Promise<void>
}

export const startXmppJs = async (options: {
  readonly username: string
  readonly password: string
  readonly domain: string
  readonly port: number
}): Promise<XmppJsPeer> => {
  const name: string = '@xmpp/client'
  const { client, xml } = (await import(name)) as Library
  const { username, password, domain } = options
  const xmpp = client({ service: `xmpp://127.0.0.1:${options.port}`, domain, username, password, resource: 'xmpp.js' })
  const sm = xmpp.streamManagement
  const bodies: string[] = []
  const waiting: Element[] = []
  let resumptions = 0
  xmpp.reconnect.delay = 50
  // A dead line is given up soon.
  sm.timeout = 500
  sm.requestAckDebounce = 50
  xmpp.timeout = 1_000
  xmpp.on('error', () => undefined)
  xmpp.on('stanza', (stanza: Element) => {
    const body = stanza.is('message') ? stanza.getChildText('body') : null
    if (body !== null) bodies.push(body)
  })
  // The library queues a stanza once it was written; what could not be written is the application's to keep.
  const send = (element: Element): void => {
    if (sm.enabled) xmpp.send(element).catch(() => waiting.push(element))
    else waiting.push(element)
  }
  sm.on('resumed', () => {
    resumptions += 1
    for (const element of waiting.splice(0)) send(element)
  })
  const jid = String(await xmpp.start())
  // It is online before stream management is enabled, and before its presence is known.
  while (!sm.enabled) await once(xmpp, 'nonza')
  const seen = once(xmpp, 'stanza')
  await xmpp.send(xml('presence', {}))
  await seen
  return {
    jid,
    bodies,
    resumptions: () => resumptions,
    say: (to, body) => send(xml('message', { to, type: 'chat', id: body }, xml('body', {}, body))),
    unacked: () => sm.outbound_q.length,
    stop: async () => {
      xmpp.reconnect.stop()
      await xmpp.stop().catch(() => undefined)
    },
  }
}
