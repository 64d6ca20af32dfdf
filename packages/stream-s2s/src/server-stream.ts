/** What streams between servers have in common, in both directions, beyond what all streams have. */
import type { Element } from '@smacks/codec'
import { sessionOf } from '@smacks/core'
import { brief, type Connection, ManagedStream, ns } from '@smacks/stream'
import { negotiationElements, type S2sOptions } from './options.js'

export abstract class ServerStream extends ManagedStream {
  constructor(
    readonly options: S2sOptions,
    connection: Connection,
  ) {
    super(options, connection, {
      seconds: options.policy.connectSeconds,
      elements: negotiationElements,
      until: 'the stream was established',
    })
  }

  protected override receive(element: Element): void {
    if (isStreamError(element)) this.errorReceived(element)
    else super.receive(element)
  }

  protected override deadlinePassed(): void {
    const { seconds } = this.negotiationLimits
    this.refuse({ condition: 'connection-timeout', text: `The stream was not established within ${seconds} seconds.` })
  }

  /** The peer ends the stream with an error: its session may go on elsewhere, as after a line that dropped. */
  private errorReceived(element: Element): void {
    const condition = brief(element.getChildElements()[0]?.getName() ?? 'undefined-condition')
    this.options.log.info({ connection: this.connection.id, condition }, 'a server ended a stream')
    this.dispatchAs('ConnectionLost')
    // What may be resumed must not be closed by us, whatever became of it there (XEP-0198 §7).
    if (this.isResumable()) this.connection.drop()
    else this.connection.close()
    this.end(`the peer ended the stream with ${condition}`)
  }

  /** True if its session waits for another stream. */
  private isResumable(): boolean {
    if (this.session === undefined) return false
    const { account, resource } = this.session
    return sessionOf(this.options.runtime.account(account), resource)?._tag === 'Hibernating'
  }
}

const isStreamError = (element: Element): boolean => element.getName() === 'error' && element.getNS() === ns.streams
