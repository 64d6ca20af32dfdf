/**
 * A stage to test client streams on: the real streams on the real loop, behind connections that a test can look
 * into, with a domain that only listens and a SASL that does as it is told.
 */
import { type Element, parseElement, type Stanza, type StreamHeader } from '@smacks/codec'
import { type Config, defaultConfig, type Event } from '@smacks/core'
import { journalMemory } from '@smacks/journal-memory'
import { offlineMemory } from '@smacks/offline-memory'
import { createRuntime, type Journal, type Runtime } from '@smacks/runtime'
import type { FailedLogin } from '@smacks/sasl'
import { type Connection, streamTransport } from '@smacks/stream'
import { createVirtualHost, seededEntropy, type VirtualHost } from '@smacks/testkit'
import { getOrElseW } from 'fp-ts/lib/Either.js'
import { expect, onTestFinished } from 'vitest'
import { createC2s } from '../../../packages/stream-c2s/src/create.js'
import type { C2sOptions } from '../../../packages/stream-c2s/src/options.js'
import { createUnboundStreams, type UnboundStreams } from '../../../packages/stream-c2s/src/unbound-streams.js'
import { createLine, type Line } from './line.js'
import { obedientSasl } from './obedient-sasl.js'

export const start = Date.UTC(2026, 0, 1)

export interface Stage {
  readonly host: VirtualHost
  readonly runtime: Runtime<Stanza>
  /** A client connects. */
  readonly connect: (options?: { readonly secure?: boolean; readonly address?: string }) => Client
  /** What reached the domain: account, resource and XML of each stanza. */
  readonly delivered: ReadonlyArray<readonly [account: string, resource: string, xml: string]>
  /** The sessions that were bound. */
  readonly sessions: ReadonlyArray<string>
  /** Accounts that are held in memory for streams that are not bound. */
  readonly leases: () => number
  /** What was logged as a fault. Whoever expects some takes them. */
  readonly faults: Array<unknown>
  /** What was told of logins that failed. */
  readonly failedLogins: ReadonlyArray<FailedLogin & { readonly address: string }>
  readonly unbound: UnboundStreams
  /** From now on the loop throws at these events. */
  readonly breakAt: (...events: ReadonlyArray<Event<Stanza>['_tag']>) => void
  /** Lets the commits under way end, with what follows. */
  readonly commit: () => Promise<void>
}

export interface Client {
  readonly line: Line
  /** Opens a stream. */
  readonly opens: (header?: HeaderAttributes) => Client
  /** Sends elements in one packet. A text that begins with `header` is a stream header instead. */
  readonly says: (...elements: ReadonlyArray<string>) => Client
  /** What came since the last call. */
  readonly hears: () => string
  /** Forgets what came. */
  readonly ignores: () => Client
  /** The client's line drops. */
  readonly drops: () => void
  /** `</stream:stream>`. */
  readonly closes: () => void
  /** Opens a stream, authenticates and opens it anew. */
  readonly authenticates: (user?: string) => Client
  readonly binds: (resource?: string, user?: string) => Client
  /** With resumption; the SM-ID. */
  readonly enables: () => string
}

/** What differs from a usual header; `undefined`: left out. */
export type HeaderAttributes = { readonly [Name in keyof StreamHeader]?: string | undefined }

export interface StageOptions {
  readonly domains?: ReadonlyArray<string>
  readonly requireEncryption?: boolean
  readonly limits?: Partial<C2sOptions['limits']>
  readonly config?: Partial<Config>
  readonly mechanisms?: ReadonlyArray<string>
  /** Commits that change something take time: they end with `commit`. */
  readonly slowCommits?: boolean
  /** Replaces what the domain does with a stanza. */
  readonly deliver?: (runtime: Runtime<Stanza>, account: string, resource: string, stanza: Stanza) => void
}

