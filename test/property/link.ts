/**
 * A client and a server, each an account of its own, and between them connections that lose what is under way.
 * The shells are the thinnest possible: they put effects on the line and make events of what comes out.
 */
import {
  type Account,
  type Config,
  type ConnectionId,
  connectionOf,
  type Effect,
  type Event,
  type Nonza,
  step,
} from '@smacks/core'
import { chat, deepFreeze } from '../spec/driver.js'

type Element = Nonza | { readonly _tag: 'Close' } | { readonly _tag: 'Stanza'; readonly stanza: string }
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

export type Side = 'client' | 'server'

/** One end: its account, what its application gave it and what it got, and what is on the line to it. */
interface End {
  account: Account<string>
  readonly submitted: Array<string>
  readonly handled: Array<string>
  readonly returned: Array<string>
  /** By connection: the elements on their way to this end. */
  readonly coming: Map<ConnectionId, Array<Element>>
}

export const otherSide = (side: Side): Side => (side === 'client' ? 'server' : 'client')

export const createLink = (config: Config, client: Account<string>, server: Account<string>) => {
  const makeStep = step(config)
  const end = (account: Account<string>): End => ({
    account: deepFreeze(account),
    submitted: [],
    handled: [],
    returned: [],
    coming: new Map(),
  })
  const ends: Readonly<Record<Side, End>> = { client: end(client), server: end(server) }
  let connections = 0
  let stanzas = 0

  const happen = (side: Side, happening: Without<Event<string>, 'at'>): void => {
    const [account, effects] = makeStep(ends[side].account, deepFreeze({ ...happening, at: 0 } as Event<string>))
    ends[side].account = deepFreeze(account)
    for (const effect of effects) perform(side, effect)
  }

  const perform = (side: Side, effect: Effect<string>): void => {
    switch (effect._tag) {
      case 'SendStanza':
        return send(side, effect.connection, { _tag: 'Stanza', stanza: effect.stanza })
      case 'SendNonza':
        return send(side, effect.connection, effect.nonza)
      case 'CloseConnection':
        return send(side, effect.connection, { _tag: 'Close' })
      case 'Deliver':
        ends[side].handled.push(effect.stanza)
        return
      case 'ReturnToSender':
      case 'StoreOffline':
        ends[side].returned.push(effect.stanza)
        return
      default:
        return
    }
  }

  const send = (from: Side, connection: ConnectionId, element: Element): void => {
    ends[otherSide(from)].coming.get(connection)?.push(element)
  }

  /** The session's connection as this end knows it. */
  const connectionAt = (side: Side): ConnectionId | undefined => {
    const session = ends[side].account.sessions[0]
    return session && connectionOf(session)
  }

  const open = (): ConnectionId => {
    connections += 1
    const connection = `c${connections}`
    for (const side of ['client', 'server'] as const) ends[side].coming.set(connection, [])
    return connection
  }

  /** One element comes out of the line. */
  const take = (side: Side, connection: ConnectionId, element: Element): void => {
    const here = { resource: 'phone', connection }
    switch (element._tag) {
      case 'Stanza':
        return happen(side, { _tag: 'StanzaReceived', ...here, stanza: element.stanza })
      case 'Ack':
        return happen(side, { _tag: 'AckReceived', ...here, version: element.version, h: element.h })
      case 'Request':
        return happen(side, { _tag: 'RequestReceived', ...here, version: element.version })
      case 'Resume':
        return happen(side, { ...element, _tag: 'ResumeReceived', connection })
      case 'Resumed':
        return happen(side, { _tag: 'ResumedReceived', ...here, previd: element.previd, h: element.h })
      case 'Failed':
        return happen(side, { _tag: 'FailedReceived', ...here, condition: element.condition })
      case 'Close':
        return happen(side, { _tag: 'ConnectionLost', ...here })
      case 'Enable':
      case 'Enabled':
        throw new Error('both ends start with stream management enabled')
    }
  }

  /** Of all that is on its way to this end, the first `count` elements come, connection by connection. */
  const arrive = (side: Side, count: number): boolean => {
    let left = count
    for (const [connection, coming] of ends[side].coming)
      for (; left > 0 && coming.length > 0; left -= 1) {
        const element = coming.shift()
        if (element !== undefined) take(side, connection, element)
      }
    return left < count
  }

  return {
    ends,
    submit: (side: Side): void => {
      stanzas += 1
      const stanza = `${side} ${stanzas}`
      ends[side].submitted.push(stanza)
      happen(side, { _tag: 'StanzaSubmitted', resource: 'phone', stanza, facts: chat(stanza) })
    },
    arrive,
    open,
    /** The client dials anew and asks to resume, if it has noticed that its line is gone. */
    reconnect: (): void => {
      if (ends.client.account.sessions[0]?._tag !== 'Hibernating') return
      happen('client', { _tag: 'ResumeRequested', resource: 'phone', connection: open() })
    },
    /** The line is cut: what is under way on it is lost, in both directions. */
    cut: (): void => {
      for (const side of ['client', 'server'] as const)
        for (const coming of ends[side].coming.values()) coming.length = 0
      for (const side of ['client', 'server'] as const) ends[side].coming.clear()
    },
    /** This end notices that its line is gone; the other may not have yet. */
    notice: (side: Side): void => {
      const connection = connectionAt(side)
      if (connection !== undefined && !ends[side].coming.has(connection))
        happen(side, { _tag: 'ConnectionLost', resource: 'phone', connection })
    },
  }
}

export type Link = ReturnType<typeof createLink>
