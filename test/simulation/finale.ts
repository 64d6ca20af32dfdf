/** How traces end, and what must hold when nothing is left to happen. */
import { sessionOf } from '@smacks/core'
import { otherSide, type Peer, type Peers, pairResource, sides } from '@smacks/testkit'
import type { Books } from './model/books.js'
import type { Finale } from './moves.js'
import { noticeAll, type Stage } from './perform.js'

/** No session is quiet only after so many rounds. */
const roundLimit = 100
/** Firings of timers, one after the other, after which nothing can be armed any more. */
const firingLimit = 200

export const end = (stage: Stage, finale: Finale, check: () => void): void => {
  const { peers, books } = stage
  for (const line of peers.link.lines()) for (const side of sides) line.release(side)
  if (finale === 'returns' && reunite(peers)) {
    check()
    runOut(peers)
    check()
    checkReunited(books, peers)
  }
  if (finale === 'stops') peers.server.happen({ _tag: 'ServerStopping' })
  peers.server.happen({ _tag: 'CloseRequested', resource: 'orchard' })
  peers.client.happen({ _tag: 'CloseRequested', resource: finale === 'staysAway' ? 'nobody' : pairResource })
  peers.flow()
  check()
  for (const line of peers.link.lines()) line.cut('both')
  peers.host.settle()
  // What waits for a connection waits for as long as anybody tries to make one.
  if (sessionOf(peers.client.account(), pairResource)?._tag === 'Connecting')
    peers.client.happen({ _tag: 'ConnectionFailed', resource: pairResource, condition: 'remote-server-timeout' })
  runOut(peers)
  check()
  checkNothingIsLeft(peers)
  for (const side of sides) checkTold(books, peers[side])
  checkEveryStanza(books)
}

/** From now on the line holds, and the client comes back as often as it must. False if it cannot have a session. */
const reunite = (peers: Peers): boolean => {
  const { client, server, host } = peers
  for (let round = 0; round < roundLimit; round += 1) {
    noticeAll(peers)
    peers.flow()
    if (client.changesUnderWay() + server.changesUnderWay() > 0) {
      const due = host.nextDue()
      if (due !== undefined) host.advance(Math.max(0, due - host.clock.monotonic()))
      continue
    }
    if (!peers.isOnline()) peers.dial()
    else if (client.connection() !== undefined && client.connection() === server.connection()) return true
    else if (peers.link.lines().every(line => line.isQuiet('client') && line.isQuiet('server')))
      throw new Error(`the client waits for an answer on ${client.connection()}, the server has ${server.connection()}`)
  }
  throw new Error('the peers never come together')
}

/** All timers run out, and what they lead to arrives. Each side is asked once whether it has all. */
const runOut = (peers: Peers): void => {
  const { host } = peers
  for (let firing = 0; firing < firingLimit; firing += 1) {
    peers.flow()
    const due = host.nextDue()
    if (due === undefined) return
    host.advance(Math.max(0, due - host.clock.monotonic()))
  }
  throw new Error(`${firingLimit} timers fired, and there is yet another`)
}

/** Exactly once and in order, and both know it. */
const checkReunited = (books: Books, peers: Peers): void => {
  // A moment after <enabled/> nothing is asked.
  peers.host.advance(100)
  for (const side of sides) {
    const session = sessionOf(peers[side].account(), pairResource)
    if (session === undefined) throw new Error(`the ${side} has no session although the line holds`)
    if (session._tag === 'Unmanaged') continue
    if (session._tag !== 'Active') throw new Error(`the ${side} is ${session._tag} although the line holds`)
    peers[side].happen({ _tag: 'ConnectionSilent', resource: pairResource, connection: session.connection })
    runOut(peers)
    const ledger = books.sides[side].sessions.get(pairResource)?.ledger
    if (ledger === undefined) throw new Error(`the ${side} is ${session._tag}, and the books say nothing of it`)
    const { sent, handled, acked } = ledger
    if (handled[side] !== sent[side].length || acked[side] !== sent[side].length)
      throw new Error(
        `the ${side} sent ${sent[side].length}, of which ${handled[side]} were handled and ${acked[side]} acked`,
      )
    const lost = sent[side].filter(id => books.sides[side].dispositions.has(id))
    if (lost.length > 0) throw new Error(`the ${side} got rid of ${lost.join()} although the session lives`)
  }
}

const checkNothingIsLeft = (peers: Peers): void => {
  const due = peers.host.nextDue()
  if (due !== undefined) throw new Error(`something is armed for ${due}`)
  for (const side of sides) {
    const peer = peers[side]
    const left = [...peer.runtime.accounts()].length
    if (left > 0) throw new Error(`the ${side} keeps an account with ${peer.account().sessions.length} sessions`)
    const open = peer.openConnections()
    if (open.length > 0) throw new Error(`the ${side} has not closed ${open.join()}`)
    if (peer.armed.size > 0) throw new Error(`the ${side} has armed ${[...peer.armed].join()}`)
  }
  const lines = peers.link.lines()
  if (lines.length > 0) throw new Error(`${lines.map(({ id }) => id).join()} is left`)
}

/** What the core decided is what the application and the store were told, in the same order. */
const checkTold = (books: Books, { side, told, stored }: Peer): void => {
  const known = books.sides[side]
  const expectSame = (what: string, one: ReadonlyArray<string>, other: ReadonlyArray<string>): void => {
    if (one.join() !== other.join()) throw new Error(`the ${side} ${what} ${one.join()}, but was to be ${other.join()}`)
  }
  const idsOf = (tag: 'Rerouted' | 'Returned') => told.flatMap(one => (one._tag === tag ? [String(one.facts.id)] : []))
  const handled = told.flatMap(one => (one._tag === 'Handled' ? [String(one.stanza.element.attrs.id)] : []))
  const withDisposition = (disposition: string) =>
    [...known.dispositions].flatMap(([id, one]) => (one === disposition ? [id] : []))
  expectSame('handled', handled, [...known.handled])
  expectSame('returned', idsOf('Returned'), withDisposition('returned'))
  expectSame('rerouted', idsOf('Rerouted'), withDisposition('rerouted'))
  expectSame(
    'stored',
    stored.map(({ facts }) => String(facts.id)),
    withDisposition('stored'),
  )
  expectSame(
    'ended',
    told.flatMap(one => (one._tag === 'Ended' ? [one.reason] : [])),
    known.ended,
  )
}

/** Each stanza that anybody counted was acked, or has its one disposition; and what was acked was handled. */
const checkEveryStanza = (books: Books): void => {
  for (const ledger of books.ledgers())
    for (const side of sides)
      ledger.sent[side].forEach((id, index) => {
        const { dispositions, unackedAt } = books.sides[side]
        const isHandled = books.sides[otherSide(side)].handled.has(id)
        if (index < ledger.acked[side]) {
          if (!isHandled) throw new Error(`${id} was acked and never handled`)
          if (dispositions.has(id)) throw new Error(`${id} was acked, and ${dispositions.get(id)} as well`)
          return
        }
        if (!dispositions.has(id)) throw new Error(`${id} is lost: nobody acked it, and it has no disposition`)
        // Nobody can know: the ack was lost with the session (XEP-0198 §4).
        if (isHandled) books.count(`handled, and its ack lost: ${unackedAt.get(id)}`)
      })
}
