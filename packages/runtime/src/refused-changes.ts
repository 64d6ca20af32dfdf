/**
 * What is done about a change that the journal can never take, so that only its account is worse off.
 *
 * - A message for the offline store goes back to its sender; nothing else depends on it.
 * - Anything else would leave a gap in what is journalled of the account. So all its sessions end as if their connections
 *   were lost and nobody came back in time: what is unacked is stored or goes back, and the `h` of each is kept for the client
 *   that asks. A stanza that was to blame goes back. One snapshot takes the place of all that is not durable of its sessions yet.
 * - If that cannot be written either, all that is not durable of the account is left out and it is set aside: what was
 *   durable stays as it is, and no session begins there. Messages on their way to the offline store go back.
 *
 * The journal commits what this brings about in one batch with all that waited. So whoever got an ack for a stanza has
 * it in storage, or the stanza itself back. What was to be sent to the account's own clients is not.
 */
import {
  type Account,
  type Effect,
  type Event,
  type Instant,
  type Redeliver,
  type Resource,
  type ReturnToSender,
  type Session,
  type StoreOffline,
  sessionOf,
  toArray,
  type Unacked,
} from '@smacks/core'
import type { AccountId } from './account-id.js'
import type { Change, ChangeRefused } from './ports.js'
import type { Turn, Visible } from './turn.js'

/** What became of the account of a change that was refused. */
export type Refusal = 'message returned' | 'sessions ended' | 'set aside'

export interface RefusedChangesOptions<A> {
  /** The turns that are not concluded, oldest first; the last is the one at hand. */
  readonly turns: () => ReadonlyArray<Turn<A>>
  readonly account: (id: AccountId) => Account<A>
  readonly dispatch: (id: AccountId, event: Event<A>) => void
  /** Settles all that its ended sessions leave in storage. */
  readonly settleAll: (id: AccountId) => void
  /** What is sent to the session's connection, if it has one, when the session is over. */
  readonly closingEffects: (session: Session<A>) => ReadonlyArray<Effect<A>>
  readonly take: (id: AccountId, effect: Effect<A>) => void
  /** Adds the account as it is now to the turn at hand, if the journal keeps sessions. */
  readonly snapshot: (id: AccountId) => Change<A> | undefined
  readonly returnToSender: (id: AccountId, resource: Resource, stanza: Pick<Unacked<A>, 'facts' | 'stanza'>) => void
  readonly isSetAside: (id: AccountId) => boolean
  readonly setAsideFor: (id: AccountId, reason: string) => void
  readonly now: () => Instant
}

export class RefusedChanges<A> {
  private readonly leftOut = new WeakSet<Change<unknown>>()
  /** The snapshots of accounts whose sessions ended here, until they are durable. */
  private readonly closing = new Map<AccountId, Change<A>>()
  /** The stanzas of a change that was refused, while the sessions of its account end. */
  private readonly spoiled = new Set<A>()
  /** How many messages of each account were refused since anything was durable. */
  private readonly returned = new Map<AccountId, number>()

  constructor(private readonly options: RefusedChangesOptions<A>) {}

  /** Adds what follows from it to the turn at hand. */
  refuse(refusal: ChangeRefused): Refusal {
    const { account, change, message } = refusal
    this.leftOut.add(change)
    const refused = this.changesOf(account).find(one => one === change)
    if (refused?._tag === 'PutOffline') {
      this.returnMessage(account, refused)
      return 'message returned'
    }
    // Of an account that is set aside nothing is told, and what is journalled of it stays as it is.
    if (this.closing.has(account)) this.setAside(account, message)
    else if (!this.options.isSetAside(account)) {
      if (refused?._tag === 'EventLogged') for (const stanza of stanzasOf(refused.event)) this.spoiled.add(stanza)
      this.endSessions(account)
      this.spoiled.clear()
      return 'sessions ended'
    }
    return 'set aside'
  }

  /** What was refused as part of a session would be again, so it is not stored for the next one. */
  insteadOf(effect: Redeliver<A> | StoreOffline<A>): Redeliver<A> | ReturnToSender<A> | StoreOffline<A> {
    return this.spoiled.has(effect.stanza) ? { ...effect, _tag: 'ReturnToSender' } : effect
  }

  /** True unless the change was refused, or left out with one that was. */
  isLeft(change: Change<A>): boolean {
    return !this.leftOut.has(change)
  }

