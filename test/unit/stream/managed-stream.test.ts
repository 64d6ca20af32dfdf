/** What all streams have in common: deadline, count, a session that is told what happens, errors, and faults of ours. */
import { type Element, Stanza, type StreamFault } from '@smacks/codec'
import { defaultConfig } from '@smacks/core'
import { journalMemory } from '@smacks/journal-memory'
import { offlineMemory } from '@smacks/offline-memory'
import { createRuntime } from '@smacks/runtime'
import { type Connection, ManagedStream, streamTransport } from '@smacks/stream'
import { createVirtualHost } from '@smacks/testkit'
import { describe, expect, test } from 'vitest'
import { createLine } from '../stream-c2s/line.js'
import { elementOf } from '../stream-s2s/reading.js'

const account = 'romeo@a.example'
const limits = { seconds: 30, elements: 3, until: 'it was done' }

const openStream = () => {
  const host = createVirtualHost(0)
  const told: Array<string> = []
  const logged: Array<string> = []
  const said: Array<string> = []
  const broken = new Set<string>()
  const find = (): Connection => line.connection
  const runtime = createRuntime<Stanza>({
    config: defaultConfig,
    ports: {
      transport: streamTransport({ find, toWrite: find, flush: () => {} }),
      journal: journalMemory({ offline: offlineMemory() }),
      ...{ timers: host.timers, turns: host.turns, clock: host.clock, bus: { publish: () => {} } },
    },
    application: () => ({ deliver: () => {}, returnToSender: () => {}, redeliver: () => {}, sessionEnded: () => {} }),
    onFault: error => logged.push(String(error)),
    onStall: error => logged.push(String(error)),
    onRecovery: () => {},
  })
  const breaks = (what: string): void => {
    if (broken.has(what)) throw new Error(`${what} broke`)
  }

  class Simple extends ManagedStream {
    protected override receiveHeader(): void {
      this.openAnew()
      breaks('header')
      this.open()
    }
    protected override negotiate(element: Element): void {
      if (element.getName() === 'enter') this.enter()
      else if (element.getName() === 'starttls') this.perform({ _tag: 'StartTls', proceed: '<proceed/>' })
      else if (element.getName() === 'restart') this.perform({ _tag: 'Restart' })
      else this.perform({ _tag: 'Reply', xml: `<got-${element.getName()}/>` })
    }
    protected override receiveInSession(element: Element): void {
      breaks('element')
      if (element.getName() === 'bad') this.perform({ _tag: 'Refuse', fault: { condition: 'not-authorized' } })
    }
    protected override receiveStanza(stanza: Stanza): void {
      this.dispatch(account, { _tag: 'StanzaReceived', ...this.origin('r'), stanza })
    }
    protected override receiveOverLimit(_: Element, fault: StreamFault): void {
      this.refuse(fault)
    }
    protected override ownHeader() {
      return { content: 'jabber:client', from: 'a.example' } as const
    }
    protected override deadlinePassed(): void {
      breaks('deadline')
      this.refuse({ condition: 'connection-timeout' })
    }
    protected override ended(reason: string): void {
      said.push(reason)
    }
    private enter(): void {
      this.dispatch(account, { _tag: 'SessionBound', ...this.origin('r') })
      this.establish({ account, resource: 'r' })
    }
  }

  const line = createLine('c1', '192.0.2.1', false, connection => {
    const dispatch: typeof runtime.dispatch = (id, event) => {
      breaks(event._tag)
      told.push(event._tag)
      runtime.dispatch(id, event)
    }
    const dispatchAll: typeof runtime.dispatchAll = (id, run) => {
      breaks('run')
      told.push(...run.map(({ _tag }) => _tag), `run of ${run.length}`)
      runtime.dispatchAll(id, run)
    }
    return new Simple(
      {
        runtime: { ...runtime, dispatch, dispatchAll },
        timers: host.timers,
        clock: host.clock,
        log: { debug: () => {}, info: () => {}, warn: () => {}, error: (_, message) => logged.push(message) },
      },
      connection,
      limits,
    )
  })
  const hears = (...elements: ReadonlyArray<string>): void => {
    for (const name of elements) {
      if (name === 'header') line.header({ xmlns: 'jabber:client' })
      else line.element(elementOf(`<${name} xmlns='urn:example:x'/>`))
    }
  }
  return { host, line, runtime, told, logged, ends: said, broken, hears }
}

