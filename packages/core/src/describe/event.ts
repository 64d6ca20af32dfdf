/** Events in prose. */
import { type Config, defaultConfig } from '../config.js'
import type { Event, MessageSubmitted, QueueSettled } from '../event.js'
import { type DescribeStanza, describeByFacts } from './stanza.js'
import { counted, describeFailed, describeInstant, describeStreamError, tag } from './words.js'

/** What happened, in one line. The time it happened at is left out, since a log has its own column for it. */
export const describeEvent = <A>(event: Event<A>, describeStanza: DescribeStanza<A> = describeByFacts): string => {
  const said = describeHappening(event, describeStanza)
  const where = 'connection' in event ? event.connection : undefined
  if (!('resource' in event)) return where === undefined ? said : `${where}: ${said}`
  return where === undefined ? `${event.resource}: ${said}` : `${event.resource} on ${where}: ${said}`
}

/** Those that are not as they are unless told. */
const describeConfig = (config: Config): string => {
  const told = Object.entries(config).filter(([name, value]) =>
    Object.entries(defaultConfig).some(([other, usual]) => other === name && usual !== value),
  )
  return told.length === 0 ? 'the defaults' : told.map(([name, value]) => `${name} ${value}`).join(', ')
}

/** The same without the session and the connection. */
export const describeHappening = <A>(event: Event<A>, describeStanza: DescribeStanza<A> = describeByFacts): string => {
  switch (event._tag) {
    case 'AckReceived':
      return `${tag('a', { h: event.h })} came`
    case 'ArchiveQueried':
      return 'the client queried its archive'
    case 'ClientActive':
      return 'the client became active'
    case 'ClientInactive':
      return 'the client became inactive'
    case 'CloseRequested':
      return 'the stream is to be closed'
    case 'ConfigChanged':
      return `the options are others: ${describeConfig(event.config)}`
    case 'ConnectionDrained':
      return `the connection took all that waited for it${describeRoom(event.room)}`
    case 'ConnectionFailed':
      return `no connection could be made (${event.condition})`
    case 'ConnectionLost':
      return 'the line dropped'
    case 'ConnectionSilent':
      return 'the connection is silent'
    case 'ConnectionWanted':
      return 'a connection is being made, and stanzas wait for it'
    case 'EnableReceived':
      return `${tag('enable', { resume: event.resume || undefined, max: event.max })} came; ${event.freshId} is a fresh SM-ID`
    case 'EnableRequested':
      return `stream management is wanted${event.resume ? ', with resumption' : ''}${event.hold ? '; what waits is held until the answer' : ''}`
    case 'EnabledReceived':
      return `${tag('enabled', { resume: event.resume || undefined, id: event.id, max: event.max })} came`
    case 'FailedReceived':
      return `${describeFailed(event)} came`
    case 'IqAnswered':
      return `the iq ${event.id} of ${event.to} was answered`
    case 'MessageSubmitted':
      return describeMessage(event, describeStanza)
    case 'MalformedAckReceived':
      return `a malformed <a/> came: ${event.reason}`
    case 'QueueSettled':
      return describeSettled(event)
    case 'RequestReceived':
      return '<r/> came'
    case 'ResumeReceived':
      return `${tag('resume', { previd: event.previd, h: event.h })} came${describeRoom(event.room)}`
    case 'ResumeRequested':
      return 'resumption is wanted'
    case 'ResumedReceived':
      return `${tag('resumed', { previd: event.previd, h: event.h })} came${describeRoom(event.room)}`
    case 'ClockStepped':
      return `the clock was set ${event.by < 0 ? 'back' : 'forward'} by ${Math.abs(event.by) / 1000} s`
    case 'ServerRestarted':
      return `the server began again; all connections are gone${event.lastAlive === undefined ? '' : `, and the time since ${describeInstant(event.lastAlive)} does not count`}`
    case 'ServerStopping':
      return `the server is about to stop${event.journalled ? ', and sessions outlive it' : ''}`
    case 'SessionBound':
      return 'the resource was bound'
    case 'StanzaReceived':
      return `${describeStanza(event.stanza, event.facts)} came`
    case 'StanzaSubmitted':
      return `${describeStanza(event.stanza, event.facts)} was submitted`
    case 'StreamClosed':
      return 'the peer closed the stream'
    case 'StreamRefused':
      return `the stream is ended with ${describeStreamError(event.error)}`
    case 'TimerFired':
      return `the timer ${event.timer} fired, due ${describeInstant(event.due)}`
  }
}

const describeMessage = <A>({ recipients }: MessageSubmitted<A>, describeStanza: DescribeStanza<A>): string => {
  const to = recipients.map(({ resource, facts }) => `${resource}${facts.copy ? ' as a copy' : ''}`)
  const [first] = recipients
  return `${first === undefined ? 'nothing' : describeStanza(first.stanza, first.facts)} was submitted to ${to.join(', ')}`
}

const describeSettled = ({ queues }: QueueSettled): string => {
  const settled = queues.map(({ resource, count }) => `${counted(count, 'stanza')} of ${resource}`).join(' and ')
  return `of what ended, ${settled} ${queues.length === 1 && queues[0]?.count === 1 ? 'is' : 'are'} settled`
}

const describeRoom = (room: number | undefined): string =>
  room === undefined ? '' : `; there is room for ${counted(room, 'stanza')}`
