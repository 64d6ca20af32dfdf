/** A server as a test plays it, on a stream that it opens to ours: it says exactly what the test wants it to say. */
import { connect } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Issued } from '../../support/authority.js'
import { escapeXml, show, type Xml } from '../../support/xml.js'
import { XmppLine } from '../../support/xmpp-line.js'

export const nsTls = 'urn:ietf:params:xml:ns:xmpp-tls'
export const nsSasl = 'urn:ietf:params:xml:ns:xmpp-sasl'
export const nsDialback = 'jabber:server:dialback'
export const nsDialbackFeature = 'urn:xmpp:features:dialback'

/** What a server shows in the TLS handshake. */
export type Shown = Pick<Issued, 'certificate' | 'key'>

export interface PeerOptions {
  /** The port for servers. */
  readonly port: number
  /** Whom the stream is from and to. */
  readonly from: string
  readonly to: string
  readonly certificate?: Shown | undefined
}

export class Peer extends XmppLine {
  /** How our server calls the stream. */
  streamId = ''

  static async connect(options: PeerOptions): Promise<Peer> {
    const tcp = connect({ host: '127.0.0.1', port: options.port, noDelay: true })
    await new Promise<void>((resolve, reject) => {
      tcp.once('connect', resolve)
      tcp.once('error', reject)
    })
    return new Peer(tcp, options)
  }

  private constructor(
    tcp: ConstructorParameters<typeof XmppLine>[0],
    private readonly options: PeerOptions,
  ) {
    super(tcp, options.to)
  }

  get from(): string {
    return this.options.from
  }

  override header(attributes: Readonly<Record<string, string>> = {}): string {
    return super.header({ xmlns: 'jabber:server', 'xmlns:db': nsDialback, from: this.options.from, ...attributes })
  }

  override secure(): Promise<TLSSocket> {
    const { certificate } = this.options
    const shown = certificate === undefined ? {} : { cert: certificate.certificate, key: certificate.key }
    return this.upgrade(
      tcp => connectTls({ socket: tcp, servername: this.domain, rejectUnauthorized: false, ...shown }),
      'secureConnect',
    )
  }

  // Steps of negotiation

  /** Opens the stream, at first or anew; the features. */
  async open(attributes?: Readonly<Record<string, string>>): Promise<Xml> {
    this.restart()
    this.sendRaw(this.header(attributes))
    this.streamId = (await this.opened()).attrs.id ?? ''
    return this.expect('features')
  }

  async startTls(): Promise<void> {
    this.send(`<starttls xmlns='${nsTls}'/>`)
    await this.expect('proceed')
    await this.secure()
  }

  /** All up to the features inside TLS. */
  async encrypted(): Promise<Xml> {
    await this.open()
    await this.startTls()
    return this.open()
  }

  /** Asks to be taken for a domain by EXTERNAL, in base64 by default; the answer. */
  async external(authzid = Buffer.from(this.from).toString('base64'), mechanism = 'EXTERNAL'): Promise<Xml> {
    this.send(`<auth xmlns='${nsSasl}' mechanism='${mechanism}'>${authzid}</auth>`)
    return this.element('an answer to EXTERNAL')
  }

  /** All up to the right to send stanzas, by certificate; the features. */
  async certified(): Promise<Xml> {
    await this.encrypted()
    const answer = await this.external()
    if (answer.name !== 'success') throw new Error(`EXTERNAL was refused: ${show(answer)}`)
    return this.open()
  }

  /** Sends a dialback key; by default that of the stream's own domains. */
  sendKey(key: string, { from = this.from, to = this.domain }: { from?: string; to?: string } = {}): void {
    this.send(`<db:result from='${escapeXml(from)}' to='${escapeXml(to)}'>${escapeXml(key)}</db:result>`)
  }

  /** Sends a dialback key, and waits for what comes of it. */
  async dialBack(key: string, pair?: { from?: string; to?: string }): Promise<Xml> {
    this.sendKey(key, pair)
    return this.expect('result', 'an answer to a dialback key')
  }

  /** Asks whether a domain made a key for a stream. */
  async verify(id: string, key: string, to = this.domain): Promise<Xml> {
    this.send(
      `<db:verify from='${escapeXml(this.from)}' to='${escapeXml(to)}' id='${escapeXml(id)}'>${escapeXml(key)}</db:verify>`,
    )
    return this.expect('verify')
  }

  // Stanzas

  /** A message, with addresses as they are given. */
  message(to: string, body: string, from = `mallory@${this.from}/den`): void {
    this.sendRaw(messageOf({ to, from }, body))
  }

  /** All that came before the answer to a question that is asked now, and whose answer is known. */
  override async untilFence(): Promise<ReadonlyArray<Xml>> {
    fences += 1
    const id = `fence-${fences}`
    this.send(`<db:verify from='${escapeXml(this.from)}' to='fence.invalid' id='${id}'>key</db:verify>`)
    const before: Xml[] = []
    for (;;) {
      const element = await this.element('the answer to a fence')
      if (element.name === 'verify' && element.attrs.id === id) return before
      before.push(element)
    }
  }
}

let fences = 0

/** A message with a body. */
export const messageOf = (addresses: Readonly<Record<string, string>>, body: string): string => {
  const attributes = Object.entries(addresses).map(([name, value]) => ` ${name}='${escapeXml(value)}'`)
  return `<message type='chat' id='${escapeXml(body)}'${attributes.join('')}><body>${escapeXml(body)}</body></message>`
}

/** What an answer of dialback says: its type, and the condition of an error. */
export const outcome = (answer: Xml): string => {
  const condition = answer.children.find(it => it.name === 'error')?.children[0]?.name
  return `${answer.attrs.type ?? 'no type'}${condition === undefined ? '' : ` ${condition}`}`
}

/** What an answer of SASL says: its name, and the condition of a failure. */
export const saslOutcome = (answer: Xml): string =>
  answer.name === 'failure' ? `failure ${answer.children[0]?.name ?? ''}` : answer.name

/** The mechanisms and the other features, by name, sorted. */
export const offered = (features: Xml): ReadonlyArray<string> =>
  features.children
    .flatMap(it => (it.name === 'mechanisms' ? it.children.map(mechanism => mechanism.text) : [it.name]))
    .filter((it, index, all) => all.indexOf(it) === index)
    .sort()
