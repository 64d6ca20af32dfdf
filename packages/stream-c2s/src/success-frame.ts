/** `<success/>` of SASL2 (XEP-0388 §2.6.1), whose inside is known only when the core's answers leave. */
import { escapeText } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { type Framing, ns } from '@smacks/stream'
import type { ClientStream } from './client-stream.js'

export class SuccessFrame {
  /** The bare JID, or the full one once a resource is bound or a session resumed. */
  identity: string
  private readonly parts: Array<string> = []
  private readonly awaited: Array<Framing> = []

  /** `data`: the additional data with success, in base64. */
  constructor(
    account: AccountId,
    private readonly data: string | undefined,
  ) {
    this.identity = account
  }

  /** Puts text inside, behind what is there and what is awaited. */
  put(xml: string): void {
    this.parts.push(xml)
  }

  /** The core has decided to send one more element of stream management: it goes inside, wrapped. */
  awaitNonza(wrap: Framing): void {
    const place = this.parts.push('') - 1
    this.awaited.push(nonza => {
      this.parts[place] = wrap(nonza)
      return ''
    })
  }

  /** All is asked for. It leaves together with what follows it. */
  send(stream: ClientStream, following: string): void {
    const last = this.awaited.pop()
    if (last === undefined) return stream.write(this.toXml() + following)
    for (const framing of this.awaited) stream.awaitNonza(framing)
    stream.awaitNonza(nonza => last(nonza) + this.toXml() + following)
  }

  private toXml(): string {
    const data = this.data === undefined ? '' : `<additional-data>${this.data}</additional-data>`
    const identity = `<authorization-identifier>${escapeText(this.identity)}</authorization-identifier>`
    return `<success xmlns='${ns.sasl2}'>${data}${identity}${this.parts.join('')}</success>`
  }
}
