/**
 * The table of the machine: what each phase makes of each event, and to which phases that can lead. `step`
 * is driven by it and the state diagram is drawn from it, so that neither can say what the other does not.
 *
 * An event that a phase has no rule for is void: nothing changes, and `step` says so (`Ignored`). `ClockStepped`, `ConfigChanged`, `ConnectionWanted`,
 * `MessageSubmitted`, `QueueSettled`, `SessionBound`,
 * `ResumeReceived`, `ServerRestarted` and `ServerStopping` concern none or more than one session; they are the account's.
 */
import type { Config } from '../config.js'
import type { Event, EventName } from '../event.js'
import type { Phase, Session } from '../state.js'
import * as active from './active.js'
import { noteAnswer } from './answered.js'
import * as connecting from './connecting.js'
import * as enabling from './enabling.js'
import * as hibernating from './hibernating.js'
import * as negotiating from './negotiating.js'
import type { Ignoring, Outcome } from './outcome.js'
import * as resuming from './resuming.js'
import * as unmanaged from './unmanaged.js'

/** The events of one session. */
export type SessionEventName = Exclude<
  EventName,
  | 'ClockStepped'
  | 'ConfigChanged'
  | 'ConnectionWanted'
  | 'MessageSubmitted'
  | 'QueueSettled'
  | 'ResumeReceived'
  | 'ServerRestarted'
  | 'ServerStopping'
  | 'SessionBound'
>

export type SessionEvent<A> = Extract<Event<A>, { readonly _tag: SessionEventName }>

/** Where a session can get to. */
export type Destination = Phase | 'Ended'

type SessionIn<A, P extends Phase> = Extract<Session<A>, { readonly _tag: P }>
type EventNamed<A, E extends EventName> = Extract<Event<A>, { readonly _tag: E }>

export interface Rule<P extends Phase, E extends SessionEventName> {
  readonly handle: <A>(config: Config, session: SessionIn<A, P>, event: EventNamed<A, E>) => Ignoring | Outcome<A>
  readonly to: ReadonlyArray<Destination>
}

/** For each phase the events that mean something in it. An event without a rule changes nothing. */
export type Rules = { readonly [P in Phase]: { readonly [E in SessionEventName]?: Rule<P, E> } }

