/** SASL on a stream, whatever elements frame it: base64 in, base64 out, and a bound on failures (RFC 6120 §6). */
import type { ChannelBindingType } from '@smacks/transport-tcp'
import type { Sasl, SaslCondition, SaslContext, SaslExchange, SaslStep } from '../sasl/mechanism.js'

/** What to answer. All data is base64. */
export type SaslAnswer =
  | { readonly _tag: 'Challenge'; readonly data: string }
  | { readonly _tag: 'Success'; readonly username: string; readonly data: string | undefined }
  | {
      readonly _tag: 'Failure'
      readonly condition: SaslCondition
      readonly text: string | undefined
      /** No further attempt is allowed: the stream is to be closed. */
      readonly isLast: boolean
    }

type StreamFacts = Omit<SaslContext, 'advertised'>

export class SaslNegotiation {
  private exchange: SaslExchange | undefined
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

  /** The client chose a mechanism. Without an initial response it is asked for one (RFC 4422 §5). */
  start(mechanism: string, initialResponse: string | undefined): SaslAnswer {
    const advertised = this.mechanisms()
    this.exchange = this.sasl.start(mechanism, { ...this.stream(), advertised })
    if (this.exchange === undefined)
      return this.fail(
        'invalid-mechanism',
        `The mechanism '${mechanism}' is not offered; offered are ${advertised.join(', ') || 'none'}.`,
      )
    return initialResponse === undefined ? { _tag: 'Challenge', data: '' } : this.respond(initialResponse)
  }

  respond(data: string): SaslAnswer {
    const { exchange } = this
    if (exchange === undefined) return this.fail('malformed-request', 'No authentication is under way.')
    const message = decodeBase64(data)
    if (message === undefined) return this.fail('incorrect-encoding', 'The data is not base64 (RFC 4648 §4).')
    return this.answer(exchange.next(message))
  }

  abort(): SaslAnswer {
    return this.fail('aborted', undefined)
  }

  private answer(step: SaslStep): SaslAnswer {
    switch (step._tag) {
      case 'Challenge':
        return { _tag: 'Challenge', data: encodeBase64(step.data) }
      case 'Success':
        this.exchange = undefined
        return {
          _tag: 'Success',
          username: step.username,
          data: step.data === undefined ? undefined : encodeBase64(step.data),
        }
      case 'Failure':
        return this.fail(step.condition, step.text)
    }
  }

  private fail(condition: SaslCondition, text: string | undefined): SaslAnswer {
    this.exchange = undefined
    this.failures += 1
    return { _tag: 'Failure', condition, text, isLast: this.failures >= this.allowedFailures }
  }
}

const encodeBase64 = (data: Uint8Array): string => Buffer.from(data).toString('base64')

/** Strict: `Buffer` alone would skip what it does not know. */
const decodeBase64 = (text: string): Uint8Array | undefined =>
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
    ? Buffer.from(text, 'base64')
    : undefined