export const openStage = (options: StageOptions = {}): Stage => {
  const host = createVirtualHost(start)
  const lines = new Map<string, Line>()
  const delivered: Array<readonly [string, string, string]> = []
  const sessions: string[] = []
  const faults: unknown[] = []
  const { journal, commit } = openJournal(options.slowCommits === true, host)
  const broken = new Set<string>()
  let leases = 0
  const failedLogins: Array<FailedLogin & { readonly address: string }> = []
  const unbound = createUnboundStreams()
  onTestFinished(() => expect(faults).toEqual([]))

  const lineOf = (id: string): Connection | undefined => lines.get(id)?.connection
  const runtime = createRuntime<Stanza>({
    config: { ...defaultConfig, ...options.config },
    ports: {
      transport: streamTransport({ find: lineOf, toWrite: lineOf, flush: () => {} }),
      timers: host.timers,
      turns: host.turns,
      clock: host.clock,
      journal,
      bus: { publish: () => {} },
    },
    application: made => ({
      deliver: (account, resource, stanza) => {
        delivered.push([account, resource, stanza.xml])
        options.deliver?.(made, account, resource, stanza)
      },
      returnToSender: () => {},
      redeliver: () => {},
      sessionEnded: () => {},
    }),
    onFault: error => faults.push(error),
    onStall: error => faults.push(error),
    onRecovery: () => {},
  })

  const accept = createC2s({
    domains: options.domains ?? ['a.example', 'b.example'],
    requireEncryption: options.requireEncryption ?? true,
    limits: {
      unauthenticatedSeconds: 30,
      authFailures: 3,
      resourcesPerUser: () => 3,
      negotiationElements: 20,
      ...options.limits,
    },
    runtime: {
      ...runtime,
      ask: (account, question, answer) => {
        if (broken.has(question._tag)) throw new Error(`the loop broke at ${question._tag}`)
        return runtime.ask(account, question, answer)
      },
      dispatch: (account, event) => {
        if (broken.has(event._tag)) throw new Error(`the loop broke at ${event._tag}`)
        if (event._tag === 'SessionBound') sessions.push(`${account}/${event.resource}`)
        runtime.dispatch(account, event)
      },
      hold: account => {
        const lease = runtime.hold(account)
        let held = true
        leases += 1
        return {
          release: () => {
            // A stream may say so twice; it counts once.
            if (held) leases -= 1
            held = false
            lease.release()
          },
        }
      },
    },
    sasl: obedientSasl(options.mechanisms),
    throttle: { waitFor: () => 0, tried: () => {} },
    unbound,
    onFailedLogin: (address, failed) => failedLogins.push({ address, ...failed }),
    timers: host.timers,
    clock: host.clock,
    entropy: seededEntropy(1),
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: facts => faults.push(facts) },
  })

  const connect: Stage['connect'] = ({ secure = true, address = '192.0.2.1' } = {}) => {
    const line = createLine(`c${lines.size + 1}`, address, secure, accept)
    lines.set(line.connection.id, line)
    return clientOn(line, host)
  }

  const breakAt: Stage['breakAt'] = (...events) => {
    for (const event of events) broken.add(event)
  }
  return {
    host,
    runtime,
    connect,
    delivered,
    failedLogins,
    unbound,
    sessions,
    faults,
    breakAt,
    commit,
    leases: () => leases,
  }
}

const openJournal = (slow: boolean, host: VirtualHost) => {
  const memory = journalMemory<Stanza>({ offline: offlineMemory() })
  const waiting: Array<() => void> = []
  const journal: Journal<Stanza> = slow
    ? {
        ...memory,
        commit: batch => {
          void memory.commit(batch)
          return new Promise(resolve => waiting.push(resolve))
        },
      }
    : memory
  const commit = async (): Promise<void> => {
    for (const end of waiting.splice(0)) end()
    // The loop learns of it some promises later.
    for (let hop = 0; hop < 10; hop += 1) await Promise.resolve()
    host.settle()
  }
  return { journal, commit }
}

const clientOn = (line: Line, host: VirtualHost): Client => {
  const header: StreamHeader = { to: 'a.example', version: '1.0', xmlns: 'jabber:client' }
  const client: Client = {
    line,
    opens: (attributes = {}) => {
      line.header(without({ ...header, ...attributes }))
      host.settle()
      return client
    },
    says: (...elements) => {
      for (const text of elements) {
        if (text === 'header') line.header(header)
        else line.element(parsed(text))
      }
      host.settle()
      return client
    },
    hears: () => line.take(),
    ignores: () => {
      line.take()
      return client
    },
    drops: () => {
      line.lose()
      host.settle()
    },
    closes: () => {
      line.closeStream()
      host.settle()
    },
    authenticates: (user = 'romeo') =>
      client
        .opens()
        .says(auth(`user ${user}`), 'header')
        .ignores(),
    binds: (resource = 'phone', user) => client.authenticates(user).says(bind(resource)).ignores(),
    enables: () => {
      client.ignores().says("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
      return / id='([^']*)'/.exec(client.hears())?.[1] ?? ''
    },
  }
  return client
}

/** Attributes that are set to `undefined` are not there. */
const without = ({ xmlns = '', ...others }: HeaderAttributes): StreamHeader => ({
  xmlns,
  ...Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined)),
})

const parsed = (text: string): Element => {
  const element = getOrElseW(problem => {
    throw new Error(`${String(problem)}: ${text}`)
  })(parseElement(text))
  return element
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64')

export const nsSasl = 'urn:ietf:params:xml:ns:xmpp-sasl'
export const nsSasl2 = 'urn:xmpp:sasl:2'
export const nsTls = 'urn:ietf:params:xml:ns:xmpp-tls'
export const nsBind = 'urn:ietf:params:xml:ns:xmpp-bind'
export const nsBind2 = 'urn:xmpp:bind:0'
export const sm3 = 'urn:xmpp:sm:3'

/** What the obedient mechanism is told to do, see there. */
export const auth = (order?: string, mechanism = 'OBEY'): string =>
  `<auth xmlns='${nsSasl}' mechanism='${mechanism}'>${order === undefined ? '' : base64(order)}</auth>`
export const response = (order: string, xmlns = nsSasl): string =>
  `<response xmlns='${xmlns}'>${base64(order)}</response>`
export const authenticate = (order?: string, inline = '', mechanism = 'OBEY'): string =>
  `<authenticate xmlns='${nsSasl2}' mechanism='${mechanism}'>` +
  `${order === undefined ? '' : `<initial-response>${base64(order)}</initial-response>`}${inline}</authenticate>`
export const bind = (resource?: string): string =>
  `<iq type='set' id='bind'><bind xmlns='${nsBind}'>${resource === undefined ? '' : `<resource>${resource}</resource>`}</bind></iq>`
export const bound = (jid: string): string =>
  `<iq type="result" id="bind"><bind xmlns="${nsBind}"><jid>${jid}</jid></bind></iq>`
