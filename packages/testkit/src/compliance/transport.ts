/** What every transport must do. */
import type { AccountId, ConnectionId, Resource, StanzaFacts } from '@smacks/core'
import type { Transport } from '@smacks/runtime'
import { type Ending, onBench, type TestRunner } from './runner.js'

/** The far end of one connection. */
export interface TransportPeer {
  readonly connection: ConnectionId
  /** Everything that arrived up to now, as text; a transport that needs time for it waits here until all is there. */
  readonly received: () => Promise<string> | string
  /** The connection was ended by the transport; waits for it likewise. */
  readonly ended: () => Promise<boolean> | boolean
  /** The stream was closed in form by then; false if it was left unfinished. */
  readonly closed: () => Promise<boolean> | boolean
  /** What arrived, write by write, where that can be seen. */
  readonly writes?: () => ReadonlyArray<string>
}

export interface TransportBench<A> extends Ending {
  readonly transport: Transport<A>
  readonly connect: () => Promise<TransportPeer> | TransportPeer
  /** Connections that said that they are drained, in order, once all is said that is to be, where that can be seen. */
  readonly drained?: () => Promise<ReadonlyArray<ConnectionId>>
  /** Whose a connection was said to be, in order, where that can be seen. */
  readonly adopted?: () => ReadonlyArray<readonly [connection: ConnectionId, account: AccountId, resource: Resource]>
}

export interface TransportCompliance<A> extends TestRunner {
  readonly create: () => TransportBench<A> | Promise<TransportBench<A>>
  /** A message whose text, as it is sent, contains `text` (of letters only). */
  readonly stanza: (text: string) => A
}

const facts: StanzaFacts = { name: 'message', type: 'chat' }
const version = 'urn:xmpp:sm:3'
/** A time whose year cannot be missed. */
const in2009 = Date.UTC(2009, 1, 13, 23, 31, 30)

export const transportCompliance = <A>(options: TransportCompliance<A>): void => {
  options.describe('the port Transport', () => {
    sending(options)
    writing(options)
    ending(options)
    ended(options)
  })
}

const sending = <A>(options: TransportCompliance<A>): void => {
  const { expect, stanza } = options
  const it = onBench(options, options.create)

  it('sends stanzas and nonzas in the order they were given', async ({ transport, connect }) => {
    const { connection, received } = await connect()
    transport.sendStanza(connection, stanza('alpha'), facts)
    transport.sendNonza(connection, { _tag: 'Ack', version, h: 4711 })
    transport.sendStanza(connection, stanza('omega'), facts)
    transport.flush()
    expect(inOrder(await received(), ['alpha', '4711', 'omega'])).toEqual(true)
  })

  it('sends each thing once, over several flushes', async ({ transport, connect }) => {
    const { connection, received } = await connect()
    const names = ['alpha', 'beta', 'gamma', 'delta']
    for (const name of names) {
      transport.sendStanza(connection, stanza(name), facts)
      transport.flush()
    }
    transport.flush()
    const text = await received()
    expect(names.map(name => text.split(name).length - 1)).toEqual([1, 1, 1, 1])
    expect(inOrder(text, names)).toEqual(true)
  })

  it('keeps connections apart', async ({ transport, connect }) => {
    const one = await connect()
    const other = await connect()
    transport.sendStanza(one.connection, stanza('alpha'), facts)
    transport.sendStanza(other.connection, stanza('omega'), facts)
    transport.flush()
    expect((await one.received()).includes('omega')).toEqual(false)
    expect((await other.received()).includes('alpha')).toEqual(false)
  })

  it('states the time of what is sent again, and only of that', async ({ transport, connect }) => {
    const { connection, received } = await connect()
    transport.adopt(connection, 'romeo@example.net', 'orchard')
    transport.sendStanza(connection, stanza('fresh'), facts)
    transport.sendStanza(connection, stanza('again'), facts, in2009)
    transport.flush()
    expect(inOrder(await received(), ['fresh', '2009-02-13'])).toEqual(true)
    expect((await received()).split('2009-02-13').length - 1).toEqual(1)
  })
}

