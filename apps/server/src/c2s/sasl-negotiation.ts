/** SASL on a stream, whatever elements frame it: base64 in, base64 out, and a bound on failures (RFC 6120 §6). */
import type { ChannelBindingType } from '@smacks/transport-tcp'
import type { Sasl, SaslCondition, SaslContext, SaslExchange, SaslStep } from '../sasl/mechanism.js'
import { brief } from '../stream/elements.js'

/** Whose elements carry an exchange: those of RFC 6120, or those of XEP-0388. */
export type SaslFraming = 'sasl' | 'sasl2'

/** Why an authentication fails (RFC 6120 §6.5): what mechanisms can say, and what the stream can. */
export type FailureCondition = SaslCondition | 'encryption-required'

/** What to answer. All data is base64. */
export type SaslAnswer =
  | { readonly _tag: 'Challenge'; readonly data: string }
  | { readonly _tag: 'Success'; readonly username: string; readonly data: string | undefined }
  | SaslFailure

export interface SaslFailure {
  readonly _tag: 'Failure'
  readonly condition: FailureCondition
  readonly text: string | undefined
  /** No further attempt is allowed: the stream is to be closed. */
  readonly isLast: boolean
}

type StreamFacts = Omit<SaslContext, 'advertised'>

interface UnderWay {
  readonly framing: SaslFraming
  readonly exchange: SaslExchange
}

export class SaslNegotiation {
  private current: UnderWay | undefined
  private failures = 0

  constructor(
    private readonly sasl: Sasl,
    private readonly stream: () => StreamFacts,
    private readonly allowedFailures: number,
  ) {}

  mechanisms(): ReadonlyArray<string> {
    return this.sasl.mechanisms(this.stream())
  }

  channelBindings(): ReadonlyArray<ChannelBindingType> {
    return this.sasl.channelBindings(this.stream())
  }

  /** The elements that carry the exchange under way, if there is one. */
  underWay(): SaslFraming | undefined {
    return this.current?.framing
  }

  /** The client chose a mechanism. Without an initial response it is asked for one (RFC 4422 §5). */
  start(framing: SaslFraming, mechanism: string, initialResponse: string | undefined): SaslAnswer {
    if (this.current !== undefined)
      return this.fail('malformed-request', 'An authentication is under way; respond or abort.')
    const advertised = this.mechanisms()
    const exchange = this.sasl.start(mechanism, { ...this.stream(), advertised })
    if (exchange === undefined)
      return this.fail(
        'invalid-mechanism',
        `The mechanism '${brief(mechanism)}' is not offered; offered are ${advertised.join(', ') || 'none'}.`,
      )
    this.current = { framing, exchange }
    return initialResponse === undefined ? { _tag: 'Challenge', data: '' } : this.respond(framing, initialResponse)
  }

  respond(framing: SaslFraming, data: string): SaslAnswer {
    const { current } = this
    if (current?.framing !== framing) return this.fail('malformed-request', 'No authentication is under way.')
    const message = decodeBase64(data)
    if (message === undefined) return this.fail('incorrect-encoding', 'The data is not base64 (RFC 4648 §4).')
    return this.answer(current.exchange.next(message))
  }

  abort(): SaslFailure {
    return this.fail('aborted', undefined)
  }

  /** Ends the exchange under way, if there is one. */
  fail(condition: FailureCondition, text: string | undefined): SaslFailure {
    this.current = undefined
    this.failures += 1
    return { _tag: 'Failure', condition, text, isLast: this.failures >= this.allowedFailures }
  }

  /** What was exchanged counts no more; what failed does. */
  forget(): void {
    this.current = undefined
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
        return this.fail(step.condition, step.text)
    }
  }
}

const encodeBase64 = (data: Uint8Array): string => Buffer.from(data).toString('base64')

/** Strict: `Buffer` alone would skip what it does not know. */
const decodeBase64 = (text: string): Uint8Array | undefined =>
  text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined
