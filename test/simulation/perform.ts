/** Performs moves on a pair of peers. */
import { encodeNonza } from '@smacks/codec'
import { type SmVersion, sessionOf } from '@smacks/core'
import { type Line, type Peer, type Peers, pairResource, type Side, sides } from '@smacks/testkit'
import type { Books } from './model/books.js'
import { timerOf } from './model/side.js'
import type { Move } from './moves.js'
import { stanzaOf } from './stanzas.js'

export interface Stage {
  readonly peers: Peers
  readonly books: Books
  readonly version: SmVersion
  /** Stanzas that were submitted so far. */
  submitted: number
  /** Connections of the other session so far. */
  others: number
}

export const perform = (stage: Stage, move: Move): void => {
  const { peers } = stage
  switch (move.does) {
    case 'submit':
      for (let each = 0; each < move.count; each += 1) submit(stage, peers[move.side], pairResource, move)
      return
    case 'carry':
      return carry(peers, move.to, move.bytes, move.line)
    case 'flow':
      return peers.flow()
    case 'hold':
    case 'release':
      for (const line of peers.link.lines()) line[move.does](move.to)
      return
    case 'pass':
      return peers.host.advance(move.ms)
    case 'cut': {
      const line = choose(standing(peers), move.line)
      if (line === undefined) return
      for (const [to, bytes] of [['client', move.toClient] as const, ['server', move.toServer] as const])
        if (bytes > 0) line.carry(to, bytes)
      return line.cut(move.noticedBy)
    }
    case 'notice':
      for (const line of peers.link.lines()) line.notice(move.side)
      return
    case 'dial':
      return peers.dial()
    case 'return':
      return peers.isOnline() ? undefined : peers.dial()
    case 'recover':
      for (const line of peers.link.lines()) line.notice('client')
      if (!peers.isOnline()) peers.dial()
      return peers.flow()
    case 'intrude':
      return intrude(stage, move)
    case 'usurp':
      peers.usurp()
      return
    case 'fireStale':
      return fireStale(stage, move.side, move.timer)
    case 'close':
      return peers[move.side].happen({ _tag: 'CloseRequested', resource: pairResource })
    case 'drain':
      return onConnection(peers[move.side], 'ConnectionDrained')
    case 'silence':
      return onConnection(peers[move.side], 'ConnectionSilent')
    case 'archive':
      return onConnection(peers.server, 'ArchiveQueried')
    case 'refuse':
      return refuse(peers[move.side])
    case 'sight':
      return peers.saySight(move.state)
    case 'stop':
      return peers.server.happen({ _tag: 'ServerStopping' })
    case 'other':
      return other(stage, move.what)
  }
}

const submit = (
  stage: Stage,
  peer: Peer,
  resource: string,
  { kind, to }: Pick<Extract<Move, { does: 'submit' }>, 'kind' | 'to'>,
): void => {
  stage.submitted += 1
  const { stanza, facts } = stanzaOf(peer.side, stage.submitted, kind, to)
  peer.happen({ _tag: 'StanzaSubmitted', resource, stanza, facts })
}

const standing = (peers: Peers): ReadonlyArray<Line> => peers.link.lines().filter(line => !line.isCut())

const choose = <T>(choices: ReadonlyArray<T>, which: number): T | undefined => choices[which % choices.length]

const carry = (peers: Peers, to: Side, bytes: number, which: number): void => {
  const line = choose(
    peers.link.lines().filter(one => !one.isQuiet(to)),
    which,
  )
  line?.carry(to, bytes)
}

const onConnection = (peer: Peer, _tag: 'ArchiveQueried' | 'ConnectionDrained' | 'ConnectionSilent'): void => {
  const connection = peer.connection()
  if (connection !== undefined) peer.happen({ _tag, resource: pairResource, connection })
}

const refuse = (peer: Peer): void => {
  const connection = peer.connection()
  const error = { condition: 'policy-violation', text: 'That is not allowed here.' } as const
  if (connection !== undefined) peer.happen({ _tag: 'StreamRefused', resource: pairResource, connection, error })
}

/** Whoever knows the SM-ID may resume, even with an `h` that is a while old; nobody else may. */
const intrude = ({ peers, books, version }: Stage, move: Extract<Move, { does: 'intrude' }>): void => {
  const smIds = [...books.resumable.keys()]
  const previd = { known: smIds.at(-1), old: smIds.at(0), unknown: 'unknown' }[move.previd] ?? 'unknown'
  const ledger = books.resumable.get(previd)
  const beyond = (count: number): number => ((ledger?.base.server ?? 0) + count) % 2 ** 32
  const { handled, acked, sent } = ledger ?? { handled: { server: 0 }, acked: { server: 0 }, sent: { server: [] } }
  const h = beyond({ handled: handled.server, low: acked.server, high: sent.server.length + 1 }[move.h])
  const spoken = move.version === 'same' ? version : version === 'urn:xmpp:sm:3' ? 'urn:xmpp:sm:2' : 'urn:xmpp:sm:3'
  const line = peers.intrude(encodeNonza({ _tag: 'Resume', version: spoken, previd, h }))
  // What is too high now need not be so later.
  if (move.h === 'high') peers.link.line(line)?.carry('server')
}

/** A timer fires although it was disarmed a moment ago, as a host may have had it in hand already. */
const fireStale = ({ peers, books }: Stage, side: Side, which: number): void => {
  const now = peers.host.clock.now()
  const { armings, armed } = books.sides[side]
  const stale = choose(
    armings.filter(one => one.due <= now && armed.get(timerOf(one))?.due !== one.due),
    which,
  )
  if (stale === undefined) return
  const { resource, timer, due } = stale
  peers[side].happen({ _tag: 'TimerFired', resource, timer, due })
}

/** A second session of the account, whose client is not looked at: what it says comes from nowhere. */
const other = (stage: Stage, what: Extract<Move, { does: 'other' }>['what']): void => {
  const { server } = stage.peers
  const resource = 'orchard'
  const session = sessionOf(server.account(), resource)
  const own = session !== undefined && 'connection' in session ? session.connection : undefined
  switch (what) {
    case 'bind':
    case 'enable': {
      stage.others += 1
      const connection = `other-${stage.others}`
      const { version } = stage
      server.happen({ _tag: 'SessionBound', resource, connection })
      if (what === 'bind') return
      return server.happen({
        _tag: 'EnableReceived',
        resource,
        connection,
        version,
        resume: true,
        freshId: `of-${connection}`,
      })
    }
    case 'lose':
      return own === undefined ? undefined : server.happen({ _tag: 'ConnectionLost', resource, connection: own })
    case 'submit':
      return submit(stage, server, resource, { kind: 'chat', to: 'account' })
    case 'close':
      return server.happen({ _tag: 'CloseRequested', resource })
  }
}

/** Both ends know of every line that was cut. */
export const noticeAll = (peers: Peers): void => {
  for (const line of peers.link.lines()) for (const side of sides) line.notice(side)
}
