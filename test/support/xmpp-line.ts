/**
 * A line to an XMPP server that carries exactly what a test says: every byte sent is the test's, every element
 * received is handed over in order, and the line can be cut in all the ways in which lines are cut.
 *
 * Elements are *seen* when a test takes them. `handled` counts the stanzas seen, so a test that cuts the line
 * knows to the stanza what this client has; what arrived unseen counts as lost on the way.
 */
import type { Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { createStreamParser, escapeXml, isStanza, type StreamItem, show, type Xml } from './xml.js'

export const nsSm3 = 'urn:xmpp:sm:3'
export const nsSm2 = 'urn:xmpp:sm:2'

/** How long an answer may take before a test fails, in milliseconds. */
export const patience = 5_000

/** What a client takes from the stream. */
export type Item = Exclude<StreamItem, { kind: 'header' }> | { readonly kind: 'lost'; readonly how: string }

export type Wanted = string | ((element: Xml) => boolean)

export class XmppLine {
  /** Stanzas seen since stream management was enabled: the client's `h`. */
  handled = 0
  /** Stanzas sent since `<enable/>` was sent. */
  sent = 0
  /** The `<r/>`s that came. */
  requests = 0
  /** What was read, chunk by chunk: over TLS, record by record. */
  readonly chunks: string[] = []
  /** An `<a/>` answers each `<r/>` as soon as it is met. */
  answersRequests = false

  protected counting = { sent: false, handled: false }
  private parser = createStreamParser(item => this.take(item))
  private outgoing = createStreamParser(item => this.count(item))
  private readonly items: Item[] = []
  private headers: Xml[] = []
  private wake: (() => void) | undefined
  private line: Socket | TLSSocket
  private decoder = new TextDecoder()
  private over = false

  constructor(
    private readonly tcp: Socket,
    readonly domain: string,
  ) {
    this.line = tcp
    this.listen(tcp)
    tcp.on('error', error => this.lose(error.message))
    tcp.on('close', () => this.lose('closed'))
  }

  /** False once the line is lost or was ended here. */
  get isThere(): boolean {
    return !this.over
  }

  // The stream and its line

  /** The header a client opens a stream with. */
  header(attributes: Readonly<Record<string, string>> = {}): string {
    const all = {
      to: this.domain,
      version: '1.0',
      xmlns: 'jabber:client',
      'xmlns:stream': 'http://etherx.jabber.org/streams',
      ...attributes,
    }
    const text = Object.entries(all).map(([name, value]) => ` ${name}='${escapeXml(value)}'`)
    return `<?xml version='1.0'?><stream:stream${text.join('')}>`
  }

  /** From here on both sides start a new stream. */
  restart(): void {
    this.parser = createStreamParser(item => this.take(item))
    this.outgoing = createStreamParser(item => this.count(item))
    this.outgoing.write(this.header().replace(/^<\?xml[^>]*>/, ''))
  }

  /** The server's stream header. */
  async opened(): Promise<Xml> {
    await this.waitFor(() => this.headers.length > 0 || this.items.length > 0, 'a stream header')
    const header = this.headers.shift()
    if (header === undefined) throw new Error(`expected a stream header, but there came ${describe(this.items[0])}`)
    return header
  }

  /** Shakes hands on the line as it is. */
  secure(): Promise<TLSSocket> {
    return this.upgrade(
      tcp => connectTls({ socket: tcp, servername: this.domain, rejectUnauthorized: false }),
      'secureConnect',
    )
  }

  /** Puts TLS on the line, in whatever role; `done` is the event that says that hands were shaken. */
  protected async upgrade(shake: (tcp: Socket) => TLSSocket, done: 'secure' | 'secureConnect'): Promise<TLSSocket> {
    this.tcp.removeAllListeners('data')
    const tls = shake(this.tcp)
    tls.on('error', error => this.lose(error.message))
    tls.on('close', () => this.lose('closed'))
    await new Promise<void>((resolve, reject) => {
      tls.once(done, resolve)
      tls.once('error', reject)
      tls.once('close', () => reject(new Error('the line was closed in the TLS handshake')))
    })
    this.line = tls
    this.listen(tls)
    return tls
  }

  /** TLS's keying material for channel binding (RFC 9266). */
  exporter(): Buffer {
    if (!('exportKeyingMaterial' in this.line)) throw new Error('no TLS on this line')
    return this.line.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
  }

  // Sending

  /** Sends well-formed elements, and counts the stanzas among them. */
  send(xml: string): void {
    this.outgoing.write(xml)
    this.sendRaw(xml)
  }

  /** Sends bytes as they are, uncounted. */
  sendRaw(bytes: string | Uint8Array): void {
    if (!this.over) this.line.write(bytes)
  }

  // Receiving

  /** The next thing that comes, `<r/>` aside. */
  async next(what = 'anything'): Promise<Item> {
    for (;;) {
      await this.waitFor(() => this.items.length > 0, what)
      const item = this.items.shift()
      if (item === undefined) continue
      if (item.kind !== 'element') return item
      if (isAckRequest(item.element)) this.meetRequest(item.element)
      else {
        this.see(item.element)
        return item
      }
    }
  }

  /** The next thing that comes, which must be an element. */
  async element(what = 'an element'): Promise<Xml> {
    const item = await this.next(what)
    if (item.kind !== 'element') throw new Error(`expected ${what}, but there came ${describe(item)}`)
    return item.element
  }

  /** The next thing that comes, which must be the wanted element. */
  async expect(wanted: Wanted, what = typeof wanted === 'string' ? `<${wanted}/>` : 'the element'): Promise<Xml> {
    const element = await this.element(what)
    const fits = typeof wanted === 'string' ? element.name === wanted : wanted(element)
    if (!fits) throw new Error(`expected ${what}, but there came ${show(element)}`)
    return element
  }

  /** The first wanted element, whatever comes before it. */
  async until(wanted: Wanted, what = typeof wanted === 'string' ? `<${wanted}/>` : 'the element'): Promise<Xml> {
    for (;;) {
      const element = await this.element(what)
      if (typeof wanted === 'string' ? element.name === wanted : wanted(element)) return element
    }
  }

  /** The next `count` elements of this name; anything else fails. */
  async expectMany(name: string, count: number): Promise<ReadonlyArray<Xml>> {
    const found: Xml[] = []
    while (found.length < count) found.push(await this.expect(name, `<${name}/> ${found.length + 1} of ${count}`))
    return found
  }

  /** All that came before the answer to a ping that is sent now. */
  async untilFence(): Promise<ReadonlyArray<Xml>> {
    fences += 1
    const id = `fence-${fences}`
    this.send(`<iq type='get' id='${id}' to='${this.domain}'><ping xmlns='urn:xmpp:ping'/></iq>`)
    const before: Xml[] = []
    for (;;) {
      const element = await this.element('the answer to a ping')
      if (element.name === 'iq' && element.attrs.id === id) return before
      before.push(element)
    }
  }

  /** Nothing came, and nothing was on its way when the server answered the ping sent now. */
  async expectNothing(): Promise<void> {
    const before = await this.untilFence()
    if (before.length > 0) throw new Error(`expected nothing, but there came ${before.map(show).join('')}`)
  }

  /** A stream error of this condition comes next, a last ack aside, then the end of the stream and of the line. */
  async expectStreamError(...conditions: ReadonlyArray<string>): Promise<Xml> {
    const what = `a stream error ${conditions.join(' or ')}`.trimEnd()
    let error = await this.element(what)
    while (isAck(error)) error = await this.element(what)
    if (error.name !== 'error') throw new Error(`expected ${what}, but there came ${show(error)}`)
    const fits = conditions.length === 0 || error.children.some(it => conditions.includes(it.name))
    if (!fits) throw new Error(`expected ${what}, but there came ${show(error)}`)
    await this.expectEnd()
    return error
  }

  /** `</stream:stream>` comes next, then the end of the line. */
  async expectEnd(): Promise<void> {
    const close = await this.next('</stream:stream>')
    if (close.kind !== 'close') throw new Error(`expected </stream:stream>, but there came ${describe(close)}`)
    this.line.end()
    await this.expectLost()
  }

  /**
   * The line ends in order (FIN, no RST) with the stream unfinished: of what still comes the last is an `<a/>`, and neither
   * an error nor `</stream:stream>` does. The `h` of the ack.
   */
  async expectDropped(): Promise<number> {
    let last: Xml | undefined
    for (;;) {
      const item = await this.next('the end of the line')
      if (item.kind === 'close' || (item.kind === 'element' && item.element.name === 'error'))
        throw new Error(`expected an unfinished stream, but there came ${describe(item)}`)
      if (item.kind === 'element') last = item.element
      else if (item.how !== 'closed') throw new Error(`expected the end of the line, but it broke: ${item.how}`)
      else break
    }
    if (last === undefined || !isAck(last)) throw new Error(`expected a last <a/>, but it was ${last && show(last)}`)
    return Number(last.attrs.h)
  }

  /** The line is gone, whatever comes before. */
  async expectLost(): Promise<ReadonlyArray<Item>> {
    const before: Item[] = []
    for (;;) {
      const item = await this.next('the end of the line')
      if (item.kind === 'lost') return before
      before.push(item)
    }
  }

  // Ending

  /** Closes the stream as the standard wants; what came before the server's `</stream:stream>`. */
  async close(): Promise<ReadonlyArray<Xml>> {
    this.sendRaw('</stream:stream>')
    const before: Xml[] = []
    for (;;) {
      const item = await this.next('</stream:stream>')
      if (item.kind === 'element') before.push(item.element)
      else if (item.kind === 'close') break
      else throw new Error('expected </stream:stream>, but the line was lost')
    }
    this.destroy()
    return before
  }

  /** Cuts the line with a RST. */
  reset(): void {
    this.over = true
    this.tcp.resetAndDestroy()
    this.line.destroy()
  }

  /** Ends the line with a FIN and without `</stream:stream>`, after what was written has left. */
  async finish(): Promise<void> {
    this.over = true
    await new Promise<void>(resolve => this.line.end(() => resolve()))
    await this.expectLost()
  }

  /** Neither reads nor writes any more, and does not close: the line is half-open. */
  freeze(): void {
    this.over = true
    this.line.removeAllListeners('data')
    this.line.pause()
    this.tcp.pause()
  }

  /** Writes the beginning of an element, lets it leave, and ends the line without `</stream:stream>`. */
  async cutIn(half: string | Uint8Array): Promise<void> {
    this.sendRaw(half)
    await this.finish()
  }

  /** Frees the line, however it stands. */
  destroy(): void {
    this.over = true
    this.line.destroy()
    this.tcp.destroy()
  }

  /** Stops reading, so that the server's bytes pile up; the line stays. */
  pauseReading(): void {
    this.line.pause()
  }

  resumeReading(): void {
    this.line.resume()
  }

  private listen(line: Socket | TLSSocket): void {
    line.on('data', (bytes: Buffer) => {
      const text = this.decoder.decode(bytes, { stream: true })
      this.chunks.push(text)
      try {
        // A declaration begins a new stream, also within what was read at once.
        for (const [n, part] of text.split(/(?=<\?xml)/).entries()) {
          if (n > 0) this.parser = createStreamParser(item => this.take(item))
          this.parser.write(part)
        }
      } catch (error) {
        this.lose(`the server's XML is not well-formed: ${String(error)}`)
      }
    })
  }

  private take(item: StreamItem): void {
    if (item.kind === 'header') this.headers.push(item.header)
    else this.items.push(item)
    this.wake?.()
  }

  private lose(how: string): void {
    if (this.items.some(item => item.kind === 'lost')) return
    this.over = true
    this.items.push({ kind: 'lost', how })
    this.wake?.()
  }

  private see(element: Xml): void {
    if (element.name === 'enabled' && element.ns.startsWith('urn:xmpp:sm:')) {
      this.counting.handled = true
      this.handled = 0
    } else if (this.counting.handled && isStanza(element)) this.handled += 1
  }

  private count(item: StreamItem): void {
    if (item.kind !== 'element') return
    if (item.element.name === 'enable' && item.element.ns.startsWith('urn:xmpp:sm:')) {
      this.counting.sent = true
      this.sent = 0
    } else if (this.counting.sent && isStanza(item.element)) this.sent += 1
  }

  private meetRequest(request: Xml): void {
    this.requests += 1
    if (this.answersRequests) this.send(`<a xmlns='${request.ns}' h='${this.handled}'/>`)
  }

  private async waitFor(condition: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + patience
    while (!condition()) {
      const left = deadline - Date.now()
      if (left <= 0) throw new Error(`expected ${what}, but nothing came within ${patience} ms`)
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, left)
        this.wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      this.wake = undefined
    }
  }
}

let fences = 0

const isAckRequest = (element: Xml): boolean => element.name === 'r' && element.ns.startsWith('urn:xmpp:sm:')

const isAck = (element: Xml): boolean => element.name === 'a' && element.ns.startsWith('urn:xmpp:sm:')

const describe = (item: Item | undefined): string => {
  if (item === undefined) return 'nothing'
  if (item.kind === 'element') return show(item.element)
  return item.kind === 'close' ? '</stream:stream>' : `the end of the line (${item.how})`
}