const writing = <A>(options: TransportCompliance<A>): void => {
  const { expect, stanza } = options
  const it = onBench(options, options.create)

  it('writes what is buffered with one write, but Enabled alone', async ({ transport, connect }) => {
    const { connection, received, writes } = await connect()
    transport.sendStanza(connection, stanza('alpha'), facts)
    transport.sendStanza(connection, stanza('beta'), facts)
    transport.sendNonza(connection, { _tag: 'Enabled', version, resume: true, id: 'fresh-id', max: 600 })
    transport.sendStanza(connection, stanza('gamma'), facts)
    transport.flush()
    expect(inOrder(await received(), ['alpha', 'beta', 'fresh-id', 'gamma'])).toEqual(true)
    if (writes === undefined) return
    const names = ['alpha', 'beta', 'fresh-id', 'gamma']
    const found = writes().map(write => names.filter(name => write.includes(name)))
    expect(found.filter(name => name.length > 0)).toEqual([['alpha', 'beta'], ['fresh-id'], ['gamma']])
  })

  it('says once that a connection is drained, however much was sent, and not before it is asked', async bench => {
    const { transport, connect, drained } = bench
    const { connection, received } = await connect()
    transport.sendStanza(connection, stanza('alpha'), facts)
    transport.flush()
    await received()
    if (drained !== undefined) expect(await drained()).toEqual([])
    transport.sendStanza(connection, stanza('beta'), facts)
    transport.awaitDrain(connection)
    transport.sendStanza(connection, stanza('gamma'), facts)
    transport.flush()
    transport.flush()
    expect(inOrder(await received(), ['alpha', 'beta', 'gamma'])).toEqual(true)
    if (drained !== undefined) expect(await drained()).toEqual([connection])
    transport.sendStanza(connection, stanza('x'.repeat(3_000_000)), facts)
    transport.awaitDrain(connection)
    transport.flush()
    await received()
    if (drained !== undefined) expect(await drained()).toEqual([connection, connection])
    transport.awaitDrain(connection)
    transport.flush()
    await received()
    if (drained !== undefined) expect(await drained()).toEqual([connection, connection, connection])
  })

  it('says whose a connection is from now on', async ({ transport, connect, adopted }) => {
    const { connection } = await connect()
    transport.adopt(connection, 'romeo@example.net', 'orchard')
    if (adopted !== undefined) expect(adopted()).toEqual([[connection, 'romeo@example.net', 'orchard']])
  })
}

const ending = <A>(options: TransportCompliance<A>): void => {
  const { expect, stanza } = options
  const it = onBench(options, options.create)

  it('sends what is buffered, then the error, then ends', async ({ transport, connect }) => {
    const { connection, received, ended } = await connect()
    transport.sendStanza(connection, stanza('alpha'), facts)
    transport.close(connection, { condition: 'conflict', text: 'replaced by another' })
    transport.flush()
    expect(await ended()).toEqual(true)
    expect(inOrder(await received(), ['alpha', 'conflict'])).toEqual(true)
  })

  it('ends without an error where there is none', async ({ transport, connect }) => {
    const { connection, received, ended, closed } = await connect()
    transport.sendStanza(connection, stanza('alpha'), facts)
    transport.close(connection)
    transport.flush()
    expect(await ended()).toEqual(true)
    expect((await received()).includes('error')).toEqual(false)
    expect(await closed()).toEqual(true)
  })

  it('leaves the stream unfinished where it drops the connection, behind what is buffered', async bench => {
    const { transport, connect } = bench
    const { connection, received, ended, closed } = await connect()
    transport.sendStanza(connection, stanza('alpha'), facts)
    transport.sendNonza(connection, { _tag: 'Ack', version, h: 4711 })
    transport.drop(connection)
    transport.sendStanza(connection, stanza('late'), facts)
    transport.close(connection, { condition: 'conflict' })
    transport.flush()
    expect(await ended()).toEqual(true)
    expect(await closed()).toEqual(false)
    const text = await received()
    expect(inOrder(text, ['alpha', '4711'])).toEqual(true)
    expect(text.includes('late') || text.includes('conflict')).toEqual(false)
  })
}

const ended = <A>(options: TransportCompliance<A>): void => {
  const { expect, stanza } = options
  const it = onBench(options, options.create)

  it('names both counts when h was too high', async ({ transport, connect }) => {
    const { connection, received } = await connect()
    transport.close(connection, {
      condition: 'undefined-condition',
      tooHigh: { version, h: 4711, sendCount: 815 },
    })
    transport.flush()
    const text = await received()
    expect(['4711', '815'].filter(count => !text.includes(count))).toEqual([])
  })

  it('sends nothing on a connection that it has closed', async ({ transport, connect }) => {
    const { connection, received, ended } = await connect()
    transport.close(connection)
    transport.sendStanza(connection, stanza('late'), facts)
    transport.sendNonza(connection, { _tag: 'Request', version })
    transport.close(connection, { condition: 'conflict' })
    transport.flush()
    expect(await ended()).toEqual(true)
    const text = await received()
    expect(text.includes('late') || text.includes('conflict')).toEqual(false)
  })

  it('leaves other connections open', async ({ transport, connect }) => {
    const one = await connect()
    const other = await connect()
    transport.close(one.connection)
    transport.sendStanza(other.connection, stanza('alpha'), facts)
    transport.flush()
    expect((await other.received()).includes('alpha')).toEqual(true)
  })

  it('takes connections that it does not know', ({ transport }) => {
    transport.sendStanza('no such connection', stanza('alpha'), facts)
    transport.sendNonza('no such connection', { _tag: 'Request', version })
    transport.awaitDrain('no such connection')
    transport.adopt('no such connection', 'romeo@example.net', 'orchard')
    transport.close('no such connection', { condition: 'conflict' })
    transport.drop('no such connection')
    transport.flush()
  })
}

/** True if all the words are there, each after the one before. */
const inOrder = (text: string, words: ReadonlyArray<string>): boolean => {
  let from = 0
  for (const word of words) {
    const found = text.indexOf(word, from)
    if (found < 0) return false
    from = found + word.length
  }
  return true
}
