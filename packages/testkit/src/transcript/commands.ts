/**
 * The commands of a story, one for each event of the core, and a few more. The README of this package lists
 * them with their words.
 */
import {
  type ConnectionId,
  type Event,
  type FailedCondition,
  type Instant,
  type Resource,
  type SmVersion,
  type StreamError,
  sessionOf,
  type TimerName,
  type UnreachableCondition,
} from '@smacks/core'
import { countOf } from './counts.js'
import { given } from './given.js'
import { parseStanzaName } from './stanza-names.js'
import { type Happened, happen, happenAll, type Story, storyStart, wait } from './story.js'
import { hasWord, type Line, numberOption, optional, parseLine } from './words.js'

/** Does what the command line says. Throws an `Error` that quotes a line it does not understand. */
export const perform = (story: Story, text: string): Happened => {
  const line = parseLine(text)
  try {
    if (line.verb === 'given') return given(story, line, (before, quietly) => perform(before, quietly))
    const command = commands[line.verb]
    if (command === undefined)
      throw new Error(`there is no such command; there are ${['given', ...Object.keys(commands)].join(', ')}`)
    return command(story, line)
  } catch (cause) {
    throw new Error(`${text}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** Does what all the lines say. */
export const performAll = (story: Story, lines: ReadonlyArray<string>): Happened =>
  lines.reduce<Happened>(
    ([before, steps], line) => {
      const [after, made] = perform(before, line)
      return [after, [...steps, ...made]]
    },
    [story, []],
  )

type Command = (story: Story, line: Line) => Happened

const commands: Readonly<Record<string, Command>> = {
  bind: (story, line) => onFreshConnection(story, line, ofConnection => ({ _tag: 'SessionBound', ...ofConnection })),
  enable: (story, line) =>
    happen(
      { ...story, ids: story.ids + 1 },
      {
        _tag: 'EnableReceived',
        ...where(story, line),
        version: versionOf(line),
        resume: hasWord(line, 'resume'),
        ...optional('max', numberOption(line, 'max')),
        freshId: `sm-${story.ids + 1}`,
      },
    ),
  resume: (story, line) =>
    onFreshConnection(story, line, ({ at, connection }) => ({
      _tag: 'ResumeReceived',
      at,
      connection,
      version: versionOf(line),
      previd: previdOf(story, line),
      h: countOf(story, line),
      ...optional('room', numberOption(line, 'room')),
    })),
  want: (story, line) => happen(story, { _tag: 'ConnectionWanted', at: story.now, resource: line.resource }),
  unreachable: (story, line) =>
    happen(story, {
      _tag: 'ConnectionFailed',
      at: story.now,
      resource: line.resource,
      condition: oneOf(line.words[0] ?? 'remote-server-not-found', unreachableConditions),
    }),
  'request-enable': (story, line) =>
    onOwnOrFreshConnection(story, line, ofConnection => {
      const asked = {
        version: versionOf(line),
        resume: hasWord(line, 'resume'),
        ...optional('max', numberOption(line, 'max')),
      }
      return { _tag: 'EnableRequested', ...ofConnection, ...asked, ...(hasWord(line, 'hold') ? { hold: true } : {}) }
    }),
  enabled: (story, line) =>
    happen(story, {
      _tag: 'EnabledReceived',
      ...where(story, line),
      resume: hasWord(line, 'resume'),
      ...optional('id', line.options.get('id')),
      ...optional('max', numberOption(line, 'max')),
    }),
  'request-resume': (story, line) =>
    onFreshConnection(story, line, ofConnection => ({ _tag: 'ResumeRequested', ...ofConnection })),
  resumed: (story, line) =>
    happen(story, {
      _tag: 'ResumedReceived',
      ...where(story, line),
      previd: previdOf(story, line),
      h: countOf(story, line),
      ...optional('room', numberOption(line, 'room')),
    }),
  failed: (story, line) =>
    happen(story, {
      _tag: 'FailedReceived',
      ...where(story, line),
      condition: oneOf(line.words[0] ?? 'item-not-found', failedConditions),
      ...optional('h', numberOption(line, 'h')),
    }),
  submit: (story, line) =>
    happenAll(
      story,
      line.words.map(parseStanzaName).map(
        ({ name, facts }) =>
          ({ now }: Story): Event<string> => ({
            _tag: 'StanzaSubmitted',
            at: now,
            resource: line.resource,
            stanza: name,
            facts,
            ...optional('size', numberOption(line, 'size')),
          }),
      ),
    ),
  /** To several sessions: `share m1 phone laptop tablet=copy`. */
  share: (story, line) => {
    const [word = '', ...resources] = line.words
    const { name, facts } = parseStanzaName(word)
    const copies = [...line.options].map(([resource, how]) => [resource, oneOf(how, ['copy'])] as const)
    return happen(story, {
      _tag: 'MessageSubmitted',
      at: story.now,
      recipients: [
        ...resources.map(resource => ({ resource, stanza: name, facts })),
        ...copies.map(([resource]) => ({ resource, stanza: name, facts: { ...facts, copy: true } as const })),
      ],
    })
  },
  /** The peer answered an iq. */
  answer: (story, line) => {
    const { facts } = parseStanzaName(line.words[0] ?? '')
    const { id = '', from = '', to } = facts
    return happen(story, {
      _tag: 'IqAnswered',
      at: story.now,
      resource: line.resource,
      id,
      to: from,
      ...(hasWord(line, 'by-recipient') ? optional('from', to) : {}),
    })
  },
  receive: (story, line) =>
    happenAll(
      story,
      line.words.map(
        stanza =>
          (current: Story): Event<string> => ({
            _tag: 'StanzaReceived',
            ...where(current, line),
            stanza,
          }),
      ),
    ),
  ack: (story, line) =>
    happen(story, {
      _tag: 'AckReceived',
      ...where(story, line),
      version: versionOf(line),
      h: countOf(story, line),
    }),
  request: (story, line) => happen(story, { _tag: 'RequestReceived', ...where(story, line), version: versionOf(line) }),
  'malformed-ack': (story, line) =>
    happen(story, {
      _tag: 'MalformedAckReceived',
      ...where(story, line),
      version: versionOf(line),
      reason: 'h is missing, an integer from 0 to 4294967295 is needed',
    }),
  inactive: plain('ClientInactive'),
  active: plain('ClientActive'),
  'query-archive': plain('ArchiveQueried'),
  drain: (story, line) =>
    happen(story, {
      _tag: 'ConnectionDrained',
      ...where(story, line),
      ...optional('room', numberOption(line, 'room')),
    }),
  'be-silent': plain('ConnectionSilent'),
  'lose-transport': plain('ConnectionLost'),
  close: plain('StreamClosed'),
  'request-close': (story, line) => happen(story, { _tag: 'CloseRequested', at: story.now, resource: line.resource }),
  refuse: (story, line) =>
    happen(story, {
      _tag: 'StreamRefused',
      ...where(story, line),
      error: { condition: oneOf(line.words[0] ?? 'policy-violation', streamConditions) },
    }),
  stop: (story, line) =>
    happen(story, {
      _tag: 'ServerStopping',
      at: story.now,
      ...(hasWord(line, 'journalled') ? { journalled: true } : {}),
    }),
  /** The process comes back: now, or `at=300`; `last-alive=200` says when it was alive last. In seconds since the start. */
  restart: (story, line) => {
    const now = instantOf(line, 'at') ?? story.now
    return happen(
      { ...story, now, timers: [] },
      { _tag: 'ServerRestarted', at: now, ...optional('lastAlive', instantOf(line, 'last-alive')) },
    )
  },
  /** Somebody sets the wall clock: `set-clock by=3600`, or `by=-3600` for back. No time passes. */
  'set-clock': (story, line) => {
    const by = (numberOption(line, 'by') ?? 0) * 1000
    const now = story.now + by
    return happen({ ...story, now }, { _tag: 'ClockStepped', at: now, by })
  },
  wait: (story, line) => wait(story, secondsOf(line) * 1000),
  /** A timer fires that the story did not let fire: `fire ackDelay due=30`, in seconds since the start. */
  fire: (story, line) =>
    happen(story, {
      _tag: 'TimerFired',
      at: story.now,
      resource: line.resource,
      timer: oneOf(line.words[0] ?? 'hibernation', timerNames),
      due: storyStart + (numberOption(line, 'due') ?? 0) * 1000,
    }),
}

/** A time that the line gives in seconds since the start of the story. */
function instantOf(line: Line, name: string): Instant | undefined {
  const seconds = numberOption(line, name)
  return seconds === undefined ? undefined : storyStart + seconds * 1000
}

interface OfConnection {
  readonly at: number
  readonly resource: Resource
  readonly connection: ConnectionId
}

/** On the connection that the line names, else on the one that the resource has, or had last. */
function where(story: Story, line: Line): OfConnection {
  const connection = line.options.get('on') ?? story.lastConnection.get(line.resource)
  if (connection === undefined) throw new Error(`${line.resource} has no connection yet; bind it first`)
  return { at: story.now, resource: line.resource, connection }
}

function plain(
  tag: 'ArchiveQueried' | 'ClientActive' | 'ClientInactive' | 'ConnectionLost' | 'ConnectionSilent' | 'StreamClosed',
): Command {
  return (story, line) => happen(story, { _tag: tag, ...where(story, line) })
}

/** On the connection that the line names, else on a new one. */
const onFreshConnection = (story: Story, line: Line, event: (of: OfConnection) => Event<string>): Happened => {
  const named = line.options.get('on')
  const connections = named === undefined ? story.connections + 1 : story.connections
  const of = { at: story.now, resource: line.resource, connection: named ?? `c${connections}` }
  return happen({ ...story, connections }, event(of))
}

/** What waits for its first connection gets a new one. */
const onOwnOrFreshConnection = (story: Story, line: Line, event: (of: OfConnection) => Event<string>): Happened =>
  sessionOf(story.account, line.resource)?._tag === 'Connecting'
    ? onFreshConnection(story, line, event)
    : happen(story, event(where(story, line)))

const versionOf = (line: Line): SmVersion => (hasWord(line, 'sm:2') ? 'urn:xmpp:sm:2' : 'urn:xmpp:sm:3')

const previdOf = (story: Story, line: Line): string =>
  line.options.get('previd') ?? story.lastId.get(line.resource) ?? 'sm-0'

const unreachableConditions: ReadonlyArray<UnreachableCondition> = ['remote-server-not-found', 'remote-server-timeout']
const failedConditions: ReadonlyArray<FailedCondition> = [
  'bad-request',
  'feature-not-implemented',
  'internal-server-error',
  'item-not-found',
  'not-authorized',
  'resource-constraint',
  'service-unavailable',
  'undefined-condition',
  'unexpected-request',
]
const streamConditions: ReadonlyArray<StreamError['condition']> = [
  'conflict',
  'connection-timeout',
  'invalid-xml',
  'policy-violation',
  'resource-constraint',
  'system-shutdown',
  'undefined-condition',
]
const timerNames: ReadonlyArray<TimerName> = ['ackDelay', 'ackHold', 'hibernation', 'readProbe']

const oneOf = <Word extends string>(word: string, allowed: ReadonlyArray<Word>): Word => {
  const found = allowed.find(known => known === word)
  if (found === undefined) throw new Error(`"${word}" is not one of ${allowed.join(', ')}`)
  return found
}

const secondsOf = (line: Line): number => {
  const seconds = Number(line.words[0])
  if (!(seconds >= 0)) throw new Error(`"${line.words[0] ?? ''}": the seconds to wait are needed`)
  return seconds
}
