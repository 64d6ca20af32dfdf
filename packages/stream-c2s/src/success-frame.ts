/** `<success/>` of SASL2 (XEP-0388 §2.6.1), whose inside is known only when the core's answers are there. */
import { encodeNonza, escapeText } from '@smacks/codec'
import type { Answer } from '@smacks/runtime'
import { ns, type WriteReserved } from '@smacks/stream'

/** What is known once all is asked for. */
export interface SuccessEnd {
  /** The bare JID, or the full one once a resource is bound or a session resumed. */
  readonly identity: string
  /** The element that leaves together with it; empty if none does. */
  readonly following: string
}

export class SuccessFrame {
  private readonly parts: Array<string> = []
  private missing = 0
  /** `<enabled/>` is inside, so it leaves alone. */
  private alone = false
  private end: SuccessEnd | undefined

  /** `data`: the additional data with success, in base64. `write`: puts it into its place on the stream. */
  constructor(
    private readonly data: string | undefined,
    private readonly write: WriteReserved,
  ) {}

  /** Puts text inside, behind what is there and what is awaited. */
  put(xml: string): void {
    this.parts.push(xml)
  }

  /** Reserves a place inside for an answer of the core, which goes there as `wrap` makes it. */
  reserve(wrap: (xml: string) => string = xml => xml): Answer {
    const place = this.parts.push('') - 1
    this.missing += 1
    return nonza => {
      this.missing -= 1
      this.parts[place] = wrap(encodeNonza(nonza))
      this.alone = nonza._tag === 'Enabled'
      this.leaveIfWhole()
    }
  }

  /** All is asked for. It leaves once all is answered. */
  send(end: SuccessEnd): void {
    this.end = end
    this.leaveIfWhole()
  }

  private leaveIfWhole(): void {
    if (this.end === undefined || this.missing > 0) return
    const { identity, following } = this.end
    this.write(following === '' ? [this.toXml(identity)] : [this.toXml(identity), following], this.alone)
  }

  private toXml(identity: string): string {
    const data = this.data === undefined ? '' : `<additional-data>${this.data}</additional-data>`
    const identifier = `<authorization-identifier>${escapeText(identity)}</authorization-identifier>`
    return `<success xmlns='${ns.sasl2}'>${data}${identifier}${this.parts.join('')}</success>`
  }
}
