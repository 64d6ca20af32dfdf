/**
 * What the hostile cases between servers play on: one server of ours that the cases of a file share, domains elsewhere
 * that nobody used before, and somebody local who is told nothing they should not be told.
 */
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { authority, startOurs } from '../../support/federation/neighbour.js'
import { type House, makeUsers, openHouse } from '../../support/house.js'
import type { AlternativeName } from '../../support/names-der.js'
import { freePort, temporaryFolder } from '../../support/places.js'
import type { RunningServer } from '../../support/server.js'
import { bodyOf, escapeXml } from '../../support/xml.js'
import type { XmppClient } from '../../support/xmpp-client.js'
import { type Elsewhere, startElsewhere } from './elsewhere.js'
import { Peer, type Shown } from './peer.js'

/** Domains of the server under attack. */
export const ours = 'ours.example'
export const alsoOurs = 'also.ours.example'

/** Nobody listens where this domain is said to be. */
export const deserted = 'deserted.example'

export interface Ground {
  readonly server: RunningServer
  readonly house: House
  readonly elsewhere: Elsewhere
  /** Somebody local, who is online and whom strangers write to. */
  readonly witness: XmppClient
  /** Somebody else local. */
  readonly friend: XmppClient
  /** A domain that nobody used before; all of them are below `elsewhere.example`. */
  readonly stranger: () => string
  /** A line to the port for servers, without any stream yet; it ends with the file. */
  readonly peer: (from: string, options?: { readonly to?: string; readonly certificate?: Shown }) => Promise<Peer>
}

/** Certificates that the server trusts the authority of; for these domains, or these names. */
export const certificateOf = async (...names: ReadonlyArray<AlternativeName | string>): Promise<Shown> =>
  (await authority()).issue({ names: names.map(name => (typeof name === 'string' ? { dns: name } : name)) })

/**
 * Lays the ground for the cases of a file or block. After each case the witness has got nothing that the case did not
 * take, and is still reached by a friend.
 */
export const onGround = (s2s: Readonly<Record<string, unknown>>, config = {}): (() => Ground) => {
  let ground: Laid | undefined
  const laid = (): Laid => {
    if (ground === undefined) throw new Error('the ground is not laid')
    return ground
  }
  beforeAll(async () => {
    ground = await lay(s2s, config)
  })
  afterEach(async () => {
    const { witness, friend, elsewhere, server } = laid()
    expect(elsewhere.complaints()).toEqual([])
    friend.message(witness.jid, 'all goes on')
    await friend.expectNothing()
    expect((await witness.untilFence()).map(bodyOf)).toEqual(['all goes on'])
    expect(faults(server)).toEqual([])
  })
  afterAll(() => ground?.clear())
  return laid
}

/** Mistakes of ours that the server's log tells. */
const faults = (server: RunningServer): ReadonlyArray<string> =>
  server
    .output()
    .split('\n')
    .filter(line => line.includes('"level":50') || line.includes('"level":60'))

interface Laid extends Ground {
  readonly clear: () => Promise<void>
}

const domainsElsewhere = Array.from({ length: 100 }, (_, index) => `n${index + 1}.elsewhere.example`)

const lay = async (
  s2s: Readonly<Record<string, unknown>>,
  config: Readonly<Record<string, unknown>>,
): Promise<Laid> => {
  const folder = temporaryFolder('hostile-federation')
  const elsewhere = await startElsewhere()
  const serverPort = await freePort()
  const users = [...makeUsers(4)]
  const server = await startOurs({
    domain: ours,
    others: [alsoOurs],
    users,
    folder: join(folder.path, 'ours'),
    serverPort,
    hosts: {
      ...Object.fromEntries(domainsElsewhere.map(domain => [domain, elsewhere.port])),
      [deserted]: await freePort(),
    },
    s2s,
    config,
  })
  const house = openHouse(server, () => taken(users.shift(), 'account'))
  const [witness, friend] = await Promise.all([house.online(house.person()), house.online(house.person())])
  const strangers = [...domainsElsewhere]
  const peers: Array<Peer> = []
  return {
    server,
    house,
    elsewhere,
    witness,
    friend,
    stranger: () => taken(strangers.shift(), 'domain'),
    peer: async (from, { to = ours, certificate } = {}) => {
      const peer = await Peer.connect({ port: serverPort, from, to, certificate })
      peers.push(peer)
      return peer
    },
    clear: async () => {
      house.leave()
      for (const peer of peers) peer.destroy()
      await server.stop()
      await elsewhere.stop()
      folder.remove()
    },
  }
}

const taken = <T>(one: T | undefined, what: string): T => {
  if (one === undefined) throw new Error(`no ${what} is left`)
  return one
}

/** The peer's message reaches the witness: it is taken for whom it says. */
export const expectTrusted = async ({ witness }: Ground, peer: Peer, body = `from ${peer.from}`): Promise<void> => {
  peer.message(witness.jid, body)
  const message = await witness.expect('message')
  expect(message.attrs.from).toBe(`mallory@${peer.from}/den`)
  expect(bodyOf(message)).toBe(body)
}

/** The peer's message ends its stream. */
export const expectUntrusted = async ({ witness }: Ground, peer: Peer): Promise<void> => {
  peer.message(witness.jid, 'let me in')
  await peer.expectStreamError('not-authorized')
}

/** What is sent to others, with an id that its error will have. */
export const chat = (to: string, id: string): string =>
  `<message type='chat' to='${escapeXml(to)}' id='${escapeXml(id)}'><body>${escapeXml(id)}</body></message>`
