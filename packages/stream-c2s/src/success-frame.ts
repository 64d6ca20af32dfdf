/** `<success/>` of SASL2 (XEP-0388 §2.6.1), whose inside is known only when the core's answers are there. */
import { encodeNonza, escapeText } from '@smacks/codec'
import type { AccountId, Answer } from '@smacks/runtime'
import { type Fill, ns } from '@smacks/stream'

export class SuccessFrame {
  /** The bare JID, or the full one once a resource is bound or a session resumed. */
  identity: string
  private readonly parts: Array<string> = []
  private missing = 0
  /** `<enabled/>` is inside, so it leaves alone. */
  private alone = false
  private following: string | undefined

  /** `data`: the additional data with success, in base64. `fill`: puts it into its place on the stream. */
  constructor(
    account: AccountId,
    private readonly data: string | undefined,
    private readonly fill: Fill,
  ) {
    this.identity = account
  }

  /** Puts text inside, behind what is there and what is awaited. */
  put(xml: string): void {
    this.parts.push(xml)
  }

  /** Keeps a place inside for an answer of the core, which goes there as `wrap` makes it. */
  keepPlace(wrap: (xml: string) => string): Answer {
    const place = this.parts.push('') - 1
    this.missing += 1
    return nonza => {
      this.missing -= 1
      this.parts[place] = wrap(encodeNonza(nonza))
      this.alone = nonza._tag === 'Enabled'
      this.leaveIfWhole()
    }
  }

  /** All is asked for. It leaves once all is answered, together with the element that follows it, if one does. */
  send(following: string): void {
    this.following = following
    this.leaveIfWhole()
  }

  private leaveIfWhole(): void {
    const { following } = this
    if (following === undefined || this.missing > 0) return
    this.fill(following === '' ? [this.toXml()] : [this.toXml(), following], this.alone)
  }

  private toXml(): string {
    const data = this.data === undefined ? '' : `<additional-data>${this.data}</additional-data>`
    const identity = `<authorization-identifier>${escapeText(this.identity)}</authorization-identifier>`
    return `<success xmlns='${ns.sasl2}'>${data}${identity}${this.parts.join('')}</success>`
  }
}
