/** What streams between servers have in common, in both directions, beyond what all streams have. */
import { sessionOf } from '@smacks/core'
import { type Connection, ManagedStream } from '@smacks/stream'
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

  protected override deadlinePassed(): void {
    const { seconds } = this.negotiationLimits
    this.refuse({ condition: 'connection-timeout', text: `The stream was not established within ${seconds} seconds.` })
  }

  /** The session may go on over another stream, as after a line that dropped: servers send errors when they stop. */
  protected override closeAfterError(): void {
    this.dispatchAs('ConnectionLost')
    // What may be resumed must not be closed by us, whatever became of it there (XEP-0198 §7).
    if (this.isResumable()) this.connection.drop()
    else this.connection.close()
  }

  /** True if its session waits for another stream. */
  private isResumable(): boolean {
    if (this.session === undefined) return false
    const { account, resource } = this.session
    return sessionOf(this.options.runtime.account(account), resource)?._tag === 'Hibernating'
  }
}