/** What each event does in each phase, and where it may lead; the state diagram is made from it. */
export const rules: Rules = {
  Connecting: {
    EnableRequested: { handle: connecting.requestEnable, to: ['Enabling', 'Negotiating'] },
    StanzaSubmitted: { handle: connecting.queue, to: ['Connecting', 'Ended'] },
    ConnectionFailed: { handle: connecting.fail, to: ['Ended'] },
    CloseRequested: { handle: connecting.close, to: ['Ended'] },
  },
  Unmanaged: {
    EnableReceived: { handle: unmanaged.enable, to: ['Active'] },
    EnableRequested: { handle: unmanaged.requestEnable, to: ['Enabling', 'Negotiating'] },
    StanzaReceived: { handle: unmanaged.receive, to: ['Unmanaged'] },
    StanzaSubmitted: { handle: unmanaged.send, to: ['Unmanaged'] },
    AckReceived: { handle: unmanaged.refuseAcks, to: ['Unmanaged'] },
    MalformedAckReceived: { handle: unmanaged.refuseAcks, to: ['Unmanaged'] },
    RequestReceived: { handle: unmanaged.refuseAcks, to: ['Unmanaged'] },
    ConnectionLost: { handle: unmanaged.lose, to: ['Ended'] },
    StreamClosed: { handle: unmanaged.close, to: ['Ended'] },
    CloseRequested: { handle: unmanaged.close, to: ['Ended'] },
    StreamRefused: { handle: unmanaged.refuse, to: ['Ended'] },
  },
  Negotiating: {
    EnabledReceived: { handle: negotiating.begin, to: ['Active'] },
    FailedReceived: { handle: negotiating.goWithout, to: ['Unmanaged'] },
    StanzaReceived: { handle: negotiating.receive, to: ['Negotiating'] },
    StanzaSubmitted: { handle: negotiating.queue, to: ['Negotiating', 'Ended'] },
    ConnectionFailed: { handle: negotiating.fail, to: ['Ended'] },
    ConnectionSilent: { handle: negotiating.giveUp, to: ['Connecting'] },
    ConnectionLost: { handle: negotiating.lose, to: ['Connecting'] },
    StreamClosed: { handle: negotiating.leave, to: ['Connecting'] },
    CloseRequested: { handle: negotiating.close, to: ['Ended'] },
    StreamRefused: { handle: negotiating.refuse, to: ['Connecting'] },
  },
  Enabling: {
    EnabledReceived: { handle: enabling.begin, to: ['Active'] },
    FailedReceived: { handle: enabling.goWithout, to: ['Unmanaged'] },
    StanzaReceived: { handle: enabling.receive, to: ['Enabling'] },
    StanzaSubmitted: { handle: enabling.send, to: ['Enabling', 'Ended'] },
    IqAnswered: { handle: noteAnswer, to: ['Enabling'] },
    ConnectionLost: { handle: enabling.lose, to: ['Ended'] },
    StreamClosed: { handle: enabling.close, to: ['Ended'] },
    CloseRequested: { handle: enabling.close, to: ['Ended'] },
    StreamRefused: { handle: enabling.refuse, to: ['Ended'] },
  },
  Active: {
    StanzaReceived: { handle: active.receive, to: ['Active'] },
    StanzaSubmitted: { handle: active.send, to: ['Active', 'Ended'] },
    IqAnswered: { handle: noteAnswer, to: ['Active'] },
    AckReceived: { handle: active.takeAck, to: ['Active', 'Ended'] },
    MalformedAckReceived: { handle: active.refuseMalformedAck, to: ['Ended'] },
    RequestReceived: { handle: active.answerRequest, to: ['Active'] },
    EnableReceived: { handle: active.refuseEnable, to: ['Active'] },
    ClientInactive: { handle: active.becomeInactive, to: ['Active'] },
    ClientActive: { handle: active.becomeActive, to: ['Active'] },
    ArchiveQueried: { handle: active.useArchive, to: ['Active'] },
    ConnectionDrained: { handle: active.continueOnDrain, to: ['Active'] },
    ConnectionSilent: { handle: active.probe, to: ['Active', 'Hibernating', 'Ended'] },
    ConnectionLost: { handle: active.lose, to: ['Hibernating', 'Ended'] },
    StreamClosed: { handle: active.close, to: ['Ended'] },
    CloseRequested: { handle: active.close, to: ['Ended'] },
    StreamRefused: { handle: active.refuse, to: ['Ended'] },
    TimerFired: { handle: active.onTimer, to: ['Active', 'Hibernating', 'Ended'] },
  },
  Hibernating: {
    StanzaSubmitted: { handle: hibernating.queue, to: ['Hibernating', 'Ended'] },
    IqAnswered: { handle: noteAnswer, to: ['Hibernating'] },
    TimerFired: { handle: hibernating.onTimer, to: ['Hibernating', 'Ended'] },
    ResumeRequested: { handle: hibernating.requestResume, to: ['Hibernating', 'Resuming'] },
    CloseRequested: { handle: hibernating.giveUp, to: ['Ended'] },
  },
  Resuming: {
    ResumedReceived: { handle: resuming.resume, to: ['Active', 'Ended'] },
    FailedReceived: { handle: resuming.giveUp, to: ['Ended'] },
    StanzaSubmitted: { handle: resuming.queue, to: ['Resuming', 'Ended'] },
    IqAnswered: { handle: noteAnswer, to: ['Resuming'] },
    ConnectionSilent: { handle: resuming.leave, to: ['Hibernating'] },
    ConnectionLost: { handle: resuming.lose, to: ['Hibernating'] },
    StreamClosed: { handle: resuming.leave, to: ['Hibernating'] },
    CloseRequested: { handle: resuming.abandon, to: ['Ended'] },
    StreamRefused: { handle: resuming.leave, to: ['Hibernating'] },
  },
}
