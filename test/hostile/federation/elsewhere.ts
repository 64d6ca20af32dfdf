/** All the other servers of a test's world: one listener, which plays each domain as the test wants it. */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { child, escapeXml, type Xml } from '../../support/xml.js'
import { XmppLine } from '../../support/xmpp-line.js'
import { nsDialback, nsDialbackFeature, nsSasl, nsTls, type Shown } from './peer.js'

/** What a domain does with a stream that our server opened to it; its header has come. */
export type Play = (line: Called, header: Xml) => Promise<void>

export interface Elsewhere {
  readonly port: number
  /** From now on, the domain does this with each stream. */
  readonly plays: (domain: string, play: Play) => void
  /** How many streams were opened to the domain. */
  readonly calls: (domain: string) => number
  /** Where plays did not go as they should since this was asked last. */
  readonly complaints: () => ReadonlyArray<unknown>
  readonly stop: () => Promise<void>
}

/** The other end of a stream of our server. */
export class Called extends XmppLine {
  /** Says the header of its stream. */
  openAs(domain: string, id: string, attributes: Readonly<Record<string, string>> = {}): void {
    this.sendRaw(this.header({ xmlns: 'jabber:server', 'xmlns:db': nsDialback, from: domain, id, ...attributes }))
  }

  features(inside: string): void {
    this.sendRaw(`<stream:features>${inside}</stream:features>`)
  }

  /** Takes `<starttls/>`, and a new stream inside of TLS. */
  async shake({ certificate, key }: Shown): Promise<void> {
    await this.expect('starttls')
    this.restart()
    this.sendRaw(`<proceed xmlns='${nsTls}'/>`)
    const options = { isServer: true, requestCert: true, rejectUnauthorized: false, cert: certificate, key }
    await this.upgrade(tcp => new TLSSocket(tcp, options), 'secure')
    await this.opened()
  }

  /** All up to its features inside of TLS, which are these. */
  async welcome(domain: string, certificate: Shown, inside: string, id = `stream of ${domain}`): Promise<void> {
    this.openAs(domain, `${id} in the clear`)
    this.features(offers.tls)
    await this.shake(certificate)
    this.openAs(domain, id)
    this.features(inside)
  }
}

/** What features offer. */
export const offers = {
  tls: `<starttls xmlns='${nsTls}'><required/></starttls>`,
  external: `<mechanisms xmlns='${nsSasl}'><mechanism>EXTERNAL</mechanism></mechanisms>`,
  dialback: `<dialback xmlns='${nsDialbackFeature}'><errors/></dialback>`,
  streamManagement: "<sm xmlns='urn:xmpp:sm:3'/>",
} as const

export const startElsewhere = async (): Promise<Elsewhere> => {
  const plays = new Map<string, Play>()
  const calls = new Map<string, number>()
  const lines = new Set<Called>()
  let complaints: Array<unknown> = []
  const answer = async (tcp: Socket): Promise<void> => {
    const line = new Called(tcp, '')
    lines.add(line)
    // Our server may hang up before it says whom it wants, as when whoever it asks for has left.
    const header = await line.opened().catch(() => undefined)
    if (header === undefined) return
    const domain = header.attrs.to ?? ''
    calls.set(domain, (calls.get(domain) ?? 0) + 1)
    const play = plays.get(domain)
    if (play === undefined) throw new Error(`nobody plays '${domain}'`)
    await play(line, header)
  }
  const listener = createServer({ noDelay: true }, tcp => {
    answer(tcp).catch((complaint: unknown) => complaints.push(complaint))
  })
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
  return {
    port: portOf(listener.address()),
    plays: (domain, play) => void plays.set(domain, play),
    calls: domain => calls.get(domain) ?? 0,
    complaints: () => {
      const told = complaints
      complaints = []
      return told
    },
    stop: async () => {
      for (const line of lines) line.destroy()
      await new Promise<void>(resolve => listener.close(() => resolve()))
    },
  }
}

const portOf = (address: AddressInfo | string | null): number => {
  if (address === null || typeof address === 'string') throw new Error(`no port is listened on, but ${address}`)
  return address.port
}

/** Plays the authority of a domain: what it says of each key, or nothing. */
export const authoritative =
  (domain: string, certificate: Shown, verdict: (id: string, key: string) => string | undefined): Play =>
  async line => {
    await line.welcome(domain, certificate, offers.dialback)
    const question = await line.expect('verify')
    const said = verdict(question.attrs.id ?? '', question.text)
    if (said !== undefined) line.sendRaw(answerTo(question, said))
  }

/** An answer to a question: `valid`, `invalid`, or `error` and a condition. */
export const answerTo = ({ name, attrs }: Xml, said: string): string => {
  const [type = '', condition] = said.split(' ')
  const id = attrs.id === undefined ? '' : ` id='${escapeXml(attrs.id)}'`
  const addresses = ` from='${escapeXml(attrs.to ?? '')}' to='${escapeXml(attrs.from ?? '')}'`
  const error =
    condition === undefined
      ? ''
      : `<error type='cancel'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`
  return `<db:${name}${addresses}${id} type='${type}'>${error}</db:${name}>`
}

/** The condition of a stanza error. */
export const conditionIn = (stanza: Xml): string | undefined => child(stanza, 'error')?.children[0]?.name