  /** The changes are durable, as far as they were not left out. */
  ended(changes: ReadonlyArray<Change<A>>): void {
    if (this.returned.size > 0) this.returned.clear()
    if (this.closing.size === 0) return
    for (const change of changes) if (this.closing.get(change.account) === change) this.closing.delete(change.account)
  }

  /** Each is found by an attempt to commit all others, so after a few of one account the rest is given up too. */
  private returnMessage(id: AccountId, refused: Extract<Change<A>, { readonly _tag: 'PutOffline' }>): void {
    const count = (this.returned.get(id) ?? 0) + 1
    this.returned.set(id, count)
    const changes =
      count < mostAttempts ? [refused] : this.changesOf(id).filter(one => one === refused || this.isLeft(one))
    for (const change of changes) if (change._tag === 'PutOffline') this.leftOut.add(change)
    this.returnMessages(changes)
  }

  private endSessions(id: AccountId): void {
    const { account, closingEffects, now, dispatch, settleAll, snapshot, take } = this.options
    const closing = account(id).sessions.flatMap(closingEffects)
    for (const { resource } of account(id).sessions) {
      // Connected, then hibernating, then over.
      for (let phase = 0; phase < 3; phase += 1) {
        const session = sessionOf(account(id), resource)
        if (session !== undefined) dispatch(id, endingOf(session, now()))
      }
    }
    // The snapshot must not name what is left out.
    settleAll(id)
    this.unsay(id)
    for (const effect of closing) take(id, effect)
    for (const change of this.changesOf(id)) if (isOfSessions(change)) this.leftOut.add(change)
    const written = snapshot(id)
    if (written !== undefined) this.closing.set(id, written)
  }

  private setAside(id: AccountId, reason: string): void {
    const { account, returnToSender, setAsideFor } = this.options
    const changes = this.changesOf(id).filter(change => this.isLeft(change))
    for (const change of changes) this.leftOut.add(change)
    this.unsay(id)
    const { sessions } = account(id)
    setAsideFor(id, reason)
    this.returnMessages(changes)
    for (const session of sessions)
      if ('outbound' in session)
        for (const unacked of toArray(session.outbound.unacked)) returnToSender(id, session.resource, unacked)
  }

  private returnMessages(changes: ReadonlyArray<Change<A>>): void {
    for (const change of changes)
      if (change._tag === 'PutOffline') this.options.returnToSender(change.account, '', change)
  }

  /** Nothing that is sent to the account's clients may be seen: it is not what is durable. */
  private unsay(id: AccountId): void {
    for (const turn of this.options.turns())
      turn.visible = turn.visible.filter(visible => visible.account !== id || !isSaid(visible))
  }

  private changesOf(id: AccountId): ReadonlyArray<Change<A>> {
    return this.options.turns().flatMap(({ changes }) => changes.filter(({ account }) => account === id))
  }
}

/** So many messages of an account are left out one by one. */
const mostAttempts = 8

const stanzasOf = <A>(event: Event<A>): ReadonlyArray<A> => {
  switch (event._tag) {
    case 'StanzaSubmitted':
      return [event.stanza]
    case 'MessageSubmitted':
      return event.recipients.map(({ stanza }) => stanza)
    default:
      return []
  }
}

/** What brings a session one phase nearer to its end, in the way that keeps most of it. */
const endingOf = <A>(session: Session<A>, at: Instant): Event<A> => {
  const { resource } = session
  switch (session._tag) {
    case 'Hibernating': {
      const due = session.deadlines.hibernation
      return due === undefined
        ? { _tag: 'CloseRequested', at, resource }
        : { _tag: 'TimerFired', at, resource, timer: 'hibernation', due }
    }
    case 'Connecting':
      return { _tag: 'ConnectionFailed', at, resource, condition: 'remote-server-timeout' }
    default:
      return { _tag: 'ConnectionLost', at, resource, connection: session.connection }
  }
}

/** A snapshot takes the place of these. */
const isOfSessions = ({ _tag }: Change<unknown>): boolean =>
  _tag === 'EventLogged' || _tag === 'Baseline' || _tag === 'PutSnapshot' || _tag === 'KeepUnacked'

const isSaid = ({ effect: { _tag } }: Visible<unknown>): boolean =>
  _tag === 'SendStanza' || _tag === 'SendNonza' || _tag === 'AdoptConnection' || _tag === 'AwaitDrain'
