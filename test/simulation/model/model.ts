/**
 * The reference: somebody who sees every event and every effect of both peers, keeps plain books of them, and knows what
 * the standard wants. Of how the core comes from the one to the other it knows nothing.
 *
 * It throws an `Error` at the first thing that must not be.
 */
import type { Stanza } from '@smacks/codec'
import type { Config, Effect, Event, FailedCondition, SendNonza, StreamErrorCondition } from '@smacks/core'
import type { StepMade } from '@smacks/runtime'
import { type Counters, otherSide, type Peer, pairResource, type Side } from '@smacks/testkit'
import { dueFate, type Fate, fateOf } from './fates.js'
import { type Ledger, newLedger, outstanding, takeH, trueH } from './ledger.js'
import { checkAccount, checkHeld } from './memory.js'
import { type KnownSession, type KnownSide, newSide } from './side.js'

type Made = StepMade<Stanza>

export interface Model {
  /** Judges a step of a peer. */
  readonly observe: (side: Side, step: Made) => void
  /** Judges what a peer holds between two moves. */
  readonly checkPeer: (peer: Peer) => void
  readonly sides: Readonly<Record<Side, KnownSide>>
  readonly ledgers: ReadonlyArray<Ledger>
  /** SM-IDs that the server gave, oldest first. */
  readonly smIds: ReadonlyArray<string>
  /** How often things happened, to show that they did. */
  readonly tally: Map<string, number>
}

export interface ModelOptions {
  readonly config: Readonly<Record<Side, Config>>
  /** The session that is established at the beginning, on `line-1` and with the SM-ID `first`. */
  readonly counters: Counters | undefined
}

const none: Readonly<Record<Side, number>> = { client: 0, server: 0 }

/** What an honest peer may be told when its stream is closed. Whatever else is said accuses it of a mistake. */
const errorsAllowed: ReadonlySet<StreamErrorCondition | undefined> = new Set([
  undefined,
  'conflict',
  'connection-timeout',
  'policy-violation',
  'resource-constraint',
  'system-shutdown',
] as const)

const failuresAllowed: ReadonlySet<FailedCondition> = new Set([
  'feature-not-implemented',
  'item-not-found',
  'resource-constraint',
] as const)

