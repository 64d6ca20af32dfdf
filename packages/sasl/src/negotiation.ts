/** The SASL of one stream: a mechanism is chosen, messages are exchanged, and failures are counted (RFC 6120 §6, XEP-0388). */
import { brief, type ChannelBindingType } from '@smacks/stream'
import type { SaslFraming } from './framing.js'
import type { OfferContext, Sasl, SaslCondition, SaslContext, SaslExchange, SaslStep } from './mechanism.js'

/** What to answer. All data is base64. */
export type SaslAnswer =
  | { readonly _tag: 'Challenge'; readonly data: string }
  | { readonly _tag: 'Success'; readonly username: string; readonly data: string | undefined }
  | SaslFailure

export interface SaslFailure {
  readonly _tag: 'Failure'
  readonly condition: SaslCondition
  readonly text: string | undefined
  /** No further attempt is allowed: the stream is to be closed. */
  readonly isLast: boolean
}

/** The answer, or where that takes a while: it comes, unless the exchange was given up meanwhile. */
export type SaslAnswered = SaslAnswer | Promise<SaslAnswer | undefined>

/** A failure, for the throttle and the log of logins. */
export interface FailedLogin {
  readonly condition: SaslCondition
  /** As it was offered; nothing if none was chosen. */
  readonly mechanism: string | undefined
  /** Whose login it was, a bare JID, if a name was sent; the account may not exist. */
  readonly account: string | undefined
}

export interface SaslNegotiationOptions {
  readonly sasl: Sasl
  /** What of the stream decides which mechanisms are offered. */
  readonly offer: () => OfferContext
  readonly throttle: Pick<SaslContext, 'tried' | 'waitFor'>
  /** False once nobody waits for an answer any more. */
  readonly isWanted: () => boolean
  readonly allowedFailures: number
  readonly onFailure: (failed: FailedLogin) => void
}

interface UnderWay {
  readonly framing: SaslFraming
  readonly exchange: SaslExchange
  /** The client's last message is being judged. */
  isJudging: boolean
}

export class SaslNegotiation {
  private current: UnderWay | undefined
  private mechanism: string | undefined
  private failures = 0

  constructor(private readonly options: SaslNegotiationOptions) {}

  mechanisms(): ReadonlyArray<string> {
    return this.options.sasl.mechanisms(this.options.offer())
  }

  channelBindings(): ReadonlyArray<ChannelBindingType> {
    return this.options.sasl.channelBindings(this.options.offer())
  }

  /** The elements that carry the exchange under way, if there is one. */
  underWay(): SaslFraming | undefined {
    return this.current?.framing
  }

  /** The mechanism of the exchange that is under way or was the last, as it was offered. */
  chosen(): string | undefined {
    return this.mechanism
  }

  /** The client chose a mechanism. Without an initial response it is asked for one (RFC 4422 §5). */
  start(framing: SaslFraming, mechanism: string, initialResponse: string | undefined): SaslAnswered {
    if (this.current !== undefined)
      return this.fail('malformed-request', 'An authentication is under way; respond or abort.')
    const offer = this.options.offer()
    const advertised = this.options.sasl.mechanisms(offer)
    this.mechanism = advertised.find(offered => offered === mechanism)
    const exchange = this.begin(mechanism, offer, advertised)
    if (exchange === undefined)
      return this.fail(
        'invalid-mechanism',
        `The mechanism '${brief(mechanism)}' is not offered; offered are ${advertised.join(', ') || 'none'}.`,
      )
    this.current = { framing, exchange, isJudging: false }
    return initialResponse === undefined ? { _tag: 'Challenge', data: '' } : this.respond(framing, initialResponse)
  }

  respond(framing: SaslFraming, data: string): SaslAnswered {
    const { current } = this
    if (current?.isJudging === true)
      return this.fail('malformed-request', 'The last message is not answered yet; wait, or abort.')
    if (current?.framing !== framing) return this.fail('malformed-request', 'No authentication is under way.')
    const message = decodeBase64(data)
    if (message === undefined) return this.fail('incorrect-encoding', 'The data is not base64 (RFC 4648 §4).')
    const step = current.exchange.next(message)
    if (!(step instanceof Promise)) return this.answer(step)
    current.isJudging = true
    return step.then(known => {
      current.isJudging = false
      return this.current === current ? this.answer(known) : undefined
    })
  }

  abort(): SaslFailure {
    return this.fail('aborted', undefined)
  }

  /** Ends the exchange under way, if there is one. */
  fail(condition: SaslCondition, text: string | undefined, account?: string): SaslFailure {
    const { mechanism } = this
    this.forget()
    this.failures += 1
    this.options.onFailure({ condition, mechanism, account })
    return { _tag: 'Failure', condition, text, isLast: this.failures >= this.options.allowedFailures }
  }

  /** What was exchanged counts no more; what failed does. */
  forget(): void {
    this.current = undefined
    this.mechanism = undefined
  }

  private begin(
    mechanism: string,
    { domain, secure, channelBinding }: OfferContext,
    advertised: ReadonlyArray<string>,
  ): SaslExchange | undefined {
    const { sasl, throttle, isWanted } = this.options
    const { waitFor, tried } = throttle
    const exchange = sasl.start(mechanism, {
      domain,
      secure,
      channelBinding,
      waitFor,
      tried,
      advertised,
      isWanted: () => isWanted() && this.current?.exchange === exchange,
    })
    return exchange
  }

  private answer(step: SaslStep): SaslAnswer {
    switch (step._tag) {
      case 'Challenge':
        return { _tag: 'Challenge', data: encodeBase64(step.data) }
      case 'Success':
        this.current = undefined
        return {
          _tag: 'Success',
          username: step.username,
          data: step.data === undefined ? undefined : encodeBase64(step.data),
        }
      case 'Failure':
        return this.fail(step.condition, step.text, step.account)
    }
  }
}

const encodeBase64 = (data: Uint8Array): string => Buffer.from(data).toString('base64')

/** Strict: `Buffer` alone would skip what it does not know. */
const decodeBase64 = (text: string): Uint8Array | undefined =>
  text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined
