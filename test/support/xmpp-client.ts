/** A raw XMPP client: the steps of negotiation and the commands of stream management, on a line. */
import { connect as connectTcp } from 'node:net'
import { createScram } from './scram.js'
import { escapeXml, show, type Xml } from './xml.js'
import { nsSm3, XmppLine } from './xmpp-line.js'

export { nsSm2, nsSm3 } from './xmpp-line.js'

const nsSasl = 'urn:ietf:params:xml:ns:xmpp-sasl'
const nsTls = 'urn:ietf:params:xml:ns:xmpp-tls'
const nsBind = 'urn:ietf:params:xml:ns:xmpp-bind'

export interface ConnectOptions {
  readonly port: number
  readonly domain?: string
  /** TLS from the first byte on. */
  readonly directTls?: boolean
  /** Where the connection comes from, an address of loopback. */
  readonly from?: string
}

export interface Credentials {
  readonly username: string
  readonly password: string
}

export type Mechanism = 'PLAIN' | 'SCRAM-SHA-1' | 'SCRAM-SHA-256'

export class XmppClient extends XmppLine {
  /** The full JID, once bound or resumed. */
  jid = ''
  /** The SM-ID, once stream management was enabled with resumption. */
  smId = ''
  /** Who logged in. */
  credentials: Credentials | undefined

  static async connect(options: ConnectOptions): Promise<XmppClient> {
    const { port, from } = options
    const tcp = connectTcp({
      host: '127.0.0.1',
      port,
      noDelay: true,
      ...(from === undefined ? {} : { localAddress: from }),
    })
    await new Promise<void>((resolve, reject) => {
      tcp.once('connect', resolve)
      tcp.once('error', reject)
    })
    const client = new XmppClient(tcp, options.domain ?? 'localhost')
    if (options.directTls === true) await client.secure()
    return client
  }

  // Negotiation

  /** Opens the stream, at first or anew, and waits for the server's header and features. */
  async open(attributes?: Readonly<Record<string, string>>): Promise<{ readonly header: Xml; readonly features: Xml }> {
    this.restart()
    this.sendRaw(this.header(attributes))
    const header = await this.opened()
    return { header, features: await this.expect('features') }
  }

  /** Asks for STARTTLS on an open stream and shakes hands. */
  async startTls(): Promise<void> {
    this.send(`<starttls xmlns='${nsTls}'/>`)
    await this.expect('proceed')
    await this.secure()
  }

  /** All up to an open, encrypted stream; its features. */
  async reachSasl(): Promise<Xml> {
    await this.open()
    await this.startTls()
    return (await this.open()).features
  }

  /** Authenticates on an open stream and opens it anew; its features. */
  async authenticate(credentials: Credentials, mechanism: Mechanism = 'PLAIN'): Promise<Xml> {
    const answer = await this.sasl(credentials, mechanism)
    if (answer.name !== 'success') throw new Error(`authentication was refused: ${show(answer)}`)
    return (await this.open()).features
  }

  /** Authenticates; the last answer of the server. */
  async sasl(credentials: Credentials, mechanism: Mechanism): Promise<Xml> {
    this.credentials = credentials
    if (mechanism === 'PLAIN') {
      const plain = `\0${credentials.username}\0${credentials.password}`
      this.send(`<auth xmlns='${nsSasl}' mechanism='PLAIN'>${base64(plain)}</auth>`)
      return this.element()
    }
    const scram = createScram({ ...credentials, hash: mechanism === 'SCRAM-SHA-1' ? 'SHA-1' : 'SHA-256' })
    this.send(`<auth xmlns='${nsSasl}' mechanism='${mechanism}'>${base64(scram.first)}</auth>`)
    const challenge = await this.element()
    if (challenge.name !== 'challenge') return challenge
    this.send(`<response xmlns='${nsSasl}'>${base64(scram.final(fromBase64(challenge.text)))}</response>`)
    const last = await this.element()
    if (last.name === 'success' && !scram.proves(fromBase64(last.text))) throw new Error('the server proved nothing')
    return last
  }

  /** Binds a resource, or has the server choose one; the full JID. */
  async bind(resource?: string): Promise<string> {
    const inside = resource === undefined ? '' : `<resource>${escapeXml(resource)}</resource>`
    const answer = await this.ask(`<iq type='set' id='bind'><bind xmlns='${nsBind}'>${inside}</bind></iq>`)
    const jid = answer.children[0]?.children[0]
    if (answer.attrs.type !== 'result' || jid?.name !== 'jid') throw new Error(`bind was refused: ${show(answer)}`)
    this.jid = jid.text
    return this.jid
  }

  /** Enables stream management; the `<enabled/>`. */
  async enable(attributes = "resume='true'"): Promise<Xml> {
    this.send(`<enable xmlns='${nsSm3}' ${attributes}/>`)
    const enabled = await this.until('enabled')
    this.smId = enabled.attrs.id ?? ''
    return enabled
  }

  /** Resumes the session of another line on this one, with what that line has seen; the `<resumed/>`. */
  async resume(former: XmppClient, h: number = former.handled): Promise<Xml> {
    this.send(`<resume xmlns='${nsSm3}' previd='${escapeXml(former.smId)}' h='${h}'/>`)
    const resumed = await this.expect('resumed')
    this.smId = former.smId
    this.counting = { sent: true, handled: true }
    this.handled = h
    this.sent = former.sent
    this.jid = former.jid
    return resumed
  }

  /** Asks for an ack and returns the server's `h`; the answer must be the next thing that comes. */
  async acked(): Promise<number> {
    this.send(`<r xmlns='${nsSm3}'/>`)
    return Number((await this.expect('a')).attrs.h)
  }

  /** Acks all that was seen. */
  ack(h: number = this.handled): void {
    this.send(`<a xmlns='${nsSm3}' h='${h}'/>`)
  }

  // Stanzas

  /** Sends a message with a body. */
  message(to: string, body: string, type = 'chat'): void {
    this.send(
      `<message to='${escapeXml(to)}' type='${type}' id='${escapeXml(body)}'><body>${escapeXml(body)}</body></message>`,
    )
  }

  /** Sends an iq and waits for its answer; it must be the next thing that comes. */
  async ask(iq: string): Promise<Xml> {
    this.send(iq)
    const answer = await this.expect('iq')
    const id = /\bid=(['"])(.*?)\1/.exec(iq)?.[2]
    if (answer.attrs.id !== id) throw new Error(`expected the answer to '${id}', but there came ${show(answer)}`)
    return answer
  }
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64')
export const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString()
