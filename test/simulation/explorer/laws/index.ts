/** All that must hold of every single step, whatever came before. */
import type { Made } from './made.js'
import { closeIsLast, endsAreInOrder, lineComesFirst, requestIsLast, resumptionsAreInOrder } from './order.js'
import { type Tried, withCourses } from './reference.js'
import {
  agreementsAreKept,
  countsAreRemembered,
  endsAreTold,
  limitsHold,
  noticesAreRight,
  phasesAreRight,
  strangersChangeNothing,
} from './sessions.js'
import { countingIsRight, dispositionsAreRight, pagesAreAwaited, queuesAreKept, sendingIsRight } from './stanzas.js'
import { deadlinesAreRight, timersAreDeadlines } from './time.js'
import { askingIsRight, closingIsRight, wordsAreRight } from './wire.js'

export type { Armed, Effects, Made } from './made.js'
export { armedAfter } from './time.js'

/** A law says what is wrong, or nothing. Those that lose stanzas come first, so that a fault is told by its worst effect. */
const laws: ReadonlyArray<readonly [string, (tried: Tried) => string | undefined]> = [
  ['a stanza has one end, the right one', dispositionsAreRight],
  ['queues are kept', queuesAreKept],
  ['what comes is counted once', countingIsRight],
  ['sent is what should be', sendingIsRight],
  ['strangers change nothing', strangersChangeNothing],
  ['sessions get where they should', phasesAreRight],
  ['ends are told', endsAreTold],
  ['the right words are said', wordsAreRight],
  ['acks are asked for when they should be', askingIsRight],
  ['the right lines are closed', closingIsRight],
  ['agreements are kept', agreementsAreKept],
  ['timers are the deadlines', timersAreDeadlines],
  ['deadlines are right', deadlinesAreRight],
  ['counts of old sessions are kept', countsAreRemembered],
  ['notices are right', noticesAreRight],
  ['limits hold', limitsHold],
  ['what is left to send is awaited', pagesAreAwaited],
  ['a close is the last on its line', closeIsLast],
  ['ends are in order', endsAreInOrder],
  ['resumptions are in order', resumptionsAreInOrder],
  ['an <r/> is said last', requestIsLast],
  ['the line comes before the dispositions', lineComesFirst],
]

/** What is broken, as `law: what was found`; undefined if all holds. */
export const brokenLaw = (made: Made): string | undefined => {
  try {
    return brokenBy(withCourses(made))
  } catch (error) {
    return `a state can be looked at: ${String(error)}`
  }
}

const brokenBy = (tried: Tried): string | undefined => {
  if (isVoid(tried)) return undefined
  for (let index = 0; index < laws.length; index += 1) {
    const law = laws[index]
    const found = law?.[1](tried)
    if (found !== undefined) return `${law?.[0]}: ${found}`
  }
  return undefined
}

/** Nothing should have happened, and nothing has: then all laws hold that held before. */
const isVoid = ({ before, event, after, effects, courses }: Tried): boolean =>
  after === before &&
  effects.length === 0 &&
  event._tag !== 'ResumeReceived' &&
  event._tag !== 'StanzaSubmitted' &&
  event._tag !== 'MessageSubmitted' &&
  event._tag !== 'SessionBound' &&
  courses.every(({ isMeant }) => !isMeant)
