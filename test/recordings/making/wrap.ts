/**
 * Counters that wrap. No server comes near 2^32 stanzas in a test, so this is no recording of sockets: it is made of the
 * testkit's peers, two real runtimes over a simulated line, whose counters were placed three stanzas before the wrap.
 */
import { Stanza, stanzaFacts, stanzaXml } from '@smacks/codec'
import { defaultConfig } from '@smacks/core'
import { createRecorder } from '@smacks/replay'
import { createPeers, type Peer } from '@smacks/testkit'

type Side = 'client' | 'server'

/** The recordings of both peers: the client's says what steps came to by digests, the server's in full. */
export const wrap = (by: string): Readonly<Record<Side, string>> => {
  const lines: Readonly<Record<Side, Array<string>>> = { client: [], server: [] }
  const start = Date.UTC(2026, 0, 1)
  const recorderOf = (side: Side, outcome: 'digest' | 'full') =>
    createRecorder<Stanza>({
      payload: stanzaXml,
      facts: ({ element }) => stanzaFacts(element),
      config: defaultConfig,
      by,
      redacted: false,
      outcome,
      write: line => void lines[side].push(line),
      now: () => start,
    })
  const recorders = { client: recorderOf('client', 'digest'), server: recorderOf('server', 'full') }
  const counter = 2 ** 32 - 3
  const peers = createPeers({
    start,
    counters: { toServer: counter, toClient: counter },
    observe: (side, step) => recorders[side].observe(step),
  })
  const { client, server, link, host } = peers
  const say = (from: Peer, ...ids: ReadonlyArray<string>): void => {
    for (const id of ids) from.submit(Stanza.fromXml(`<message id='${id}' type='chat'><body>${id}</body></message>`))
    host.settle()
  }
  say(client, 'c1', 'c2')
  say(server, 's1', 's2')
  peers.flow()
  host.advance(1_000)
  say(client, 'c3', 'c4')
  say(server, 's3', 's4')
  link.lines()[0]?.cut('both')
  host.advance(1_000)
  say(server, 's5')
  peers.dial()
  peers.flow()
  host.advance(1_000)
  say(client, 'c5')
  peers.flow()
  return { client: `${lines.client.join('\n')}\n`, server: `${lines.server.join('\n')}\n` }
}