const opened = () => {
  const stream = openStream()
  stream.hears('header')
  stream.line.take()
  return stream
}

const established = () => {
  const stream = opened()
  stream.hears('enter')
  stream.host.settle()
  return stream
}

const errorIn = (xml: string): string | undefined => /<stream:error><([\w-]+)/.exec(xml)?.[1]
const ours = 'internal-server-error'

describe('stanzas of one read', () => {
  const stanza = Stanza.fromXml('<message/>')
  const afterwards = ({ told }: { readonly told: ReadonlyArray<string> }) => told.slice(1)

  test('are told to the loop together, at the end of it', () => {
    const stream = established()
    stream.line.read(() => {
      for (let left = 3; left > 0; left -= 1) stream.line.stanza(stanza)
      expect(afterwards(stream)).toEqual([])
    })
    expect(afterwards(stream)).toEqual(['StanzaReceived', 'StanzaReceived', 'StanzaReceived', 'run of 3'])
  })

  test('are told before anything else that happens, and one for itself', () => {
    const stream = established()
    stream.line.read(() => {
      stream.line.stanza(stanza)
      stream.line.stanza(stanza)
      stream.line.beSilent()
      stream.line.stanza(stanza)
      stream.line.closeStream()
    })
    expect(afterwards(stream)).toEqual([
      ...['StanzaReceived', 'StanzaReceived', 'run of 2', 'ConnectionSilent'],
      ...['StanzaReceived', 'StreamClosed'],
    ])
  })

  test('are told when the line drops in the middle of it', () => {
    const stream = established()
    stream.line.read(() => {
      stream.line.stanza(stanza)
      stream.line.lose()
    })
    expect(afterwards(stream)).toEqual(['StanzaReceived', 'ConnectionLost'])
  })

  test('are told at once where there is no read', () => {
    const stream = established()
    stream.line.stanza(stanza)
    stream.line.stanza(stanza)
    expect(afterwards(stream)).toEqual(['StanzaReceived', 'StanzaReceived'])
  })

  test('end the stream if the loop cannot take them', () => {
    const stream = established()
    stream.broken.add('run')
    stream.line.read(() => {
      stream.line.stanza(stanza)
      stream.line.stanza(stanza)
    })
    expect(stream.told.at(-1)).toBe('StreamRefused')
    stream.host.settle()
    expect(errorIn(stream.line.take())).toBe(ours)
  })
})

describe('negotiation', () => {
  test('has a deadline, which a session disarms', () => {
    const { host, line, ends } = opened()
    host.advance(29_999)
    expect(line.state()).toBe('open')
    host.advance(1)
    expect([line.state(), errorIn(line.take()), ends]).toEqual(['closed', 'connection-timeout', ['connection-timeout']])
    expect(established().host.nextDue()).toBeUndefined()
  })

  test('has so many elements, over all streams of the connection; a session has no such bound', () => {
    const { line, hears } = opened()
    hears('a', 'restart', 'header', 'b')
    expect(line.take()).toContain('<got-a/>')
    hears('c')
    expect(line.take()).toMatch(/<policy-violation .*More than 3 elements came before it was done\./)
    const bound = established()
    bound.hears('a', 'b', 'c', 'd')
    expect(bound.line.state()).toBe('open')
  })

  test('ends with the stream of the peer', () => {
    const { line, ends, host } = opened()
    line.closeStream()
    expect([line.state(), line.take(), ends]).toEqual(['closed', '</stream:stream>', ['the peer closed the stream']])
    expect(host.nextDue()).toBeUndefined()
  })

  test('has no session to tell', () => {
    const { line, told, ends } = opened()
    line.drain()
    line.beSilent()
    expect(line.take()).toBe('')
    line.lose()
    expect([told, ends]).toEqual([[], ['the line was cut']])
  })
})

