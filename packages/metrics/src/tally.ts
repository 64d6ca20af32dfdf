/**
 * What is counted of each step, beside the loop: a look at the event, a look at each effect, and an addition. Nothing is made for a
 * stanza, so that it costs next to nothing.
 */
import {
  type Effect,
  type EndReason,
  type Event,
  type FailedCondition,
  type Nonza,
  type Notice,
  type Resource,
  sessionOf,
} from '@smacks/core'
import type { StepMade } from '@smacks/runtime'
import { ackedCount, ageOf, latencyOf, resourceOf } from './acks.js'
import { Buckets } from './buckets.js'

/** All that there can be, so that each is 0 before the first. */
const noneEnded: Readonly<Record<EndReason, number>> = {
  closed: 0,
  evicted: 0,
  expired: 0,
  failed: 0,
  lost: 0,
  refused: 0,
  'remote-server-not-found': 0,
  'remote-server-timeout': 0,
  replaced: 0,
  stopped: 0,
}

const noneRefused: Readonly<Record<FailedCondition, number>> = {
  'bad-request': 0,
  'feature-not-implemented': 0,
  'internal-server-error': 0,
  'item-not-found': 0,
  'not-authorized': 0,
  'resource-constraint': 0,
  'service-unavailable': 0,
  'undefined-condition': 0,
  'unexpected-request': 0,
}

export class Tally {
  readonly stanzas = { received: 0, sent: 0, resent: 0 }
  readonly fates = { acked: 0, discarded: 0, rerouted: 0, returned: 0, stored: 0 }
  readonly acks = { received: 0, sent: 0 }
  readonly requests = { received: 0, sent: 0 }
  ackDelays = 0
  sessionsStarted = 0
  hibernations = 0
  resumptions = 0
  readonly sessionsEnded: Record<EndReason, number> = { ...noneEnded }
  readonly resumptionRefusals: Record<FailedCondition, number> = { ...noneRefused }
  readonly enableRefusals: Record<FailedCondition, number> = { ...noneRefused }
  /** Seconds. */
  readonly ackLatency = new Buckets([0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60])
  /** Seconds. */
  readonly queueAge = new Buckets([0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400])

  observe<A>(step: StepMade<A>): void {
    if (step.ignored === undefined) this.event(step)
    for (const effect of step.effects) this.effect(step, effect)
  }

  private event<A>(step: StepMade<A>): void {
    const { event } = step
    switch (event._tag) {
      case 'SessionBound':
      case 'ConnectionWanted':
        this.sessionsStarted += 1
        break
      case 'RequestReceived':
        this.requests.received += 1
        break
      case 'AckReceived':
        this.acks.received += 1
        this.acked(step, event.resource)
        break
      case 'ResumedReceived':
        if (sessionOf(step.after, event.resource)?._tag === 'Active') this.resumptions += 1
        this.acked(step, event.resource)
        break
      case 'FailedReceived':
        this.acked(step, event.resource)
        break
      case 'ResumeReceived':
        this.acked(step, resourceOf(step.after, event.connection))
        break
    }
  }

  private effect<A>(step: StepMade<A>, effect: Effect<A>): void {
    switch (effect._tag) {
      case 'ArmTimer':
      case 'DisarmTimer':
        // The most frequent ones.
        return
      case 'Deliver':
        this.stanzas.received += 1
        return
      case 'SendStanza':
        this.stanzas.sent += 1
        if (!isNew(step.event) && effect.delayedSince !== undefined) this.stanzas.resent += 1
        return
      case 'SendNonza':
        return this.nonza(step, effect.nonza)
      case 'StoreOffline':
        this.fates.stored += 1
        return
      case 'ReturnToSender':
        this.fates.returned += 1
        return
      case 'Redeliver':
        this.fates.rerouted += 1
        return
      case 'Discard':
        this.fates.discarded += 1
        return
      case 'EndSession':
        this.sessionsEnded[effect.reason] += 1
        return
      case 'Notify':
        return this.notice(effect.notice)
    }
  }

  private nonza<A>({ event }: StepMade<A>, nonza: Nonza): void {
    switch (nonza._tag) {
      case 'Ack':
        this.acks.sent += 1
        return
      case 'Request':
        this.requests.sent += 1
        return
      case 'Resumed':
        this.resumptions += 1
        return
      case 'Failed':
        this.refusals(event)[nonza.condition] += 1
        return
    }
  }

  private refusals<A>({ _tag }: Event<A>): Record<FailedCondition, number> {
    return _tag === 'ResumeReceived' ? this.resumptionRefusals : this.enableRefusals
  }

  private notice<A>(notice: Notice<A>): void {
    if (notice._tag === 'AckDelayed') this.ackDelays += 1
    else if (notice._tag === 'HibernationStarted') this.hibernations += 1
  }

  /** The session of the resource took an `h`: as it was, as it is. */
  private acked<A>({ before, after, event, config }: StepMade<A>, resource: Resource | undefined): void {
    if (resource === undefined) return
    const had = sessionOf(before, resource)
    const count = ackedCount(had, sessionOf(after, resource))
    const latency = event._tag === 'AckReceived' ? latencyOf(had, config.maxAckDelay, event.at) : undefined
    if (latency !== undefined) this.ackLatency.add(latency / 1000)
    if (count === 0) return
    this.fates.acked += count
    const age = ageOf(had, event.at)
    if (age !== undefined) this.queueAge.add(age / 1000)
  }
}

/** What is sent of it is sent for the first time: so most effects need not be asked. */
const isNew = <A>({ _tag }: Event<A>): boolean => _tag === 'StanzaSubmitted' || _tag === 'MessageSubmitted'
