/** A pair of peers over the simulated link: what it does without anybody at random. */
import { Stanza } from '@smacks/codec'
import { defaultConfig, type Event } from '@smacks/core'
import { createPeers, type Peers, type PeersOptions, pairResource, type Side } from '@smacks/testkit'
import { describe, expect, it } from 'vitest'

const message = (id: string) =>
  Stanza.fromXml(`<message type='chat' to='romeo@example.net' id='${id}'><body>Hi</body></message>`)

/** What the application of a peer was told, a word each. */
const told = (peers: Peers, side: Side) =>
  peers[side].told.map(one =>
    one._tag === 'Ended' ? `ended: ${one.reason}` : `${one._tag} ${one.stanza.element.attrs.id}`,
  )

/** Peers with a session, and the names of the events that each side saw. */
const connected = (options: PeersOptions = {}) => {
  const events: Record<Side, Array<Event<Stanza>['_tag']>> = { client: [], server: [] }
  const peers = createPeers({ ...options, observe: (side, { event }) => void events[side].push(event._tag) })
  if (options.counters === undefined) peers.dial()
  peers.flow()
  return { peers, events }
}

const submit = (peers: Peers, side: Side, ...ids: ReadonlyArray<string>) => {
  for (const id of ids) peers[side].submit(message(id))
  peers.host.settle()
}
const phase = (peers: Peers, side: Side) => peers[side].account().sessions.map(({ _tag }) => _tag)
const theLine = (peers: Peers) => {
  const [line] = peers.link.lines()
  if (line === undefined) throw new Error('there is no line')
  return line
}

describe('a pair of peers', () => {
  it('binds and enables over real XML', () => {
    const { peers, events } = connected()
    expect([phase(peers, 'client'), phase(peers, 'server')]).toEqual([['Active'], ['Active']])
    expect(events.client).toEqual(['SessionBound', 'EnableRequested', 'EnabledReceived'])
    expect(events.server).toEqual(['SessionBound', 'EnableReceived'])
  })

  it('handles what the other submits, and acks it', () => {
    const { peers } = connected()
    submit(peers, 'client', 'm1', 'm2')
    peers.flow()
    expect(told(peers, 'server')).toEqual(['Handled m1', 'Handled m2'])
    submit(peers, 'client', 'm3')
    peers.flow()
    expect(peers.client.account().sessions).toMatchObject([{ outbound: { acked: 3, unacked: { length: 0 } } }])
  })

  it('takes half a stanza for none, and sends it again after the resumption', () => {
    const { peers } = connected()
    submit(peers, 'client', 'm1', 'm2')
    const whole = theLine(peers).inFlight('server')
    theLine(peers).carry('server', whole - 60)
    theLine(peers).cut('both')
    peers.host.settle()
    expect([phase(peers, 'client'), phase(peers, 'server')]).toEqual([['Hibernating'], ['Hibernating']])
    peers.dial()
    peers.flow()
    expect(told(peers, 'server')).toEqual(['Handled m1', 'Handled m2'])
  })

  it('resumes on a new line while the server believes in the old one', () => {
    const { peers, events } = connected()
    submit(peers, 'server', 's1')
    theLine(peers).cut('none')
    peers.dial()
    peers.flow()
    expect(peers.server.connection()).toBe('line-2')
    expect(events.server).not.toContain('ConnectionLost')
    expect(told(peers, 'client')).toEqual(['Handled s1'])
  })

  it('begins where it is told to, and counts on across the wrap', () => {
    const { peers } = connected({ counters: { toServer: 2 ** 32 - 1, toClient: 7 } })
    submit(peers, 'client', 'm1', 'm2')
    peers.flow()
    expect(peers.server.account().sessions).toMatchObject([{ inbound: { handled: 1 }, outbound: { acked: 7 } }])
  })

  it('stores what the client does not come back for', () => {
    const { peers } = connected()
    submit(peers, 'server', 's1')
    theLine(peers).cut('both')
    peers.host.advance(defaultConfig.hibernationTime * 1_000)
    expect(peers.server.stored.map(({ facts }) => facts.id)).toEqual(['s1'])
    expect(told(peers, 'server')).toEqual(['ended: expired'])
    expect([...peers.server.runtime.accounts()]).toEqual([])
  })

  it('says nothing before it is durable, if commits take their time', () => {
    const sent: Array<string> = []
    const { peers } = connected({
      commitTime: 500,
      onSend: (side, _connection, xml) => void (side === 'server' && sent.push(xml)),
    })
    submit(peers, 'server', 's1')
    peers.server.happen({ _tag: 'CloseRequested', resource: pairResource })
    peers.host.settle()
    const before = sent.length
    expect(peers.server.stored).toEqual([])
    peers.host.advance(500)
    expect(peers.server.stored).toHaveLength(1)
    expect(sent.slice(before)).toEqual(["<a xmlns='urn:xmpp:sm:3' h='0'/>"])
  })

  it('shuts out an intruder who does not know the SM-ID, and the session goes on', () => {
    const { peers } = connected()
    peers.intrude("<resume xmlns='urn:xmpp:sm:3' previd='guessed' h='0'/>")
    peers.flow()
    submit(peers, 'server', 's1')
    peers.flow()
    expect(peers.server.connection()).toBe('line-1')
    expect(told(peers, 'client')).toEqual(['Handled s1'])
  })

  it('gives the session to one who knows it, and the client takes it back', () => {
    const { peers } = connected({ counters: { toServer: 0, toClient: 0 } })
    peers.intrude("<resume xmlns='urn:xmpp:sm:3' previd='first' h='0'/>")
    peers.flow()
    expect(phase(peers, 'client')).toEqual(['Hibernating'])
    submit(peers, 'server', 's1')
    peers.dial()
    peers.flow()
    expect(told(peers, 'client')).toEqual(['Handled s1'])
  })

  it('leaves nothing after a clean close', () => {
    const { peers } = connected()
    peers.client.happen({ _tag: 'CloseRequested', resource: pairResource })
    peers.flow()
    expect([told(peers, 'client'), told(peers, 'server')]).toEqual([['ended: closed'], ['ended: closed']])
    expect(peers.link.lines()).toEqual([])
    expect([...peers.client.openConnections(), ...peers.server.openConnections()]).toEqual([])
    expect(peers.host.nextDue()).toBeUndefined()
  })
})
