/** Laws of time: the timers that are armed are the deadlines in the state, each at its time. */
import { type ServerRestarted, type Session, sessionOf, type TimerName } from '@smacks/core'
import type { Armed } from './made.js'
import type { Course, Tried } from './reference.js'

const names = ['ackDelay', 'ackHold', 'hibernation', 'readProbe'] as const

/** The timers that are armed after a step. */
export const armedAfter = ({
  armed,
  event,
  effects,
}: Pick<Tried, 'armed' | 'effects' | 'event'>): ReadonlyArray<Armed> => {
  // Timers end with the process.
  let now = event._tag === 'ServerRestarted' ? [] : armed
  if (event._tag === 'TimerFired')
    now = now.filter(one => one.resource !== event.resource || one.timer !== event.timer || one.due !== event.due)
  for (const effect of effects) {
    if (effect._tag !== 'ArmTimer' && effect._tag !== 'DisarmTimer') continue
    const { resource, timer } = effect
    now = now.filter(one => one.resource !== resource || one.timer !== timer)
    if (effect._tag === 'ArmTimer') now = [...now, { resource, timer, due: effect.due }]
  }
  return now
}

/** While a resumption is awaited its timer may have fired, when that was of no use. */
export const timersAreDeadlines = (tried: Tried): string | undefined => {
  const armed = armedAfter(tried)
  let matched = 0
  for (const session of tried.after.sessions) {
    if (!('deadlines' in session)) continue
    for (const timer of names) {
      const due = session.deadlines[timer]
      const ours = armed.find(one => one.resource === session.resource && one.timer === timer)
      if (ours !== undefined) matched += 1
      if (ours?.due !== due && !(session._tag === 'Resuming' && ours === undefined))
        return `${timer} of ${session.resource} is armed for ${ours?.due ?? 'never'}, and its deadline is ${due ?? 'never'}`
    }
  }
  return matched === armed.length ? undefined : 'a timer is armed that is no deadline'
}

/** A timer is disarmed only if it may be armed, and armed only for what is to come. */
export const deadlinesAreRight = (tried: Tried): string | undefined => {
  for (const course of tried.courses) {
    const now = typeof course.to === 'string' ? sessionOf(tried.after, course.session.resource) : undefined
    if (now === undefined || !('deadlines' in now)) continue
    const wanted = deadlinesAfter(tried, course, now)
    for (const timer of names)
      if (now.deadlines[timer] !== wanted[timer])
        return `${timer} of ${now.resource} should be due ${wanted[timer] ?? 'never'}, and is due ${now.deadlines[timer] ?? 'never'}`
  }
  return undefined
}

/** When the timers of a session are due, whatever its phase. */
type Due = { readonly [T in TimerName]?: number | undefined }

const none: Due = { ackDelay: undefined, ackHold: undefined, hibernation: undefined, readProbe: undefined }

const movedBy = (deadlines: Due, by: number): Due => {
  const moved = (timer: TimerName) => (deadlines[timer] === undefined ? undefined : deadlines[timer] + by)
  return {
    ackDelay: moved('ackDelay'),
    ackHold: moved('ackHold'),
    hibernation: moved('hibernation'),
    readProbe: moved('readProbe'),
  }
}

/** What was left when the process was alive last; all of it where nobody knows. */
const restOf = ({ lastAlive }: ServerRestarted, { hibernation }: Due, full: number): number => {
  if (lastAlive === undefined || hibernation === undefined) return full
  const left = hibernation - lastAlive
  return left < 0 ? 0 : Math.min(left, full)
}

const deadlinesAfter = (tried: Tried, { session, to, isMeant }: Course, now: Session<string>): Due => {
  const { event, config, effects } = tried
  const had: Due = 'deadlines' in session ? session.deadlines : none
  if (!isMeant) return had
  if (event._tag === 'ClockStepped') return movedBy(had, event.by)
  if (to === 'Hibernating' && session._tag === 'Active' && session.resumption._tag === 'Some')
    return { ...none, hibernation: event.at + session.resumption.value.seconds * 1000 }
  if (event._tag === 'ServerRestarted' && 'since' in session && 'resumption' in session)
    return { ...had, hibernation: event.at + restOf(event, had, session.resumption.seconds * 1000) }
  if (to !== 'Active' || now._tag !== 'Active') return had
  const isFired = (timer: string) => event._tag === 'TimerFired' && event.timer === timer
  const isAnswered = event._tag === 'AckReceived' && session._tag === 'Active' && event.version === session.version
  const isKept = session._tag === 'Active' && event._tag !== 'ResumeReceived'
  const isAsked = effects.some(
    effect => effect._tag === 'SendNonza' && effect.nonza._tag === 'Request' && effect.connection === now.connection,
  )
  const kept = (timer: TimerName) => (isKept && !isFired(timer) ? had[timer] : undefined)
  const isUntold = event._tag === 'ConfigChanged' && config.maxAckDelay === 0
  const ackDelay =
    isAsked && config.maxAckDelay > 0
      ? event.at + config.maxAckDelay * 1000
      : isAnswered || isUntold
        ? undefined
        : kept('ackDelay')
  const isProbe = event._tag === 'ConnectionSilent' && (isAsked || now.request.awaiting)
  const readProbe = isProbe ? event.at + config.probeTimeout * 1000 : isAnswered ? undefined : kept('readProbe')
  // That it is armed when it should be is the law of asking; here, that it is for no other time.
  const ackHold = now.deadlines.ackHold === undefined ? kept('ackHold') : (kept('ackHold') ?? now.request.heldUntil)
  return { ackDelay, ackHold, hibernation: undefined, readProbe }
}
