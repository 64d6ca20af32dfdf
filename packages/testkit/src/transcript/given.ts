/** What a story starts from. Nothing of it is told. */
import { type Config, type Counter, defaultConfig, freshOutbound, type Resource } from '@smacks/core'
import { beginStory, type Happened, type Story, storyStart } from './story.js'
import { type Line, numberOption } from './words.js'

type Perform = (story: Story, line: string) => Happened

/**
 * `given nothing`, `given unmanaged`, `given session`, `given initiating` begin another story, with the options of
 * the config that the line names and the defaults otherwise; what else they name goes to `enable` or `enabled`.
 * `given counters h=N acked=N` changes the story as it is.
 */
export const given = (story: Story, line: Line, perform: Perform): Happened => {
  const [what, ...words] = line.words
  const options = [...line.options].filter(([name]) => !isConfigOption(name))
  const rest = [...words, ...options.map(([name, value]) => `${name}=${value}`)].join(' ')
  // A second early, so that what is told begins at 0 and outside `requestHold`.
  const begin = (...lines: ReadonlyArray<string>): Happened =>
    quietly({ ...beginStory(configOf(line)), now: storyStart - 1000 }, [...lines, 'wait 1'], perform)
  switch (what) {
    case 'nothing':
      return begin()
    case 'unmanaged':
      return begin('bind')
    case 'session':
      return begin('bind', `enable resume ${rest}`)
    case 'initiating':
      return begin('bind', 'request-enable resume', `enabled resume id=peer-1 ${rest}`)
    case 'counters':
      return [withCounters(story, line.resource, numberOption(line, 'h'), numberOption(line, 'acked')), []]
    default:
      throw new Error('allowed are nothing, unmanaged, session, initiating and counters')
  }
}

const quietly = (story: Story, lines: ReadonlyArray<string>, perform: Perform): Happened => [
  lines.reduce((before, line) => perform(before, line)[0], story),
  [],
]

const isConfigOption = (name: string): name is keyof Config => name in defaultConfig

const configOf = (line: Line): Config => {
  const changed = [...line.options.keys()]
    .filter(isConfigOption)
    .map(name => [
      name,
      typeof defaultConfig[name] === 'boolean' ? booleanOption(line, name) : numberOption(line, name),
    ])
  return { ...defaultConfig, ...Object.fromEntries(changed) }
}

const booleanOption = (line: Line, name: string): boolean => {
  const text = line.options.get(name)
  if (text !== 'true' && text !== 'false') throw new Error(`${name}=${text}: true or false is needed`)
  return text === 'true'
}

/** Sets the counters of an active session, so that a story may start near 2^32. Its queue must be empty. */
const withCounters = (story: Story, resource: Resource, h: Counter | undefined, acked: Counter | undefined): Story => {
  const sessions = story.account.sessions.map(session => {
    if (session.resource !== resource || session._tag !== 'Active') return session
    if (session.outbound.unacked.length > 0) throw new Error(`${resource} has unacked stanzas`)
    return {
      ...session,
      inbound: { handled: h ?? session.inbound.handled },
      outbound: { ...freshOutbound, acked: acked ?? session.outbound.acked },
    }
  })
  return { ...story, account: { ...story.account, sessions } }
}
