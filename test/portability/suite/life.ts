/**
 * A small life: two runtimes over virtual ports, real XML between them. Stanzas go both ways, the line is cut while some
 * are on their way, and the session is resumed; then once more around 2^32.
 */
import { Stanza } from '@smacks/codec'
import { toArray } from '@smacks/core'
import { createPeers, type Peer, type PeersOptions } from '@smacks/testkit'
import { createDigest } from './digest.js'

export const life = () => ({
  fromTheFirst: live({}),
  aroundTheWrap: live({ counters: { toServer: 2 ** 32 - 2, toClient: 2 ** 32 - 1 } }),
})

const live = (options: PeersOptions) => {
  const digest = createDigest()
  const peers = createPeers({
    ...options,
    start: Date.UTC(2026, 0, 1),
    observe: (side, { event, effects }) => digest.add([side, event._tag, ...effects.map(({ _tag }) => _tag)]),
  })
  const { client, server, link, host } = peers
  const say = (from: Peer, ...ids: ReadonlyArray<string>): void => {
    for (const id of ids)
      from.submit(Stanza.fromXml(`<message id='${id}' type='chat'><body>${id}: süß 𝄞 &amp;</body></message>`))
    host.settle()
  }
  if (options.counters === undefined) peers.dial()
  peers.flow()
  host.advance(1_000)
  say(client, 'c1', 'c2')
  say(server, 's1', 's2')
  peers.flow()
  say(client, 'c3', 'c4')
  say(server, 's3', 's4')
  const [line] = link.lines()
  // Half of what the server said arrives, and nothing of what the client said.
  line?.carry('client', Math.floor(line.inFlight('client') / 2))
  line?.cut('both')
  host.settle()
  say(client, 'c5')
  say(server, 's5')
  host.advance(5_000)
  peers.dial()
  peers.flow()
  host.advance(60_000)
  peers.flow()
  return { client: lookAt(client), server: lookAt(server), digest: digest.text() }
}

const lookAt = (peer: Peer) => ({
  told: peer.told.map(told => `${told._tag} ${'stanza' in told ? told.stanza.element.attrs.id : told.reason}`),
  sessions: peer.account().sessions.map(session => ({
    phase: session._tag,
    ...('inbound' in session ? { handled: session.inbound.handled } : {}),
    ...('outbound' in session
      ? { acked: session.outbound.acked, unacked: toArray(session.outbound.unacked).length }
      : {}),
  })),
  faults: peer.faults.map(({ error, where }) => `${where}: ${error}`),
})