describe('an error', () => {
  test('is sent inside a stream of ours, which it opens where none is', () => {
    const { line } = openStream()
    line.fault({ condition: 'not-well-formed' })
    expect(line.take()).toMatch(/^<\?xml .*<stream:stream .*<stream:error><not-well-formed /)
  })

  test('before TLS stands is sent in the stream in the clear, and then in one of its own', () => {
    const { line, hears } = opened()
    hears('starttls')
    expect(line.take()).toBe('<proceed/>')
    line.fault({ condition: 'not-well-formed' })
    expect(line.take()).toMatch(/^<\?xml /)
  })

  test('of a stream with a session is the account to send', () => {
    const { line, hears, told, host, ends } = established()
    hears('bad', 'bad')
    expect([told.slice(1), ends]).toEqual([['StreamRefused'], ['not-authorized']])
    host.settle()
    expect(errorIn(line.take())).toBe('not-authorized')
  })

  test('comes also to a peer that closes its stream meanwhile', () => {
    const { line, hears, host } = established()
    hears('bad')
    line.closeStream()
    host.settle()
    expect(line.take()).toMatch(/^<stream:error><not-authorized .*<\/stream:stream>$/)
  })
})

describe('a session', () => {
  test('is told what happens to its connection', () => {
    const { line, told } = established()
    line.drain()
    line.beSilent()
    line.closeStream()
    expect(told.slice(1)).toEqual(['ConnectionDrained', 'ConnectionSilent', 'StreamClosed'])
  })

  test('is told of the end once', () => {
    const { line, told, ends } = established()
    line.lose()
    line.lose()
    expect([told.slice(1), ends]).toEqual([['ConnectionLost'], ['the line was cut']])
  })

  test('that is silent is sent what means nothing', () => {
    const { line } = established()
    line.beSilent()
    expect(line.take()).toBe(' ')
  })

  test('that went on elsewhere leaves nothing to say', () => {
    const { line, runtime, ends } = established()
    runtime.dispatch(account, { _tag: 'SessionBound', at: 0, resource: 'r', connection: 'c2' })
    line.beSilent()
    expect([line.take(), ends]).toEqual(['', ['the peer was silent']])
  })
})

describe('a fault of ours', () => {
  test.each([
    ['at a header', 'header'],
    ['at the deadline', 'deadline'],
  ])('%s ends the stream with an error', (_, what) => {
    const { line, broken, hears, host, logged, ends } = openStream()
    broken.add(what)
    if (what === 'header') hears('header')
    else host.advance(30_000)
    expect([line.state(), errorIn(line.take()), ends.length]).toEqual(['closed', ours, 1])
    expect(logged).toEqual(['a fault of ours ends a stream'])
  })

  test.each(['ConnectionDrained', 'ConnectionSilent', 'ConnectionLost', 'StreamClosed', 'element'])(
    'at %s ends the session',
    what => {
      const { line, broken, hears, runtime, host, logged, ends } = established()
      broken.add(what)
      if (what === 'ConnectionDrained') line.drain()
      else if (what === 'ConnectionSilent') line.beSilent()
      else if (what === 'ConnectionLost') line.lose()
      else if (what === 'StreamClosed') line.closeStream()
      else hears('element')
      host.settle()
      expect([runtime.account(account).sessions, logged, ends.length]).toEqual([
        [],
        ['a fault of ours ends a stream'],
        1,
      ])
    },
  )

  test('where not even an error can be sent destroys the connection', () => {
    const { line, broken, hears, logged, ends } = established()
    for (const what of ['element', 'StreamRefused']) broken.add(what)
    hears('element')
    expect([line.state(), ends.length]).toEqual(['destroyed', 1])
    expect(logged).toEqual(['a fault of ours ends a stream', 'a stream cannot even be closed'])
  })

  test('while the stream ends destroys the connection', () => {
    const { line, broken, logged, ends } = established()
    broken.add('StreamRefused')
    line.fault({ condition: 'not-well-formed' })
    expect([line.state(), logged, ends.length]).toEqual(['destroyed', ['a fault of ours ends a stream'], 1])
  })
})