export const createModel = ({ config, counters }: ModelOptions): Model => {
  const sides: Readonly<Record<Side, KnownSide>> = { client: newSide(), server: newSide() }
  const ledgers = new Map<string, Ledger>()
  const bySmId = new Map<string, Ledger>()
  const tally = new Map<string, number>()
  const count = (what: string): void => void tally.set(what, (tally.get(what) ?? 0) + 1)

  if (counters !== undefined) {
    const ledger = newLedger('line-1', { client: counters.toServer, server: counters.toClient })
    ledgers.set('line-1', ledger)
    bySmId.set('first', ledger)
    for (const side of ['client', 'server'] as const)
      sides[side].sessions.set(pairResource, { ...newSession(pairResource, 'line-1'), ledger, counts: true })
  }

  const observe = (side: Side, step: Made): void => {
    const known = sides[side]
    const { event } = step
    const fail = (what: string): never => {
      throw new Error(`the ${side}, at ${event._tag}, ${what}`)
    }
    if (isVoid(known, event)) {
      if (step.before !== step.after || step.effects.length > 0) fail('is moved by what comes over a stale connection')
      return
    }
    const session = 'resource' in event ? known.sessions.get(event.resource) : undefined
    takeEvent(known, side, session, step, fail)
    checkAnswer(session, step, fail)
    const settled: Array<Settled> = []
    for (const effect of step.effects) takeEffect(known, side, event, effect, settled, fail)
    checkSettled(known, side, step, settled, fail)
    checkAccount(side, config[side], known, step.after)
  }

  /** What an event says by itself. */
  const takeEvent = (
    known: KnownSide,
    side: Side,
    session: KnownSession | undefined,
    { event, effects }: Made,
    fail: Fail,
  ): void => {
    switch (event._tag) {
      case 'SessionBound': {
        if (session === undefined) break
        // The old session of the resource ends before the new one begins, in the same step.
        return
      }
      case 'EnabledReceived':
        if (session !== undefined) session.counts = true
        return
      case 'StanzaSubmitted': {
        const id = event.facts.id ?? fail('was given a stanza without an id')
        known.submitted.set(id, event.facts)
        if (session === undefined) return
        if (session.ledger === undefined) known.loose.add(id)
        else session.ledger.sent[side].push(id)
        return
      }
      case 'AckReceived':
        if (session?.ledger === undefined) return
        known.asked.delete(event.connection)
        return takeH(session.ledger, side, event.h)
      case 'ResumedReceived':
        if (session === undefined) return
        session.resuming = false
        count('resumed')
        return session.ledger && takeH(session.ledger, side, event.h)
      case 'FailedReceived': {
        if (session === undefined) return
        count(`${session.resuming ? 'resume' : 'enable'} failed: ${event.condition}`)
        if (!failuresAllowed.has(event.condition)) fail(`is told ${event.condition}`)
        if (!session.resuming) session.ledger = undefined
        else if (session.ledger !== undefined && event.h !== undefined) takeH(session.ledger, side, event.h)
        session.resuming = false
        return
      }
      case 'ResumeReceived': {
        const answer = effects.find((effect): effect is SendNonza => effect._tag === 'SendNonza')
        const ledger = bySmId.get(event.previd)
        if (answer?.nonza._tag === 'Resumed' && ledger !== undefined) takeH(ledger, side, event.h)
        return
      }
      case 'ResumeRequested':
        if (session !== undefined) {
          session.resuming = true
          session.connection = event.connection
        }
        return
      case 'ConnectionLost':
        known.closed.add(event.connection)
        if (session !== undefined) {
          session.connection = undefined
          session.resuming = false
        }
        return
      case 'ArchiveQueried':
        if (session?.counts === true) session.usesArchive = true
        return
      default:
        return
    }
    known.sessions.set(event.resource, newSession(event.resource, event.connection))
  }

  interface Settled {
    readonly resource: string
    readonly id: string
    readonly fate: Fate
  }

  const takeEffect = (
    known: KnownSide,
    side: Side,
    event: Event<Stanza>,
    effect: Effect<Stanza>,
    settled: Array<Settled>,
    fail: Fail,
  ): void => {
    const fate = fateOf(effect)
    switch (effect._tag) {
      case 'SendNonza':
      case 'SendStanza':
      case 'CloseConnection':
        if (known.closed.has(effect.connection)) fail(`sends over ${effect.connection}, which is closed`)
        if (effect._tag === 'SendNonza') return takeNonza(known, side, event, effect, fail)
        if (effect._tag === 'SendStanza') return checkSent(known, side, effect.connection, effect.facts.id ?? '', fail)
        known.closed.add(effect.connection)
        if (!errorsAllowed.has(effect.error?.condition))
          fail(`accuses the other of ${effect.error?.condition}: ${effect.error?.text}`)
        count(`closed: ${effect.error?.condition ?? 'cleanly'}`)
        for (const session of known.sessions.values())
          if (session.connection === effect.connection) {
            session.connection = undefined
            session.resuming = false
          }
        return
      case 'AdoptConnection': {
        const session = known.sessions.get(effect.resource) ?? fail(`resumes ${effect.resource}, which has no session`)
        session.connection = effect.connection
        return
      }
      case 'Deliver':
        return takeDelivery(known, side, effect.resource, String(effect.stanza.element.attrs.id), fail)
      case 'EndSession':
        return endSession(known, side, effect, settled, event, fail)
      default:
        if (fate === undefined || !('facts' in effect) || !('resource' in effect)) return
        settled.push({ resource: effect.resource, id: effect.facts.id ?? '', fate })
    }
  }

  const takeNonza = (
    known: KnownSide,
    side: Side,
    event: Event<Stanza>,
    { connection, nonza }: SendNonza,
    fail: Fail,
  ): void => {
    const session = [...known.sessions.values()].find(one => one.connection === connection)
    const ledger = session?.ledger
    switch (nonza._tag) {
      case 'Enable':
        if (session !== undefined) session.ledger = openLedger(connection)
        return
      case 'Enabled':
        if (session === undefined) return fail('enables what is not bound')
        session.ledger = openLedger(connection)
        session.counts = true
        if (nonza.id !== undefined) bySmId.set(nonza.id, session.ledger)
        return
      case 'Request':
        if (known.asked.has(connection)) fail(`asks a second time before ${connection} answered`)
        known.asked.add(connection)
        return
      case 'Ack':
      case 'Resume':
      case 'Resumed':
        if (ledger === undefined) return fail('states an h without having counted')
        if (nonza.h !== trueH(ledger, side)) fail(`says h=${nonza.h}, but handled ${trueH(ledger, side)}`)
        return
      case 'Failed': {
        // A <resume/> that was overtaken by a later one may come with an h from long ago; nobody waits for its answer.
        if (isAwaited(connection) && !failuresAllowed.has(nonza.condition)) fail(`answers ${nonza.condition}`)
        const old = event._tag === 'ResumeReceived' ? bySmId.get(event.previd) : undefined
        if (nonza.h !== undefined && old === undefined) fail('states the h of a session that never was')
        if (nonza.h !== undefined && old !== undefined && nonza.h !== trueH(old, side))
          fail(`says that the old session had h=${nonza.h}, but it handled ${trueH(old, side)}`)
        return
      }
    }
  }

  const isAwaited = (connection: string): boolean =>
    [...sides.client.sessions.values()].some(session => session.connection === connection)

  const openLedger = (connection: string): Ledger => {
    const known = ledgers.get(connection)
    if (known !== undefined) return known
    const made = newLedger(connection, none)
    ledgers.set(connection, made)
    return made
  }

  const checkSent = (known: KnownSide, side: Side, connection: string, id: string, fail: Fail): void => {
    const session = [...known.sessions.values()].find(one => one.connection === connection)
    if (session === undefined) return fail(`sends ${id} over ${connection}, which is no session's`)
    const { ledger } = session
    if (ledger === undefined ? !known.loose.has(id) : !outstanding(ledger, side).includes(id))
      fail(`sends ${id}, which is not to be sent`)
  }

  /** Handled is what was submitted, in order and once, as long as anybody counts. */
  const takeDelivery = (known: KnownSide, side: Side, resource: string, id: string, fail: Fail): void => {
    const sender = otherSide(side)
    const session = known.sessions.get(resource) ?? fail(`handles ${id} for no session`)
    if (known.handled.has(id)) fail(`handles ${id} twice`)
    known.handled.add(id)
    count('handled')
    const { ledger, counts } = session
    if (ledger === undefined || !counts) {
      if (!sides[sender].loose.has(id)) fail(`handles ${id} without counting it`)
      return
    }
    const next = ledger.sent[sender][ledger.handled[sender]]
    if (next !== id) fail(`handles ${id}, but ${next ?? 'nothing'} is next`)
    ledger.handled[sender] += 1
  }

  /** Nothing that was acked has a fate, and all that was not has one: the one that is due. */
  const endSession = (
    known: KnownSide,
    side: Side,
    { resource, reason }: Extract<Effect<Stanza>, { _tag: 'EndSession' }>,
    settled: Array<Settled>,
    event: Event<Stanza>,
    fail: Fail,
  ): void => {
    const session = known.sessions.get(resource) ?? fail(`ends ${resource}, which has no session`)
    known.sessions.delete(resource)
    known.ended.push(reason)
    count(`ended: ${reason}`)
    const isLast = known.sessions.size === 0
    const due = session.ledger === undefined ? [] : outstanding(session.ledger, side)
    const stored = new Set<string>()
    for (const id of due) {
      const facts = known.submitted.get(id) ?? fail(`has a stanza ${id} from nowhere`)
      const fate = dueFate(config[side], { side, reason, isLast, usesArchive: session.usesArchive }, facts)
      pending.push({ resource, id, fate })
      if (fate === 'stored') stored.add(id)
    }
    if (event._tag === 'SessionBound' && event.resource === resource)
      known.sessions.set(resource, newSession(resource, event.connection))
    void settled
  }
  let pending: Array<Settled> = []

  const checkSettled = (
    known: KnownSide,
    side: Side,
    { event, effects }: Made,
    settled: ReadonlyArray<Settled>,
    fail: Fail,
  ): void => {
    const due = pending
    pending = []
    if (event._tag === 'StanzaSubmitted' && effects.length === 1 && effects[0]?._tag === 'Redeliver')
      due.push({ resource: event.resource, id: event.facts.id ?? '', fate: 'rerouted' })
    if (due.length !== settled.length) fail(`settles ${written(settled)}, but due is ${written(due)}`)
    for (const { resource, id, fate } of settled) {
      if (!due.some(one => one.resource === resource && one.id === id && one.fate === fate))
        fail(`settles ${written(settled)}, but due is ${written(due)}`)
      if (known.fates.has(id)) fail(`settles ${id} twice`)
      known.fates.set(id, fate)
      count(fate)
    }
    const orderly = (fate: Fate): string =>
      settled
        .filter(one => one.fate === fate)
        .map(one => one.id)
        .join()
    for (const fate of ['returned', 'stored', 'rerouted'] as const)
      if (
        orderly(fate) !==
          due
            .filter(one => one.fate === fate)
            .map(one => one.id)
            .join() &&
        event._tag !== 'ServerStopping'
      )
        fail(`settles ${orderly(fate)} out of order`)
    void side
  }

  /** An `<r/>` is answered at once, whatever else there is to say. */
  const checkAnswer = (session: KnownSession | undefined, { event, effects }: Made, fail: Fail): void => {
    if (event._tag !== 'RequestReceived' || session?.counts !== true) return
    const first = effects[0]
    if (first?._tag !== 'SendNonza' || first.nonza._tag !== 'Ack' || first.connection !== event.connection)
      fail('does not answer <r/> first of all')
  }

  return {
    observe,
    sides,
    tally,
    checkPeer: peer => checkHeld(peer.side, sides[peer.side], peer),
    get ledgers() {
      return [...ledgers.values()]
    },
    get smIds() {
      return [...bySmId.keys()]
    },
  }
}

type Fail = (what: string) => never

const newSession = (resource: string, connection: string): KnownSession => ({
  resource,
  connection,
  ledger: undefined,
  counts: false,
  resuming: false,
  usesArchive: false,
})

/** An event of a connection that is not the session's, or of a session that is not there. */
const isVoid = (known: KnownSide, event: Event<unknown>): boolean => {
  switch (event._tag) {
    case 'ResumeReceived':
    case 'ServerStopping':
    case 'StanzaSubmitted':
      return false
    case 'ResumeRequested':
    case 'SessionBound':
      return [...known.sessions.values()].some(({ connection }) => connection === event.connection)
    default: {
      const session = known.sessions.get(event.resource)
      if (session === undefined) return true
      return 'connection' in event && session.connection !== event.connection
    }
  }
}

const written = (settled: ReadonlyArray<{ readonly id: string; readonly fate: Fate }>): string =>
  settled.map(({ id, fate }) => `${id} ${fate}`).join(', ') || 'nothing'
