/** What a story starts from. Nothing of it is told, and `given` always begins anew, but for `given counters`. */
import { type Config, type Counter, defaultConfig, emptyQueue } from '@smacks/core'
import { beginStory, type Happened, type Story, storyStart } from './story.js'
import { type Line, numberOption } from './words.js'

type Perform = (story: Story, line: string) => Happened

/**
 * `given nothing`, `given config NAME=VALUE ...`, `given unmanaged`, `given session [enable's words]`,
 * `given initiating [enabled's words]`, `given counters h=N acked=N`.
 */
export const given = (story: Story, line: Line, perform: Perform): Happened => {
  const [what, ...words] = line.words
  const rest = [...words, ...[...line.options].map(([name, value]) => `${name}=${value}`)].join(' ')
  const anew = beginStory(story.config)
  switch (what) {
    case 'nothing':
      return [beginStory(defaultConfig), []]
    case 'config':
      return [beginStory(configOf(line)), []]
    case 'unmanaged':
      return quietly(anew, ['bind'], perform)
    case 'session':
      return quietly(beforehand(anew), ['bind', `enable resume ${rest}`, 'wait 1'], perform)
    case 'initiating':
      return quietly(
        beforehand(anew),
        ['bind', 'request-enable resume', `enabled resume id=peer-1 ${rest}`, 'wait 1'],
        perform,
      )
    case 'counters':
      return [withCounters(story, line.resource, numberOption(line, 'h'), numberOption(line, 'acked')), []]
    default:
      throw new Error('allowed are nothing, config, unmanaged, session, initiating, counters')
  }
}

/** A second early, so that what is told begins at 0 and outside `requestHold`. */
const beforehand = (story: Story): Story => ({ ...story, now: storyStart - 1000 })

const quietly = (story: Story, lines: ReadonlyArray<string>, perform: Perform): Happened => [
  lines.reduce((before, line) => perform(before, line)[0], story),
  [],
]

const configOf = (line: Line): Config => {
  const changed = [...line.options].map(([name, text]) => {
    const present = Object.entries(defaultConfig).find(([key]) => key === name)
    if (present === undefined)
      throw new Error(`there is no option ${name}; there are ${Object.keys(defaultConfig).join(', ')}`)
    return [name, typeof present[1] === 'boolean' ? text === 'true' : (numberOption(line, name) ?? 0)] as const
  })
  return { ...defaultConfig, ...Object.fromEntries(changed) }
}

/** Sets the counters of an active session, so that a story may start near 2^32. Its queue must be empty. */
const withCounters = (story: Story, resource: string, h: Counter | undefined, acked: Counter | undefined): Story => {
  const sessions = story.account.sessions.map(session => {
    if (session.resource !== resource || session._tag !== 'Active') return session
    if (session.outbound.unacked.length > 0) throw new Error(`${resource} has unacked stanzas`)
    return {
      ...session,
      inbound: { handled: h ?? session.inbound.handled },
      outbound: { acked: acked ?? session.outbound.acked, unacked: emptyQueue<never>() },
    }
  })
  return { ...story, account: { ...story.account, sessions } }
}
