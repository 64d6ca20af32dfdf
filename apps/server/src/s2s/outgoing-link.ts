/**
 * The streams of one outgoing link. What waits for it is the core's business; whether and when to connect is decided here:
 * as long as its session has no connection, again and again, with growing pauses.
 */

import type { Stanza } from '@smacks/codec'
import {
  type ConnectionFailed,
  type EnableRequested,
  type ResumeRequested,
  type Session,
  type SessionBound,
  sessionOf,
} from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import { type Authenticated, authenticating } from './authenticating.js'
import { type DialFailure, dial, type Network } from './dial.js'
import { type LinkName, outgoingLink, outgoingResource } from './link-name.js'
import type { S2sOptions } from './options.js'
import { OutgoingStream } from './outgoing-stream.js'

export interface OutgoingLinkOptions extends S2sOptions {
  readonly network: Network
}

/** Pauses between attempts, in seconds; the last one is repeated. */
const pauses: ReadonlyArray<number> = [0, 1, 2, 4, 8, 15, 30]

/** A stream that stood so long, in milliseconds, was worth its while: the next attempt comes without a pause. */
const worthwhile = 30_000

export class OutgoingLink {
  readonly id: AccountId
  /** Gives up what is under way: an attempt, or the pause before the next. */
  private cancel: (() => void) | undefined
  private attempts = 0
  private stoodSince = 0
  private lastFailure: DialFailure | undefined

  constructor(
    private readonly options: OutgoingLinkOptions,
    private readonly name: Pick<LinkName, 'here' | 'there'>,
    /** Nothing waits for the link, and no stream of it stands. */
    private readonly idle: () => void,
  ) {
    this.id = outgoingLink(name.here, name.there)
  }

  /**
   * Connects soon if there is something to connect for, and nothing is under way. May be called while a step is made: what
   * comes of that step is looked at later.
   */
  wake(): void {
    if (this.cancel !== undefined) return
    const { clock, timers } = this.options
    if (this.stoodSince > 0 && clock.now() - this.stoodSince > worthwhile) this.attempts = 0
    const seconds = pauses[Math.min(this.attempts, pauses.length - 1)] ?? 0
    this.cancel = () => timers.disarm(this.pauseKey)
    timers.arm(this.pauseKey, clock.now() + seconds * 1000, () => this.connect())
  }

  /** Nothing is begun any more. */
  stop(): void {
    this.options.timers.disarm(this.limitKey)
    this.cancel?.()
    this.cancel = undefined
  }

  /** What waits for a first stream does not wait forever. */
  private limit(since: number): void {
    const { timers, policy } = this.options
    timers.arm(this.limitKey, since + policy.establishSeconds * 1000, () => {
      if (this.session()?._tag !== 'Connecting') return
      this.stop()
      this.fail()
    })
  }

  private connect(): void {
    const { options, name } = this
    this.cancel = undefined
    const session = this.session()
    if (session === undefined) return this.idle()
    if (session._tag !== 'Connecting' && session._tag !== 'Hibernating') return
    if (session._tag === 'Connecting') this.limit(session.since)
    this.attempts += 1
    this.cancel = dial({
      network: options.network,
      domain: name.there,
      stream: (connection, failed) =>
        new OutgoingStream(
          options,
          connection,
          name,
          authenticating(options, {
            ready: authenticated => this.attach(authenticated),
            refused: authenticated => this.begin(authenticated),
            failed,
          }),
        ),
      failed: failure => this.failed(failure),
    })
  }

  private failed(failure: DialFailure): void {
    const { log } = this.options
    this.cancel = undefined
    this.lastFailure = failure
    log.info({ link: this.id, attempt: this.attempts, reason: failure.text }, 'a server cannot be reached')
    if (failure.isFinal && this.session()?._tag === 'Connecting') this.fail()
    else this.wake()
  }

  private fail(): void {
    const { lastFailure } = this
    const { text, condition } = lastFailure ?? { text: 'it took too long', condition: 'remote-server-timeout' }
    this.options.log.warn(
      { link: this.id, reason: text },
      'a server was not reached, and what waited for it is returned',
    )
    this.dispatchHere({ _tag: 'ConnectionFailed', condition })
    this.wake()
  }

  /** The stream may carry stanzas now. */
  private attach(authenticated: Authenticated): void {
    this.cancel = undefined
    this.lastFailure = undefined
    this.stoodSince = this.options.clock.now()
    this.options.timers.disarm(this.limitKey)
    const { stream, version } = authenticated
    const session = this.session()
    if (session?._tag === 'Hibernating') {
      if (version === undefined) {
        // Whoever is there now knows nothing of the session.
        this.dispatchHere({ _tag: 'CloseRequested' })
        return this.begin(authenticated)
      }
      stream.bind({ link: this.id, resource: outgoingResource })
      return this.dispatchHere({ _tag: 'ResumeRequested', connection: stream.connection.id })
    }
    this.begin(authenticated)
  }

  /** A session begins on the stream, if anything waits for one. */
  private begin({ stream, version }: Authenticated): void {
    const connection = stream.connection.id
    const { streamManagement, resume } = this.options.policy
    if (this.session()?._tag !== 'Connecting') return stream.giveUp()
    stream.bind({ link: this.id, resource: outgoingResource })
    this.dispatchHere(
      version !== undefined && streamManagement
        ? { _tag: 'EnableRequested', connection, version, resume }
        : { _tag: 'SessionBound', connection },
    )
  }

  private session(): Session<Stanza> | undefined {
    return sessionOf(this.options.runtime.account(this.id), outgoingResource)
  }

  private dispatchHere(
    event:
      | { readonly _tag: 'CloseRequested' }
      | Pick<ConnectionFailed, '_tag' | 'condition'>
      | Pick<EnableRequested, '_tag' | 'connection' | 'resume' | 'version'>
      | Pick<ResumeRequested, '_tag' | 'connection'>
      | Pick<SessionBound, '_tag' | 'connection'>,
  ): void {
    const { runtime, clock } = this.options
    runtime.dispatch(this.id, { ...event, at: clock.now(), resource: outgoingResource })
  }

  private get limitKey(): string {
    return `establish\n${this.id}`
  }

  private get pauseKey(): string {
    return `connect\n${this.id}`
  }
}
