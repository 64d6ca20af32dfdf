/**
 * The reference: somebody who sees every event and every effect of both peers, keeps plain books of them, and knows what
 * the standard wants. Of how the core comes from the one to the other it knows nothing.
 *
 * It throws an `Error` at the first thing that must not be.
 */
import type { Stanza } from '@smacks/codec'
import { describeIgnored, isMisuse } from '@smacks/core'
import type { StepMade } from '@smacks/runtime'
import type { Peer, Side } from '@smacks/testkit'
import { type Books, type BooksOptions, type Judged, openBooks } from './books.js'
import { takeEffect } from './effects.js'
import { checkSettled, endSession, type Settled } from './endings.js'
import { isVoid, takeEvent } from './events.js'
import { checkAccount, checkHeld } from './memory.js'
import { timerOf } from './side.js'

export interface Model {
  readonly books: Books
  /** Judges a step of a peer. */
  readonly observe: (side: Side, step: StepMade<Stanza>) => void
  /** Judges what a peer holds between two moves. */
  readonly checkPeer: (peer: Peer) => void
}

export const createModel = (options: BooksOptions): Model => {
  const books = openBooks(options)
  return {
    books,
    observe: (side, step) => judge(books, side, step),
    checkPeer: peer => checkHeld(peer.side, books.sides[peer.side], peer),
  }
}

const judge = (books: Books, side: Side, { before, event, after, effects, ignored }: StepMade<Stanza>): void => {
  const known = books.sides[side]
  const fail = (what: string): never => {
    throw new Error(`the ${side}, at ${event._tag}, ${what}`)
  }
  if (ignored !== undefined && isMisuse(ignored)) fail(`is misused: ${describeIgnored(ignored)}`)
  if (isVoid(known, event)) {
    if (before !== after || effects.length > 0) fail('is moved by something stale')
    if (ignored === undefined) fail('does not say that something is stale')
    return
  }
  const session = 'resource' in event ? known.sessions.get(event.resource) : undefined
  const judged: Judged = { side, known, event, effects, after, session, fail }
  checkLastWord(judged)
  checkPatience(judged)
  if (event._tag === 'ResumeReceived' && before !== after && isRefused(effects)) fail('refuses to resume, and changes')
  takeEvent(books, judged)
  checkAnswer(judged)
  const due: Array<Settled> = []
  for (const effect of effects)
    if (effect._tag === 'EndSession') due.push(...endSession(books, judged, effect))
    else takeEffect(books, judged, effect)
  checkSettled(books, judged, due)
  checkAccount(judged, books.config[side])
}

/** An `<r/>` is answered at once (XEP-0198 §4). */
const checkAnswer = ({ session, event, effects, fail }: Judged): void => {
  if (event._tag !== 'RequestReceived' || session?.counts !== true) return
  const isAnswered = effects.some(
    effect => effect._tag === 'SendNonza' && effect.nonza._tag === 'Ack' && effect.connection === event.connection,
  )
  if (!isAnswered) fail('does not answer <r/>')
}

/** A silent line gets its time to answer. */
const checkPatience = ({ known, session, event, effects, fail }: Judged): void => {
  if (event._tag !== 'ConnectionSilent' || session?.counts !== true || session.resuming) return
  const wasAsked = known.armed.has(timerOf({ resource: session.resource, timer: 'readProbe' }))
  if (!wasAsked && effects.some(({ _tag }) => _tag === 'CloseConnection' || _tag === 'DropConnection'))
    fail('gives up a line that it did not ask')
}

const isRefused = (effects: Judged['effects']): boolean =>
  effects.some(effect => effect._tag === 'SendNonza' && effect.nonza._tag === 'Failed')

/** A clean close, whoever asked for it, has the last count before it (XEP-0198 §4). */
const checkLastWord = ({ session, event, effects, fail }: Judged): void => {
  if (event._tag !== 'CloseRequested' && event._tag !== 'StreamClosed') return
  if (session?.counts !== true || session.connection === undefined || session.resuming) return
  const { connection } = session
  const [first, second] = effects
  if (
    first?._tag !== 'SendNonza' ||
    first.nonza._tag !== 'Ack' ||
    first.connection !== connection ||
    second?._tag !== 'CloseConnection' ||
    second.connection !== connection
  )
    fail('does not say its last count before it closes')
}
