/** Performs moves on a pair of peers. */
import { encodeNonza } from '@smacks/codec'
import { type SmVersion, sessionOf } from '@smacks/core'
import { type Line, type Peer, type Peers, pairResource, type Side, sides } from '@smacks/testkit'
import { trueH } from './model/ledger.js'
import type { Model } from './model/model.js'
import type { Move } from './moves.js'
import { stanzaOf } from './stanzas.js'

export interface Stage {
  readonly peers: Peers
  readonly model: Model
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
const intrude = ({ peers, model, version }: Stage, { previd, h }: Extract<Move, { does: 'intrude' }>): void => {
  const session = sessionOf(peers.server.account(), pairResource)
  const current =
    session === undefined || !('resumption' in session) ? undefined : model.sides.server.sessions.get(pairResource)
  const smIds = model.smIds
  const known = smIds.at(-1) ?? 'unknown'
  const asked = previd === 'known' ? known : previd === 'old' ? (smIds[0] ?? 'unknown') : 'unknown'
  const ledger = current?.ledger
  const truth = ledger === undefined ? 0 : trueH(ledger, 'client')
  const claims = {
    handled: truth,
    low: ledger === undefined ? 0 : (ledger.base.server + ledger.acked.server) % 2 ** 32,
    high: ledger === undefined ? 1_000 : (ledger.base.server + ledger.sent.server.length + 1_000) % 2 ** 32,
  }
  peers.intrude(encodeNonza({ _tag: 'Resume', version, previd: asked, h: claims[h] }))
}

/** A second session of the account, whose client is not looked at: what it says comes from nowhere. */
const other = (stage: Stage, what: Extract<Move, { does: 'other' }>['what']): void => {
  const { server } = stage.peers
  const resource = 'orchard'
  const session = sessionOf(server.account(), resource)
  const own = session !== undefined && 'connection' in session ? session.connection : undefined
  switch (what) {
    case 'bind':
      stage.others += 1
      return server.happen({ _tag: 'SessionBound', resource, connection: `other-${stage.others}` })
    case 'enable':
      if (own === undefined || session?._tag !== 'Unmanaged') return
      return server.happen({
        _tag: 'EnableReceived',
        resource,
        connection: own,
        version: stage.version,
        resume: true,
        freshId: `of-${own}`,
      })
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
