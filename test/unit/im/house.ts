/**
 * A house to test the domain in: the real loop and core over stores in memory, a clock that stands still, and
 * clients that say and hear XML.
 */
import { Element, element, parseElement, Stanza, toXml } from '@smacks/codec'
import { type Config, type ConnectionId, defaultConfig } from '@smacks/core'
import { journalMemory } from '@smacks/journal-memory'
import { offlineMemory } from '@smacks/offline-memory'
import { after, type Clock, createRuntime, type Journal, type OfflineStore, type Runtime } from '@smacks/runtime'
import { defaultServerConfig } from '@smacks/server'
import { createVirtualHost, type VirtualHost } from '@smacks/testkit'
import { getOrElseW } from 'fp-ts/lib/Either.js'
import { expect, onTestFinished } from 'vitest'
import { createInstantMessaging, type InstantMessaging } from '../../../packages/im/src/interpreter.js'
import type { ImObserver, Quotas, Remotes } from '../../../packages/im/src/ports.js'
import { openRosters } from '../../../packages/im/src/roster/roster-records.js'
import type { RosterStore } from '../../../packages/im/src/roster/store.js'
import type { Service } from '../../../packages/im/src/services/service.js'

export interface Client {
  readonly jid: string
  /** Sends stanzas, each in a turn of its own. */
  readonly says: (...stanzas: ReadonlyArray<string>) => void
  /** What came since the last call, canonical. */
  readonly hears: () => ReadonlyArray<string>
  /** Forgets what came. */
  readonly ignores: () => void
  /** Asks for the roster, sends initial presence, and forgets what came. */
  readonly appears: (priority?: number) => Client
  /** Enables stream management with resumption. */
  readonly enables: () => Client
  /** The line drops. */
  readonly drops: () => void
  /** Closes the stream. */
  readonly leaves: () => void
  /** Resumes on a new connection, having handled `h` stanzas. */
  readonly resumes: (h: number) => void
}

export interface House {
  readonly messaging: InstantMessaging
  readonly host: VirtualHost
  readonly runtime: Runtime<Stanza>
  readonly rosters: RosterStore
  readonly offline: OfflineStore<Stanza>
  readonly journal: Journal<Stanza>
  /** Bytes that no connection has taken yet; a test sets them. */
  readonly crowd: { unsent: number }
  readonly login: (account: string, resource: string) => Client
  /** Makes the two see each other's presence. */
  readonly befriend: (one: string, other: string) => void
}

export interface HouseOptions {
  readonly accounts?: ReadonlyArray<string>
  readonly domains?: ReadonlyArray<string>
  /** How stanzas leave for other servers; without it they do not. */
  readonly remotes?: Remotes
  /** Called when all that a client caused here is done. */
  readonly onSettled?: () => void
  readonly offlineStorage?: boolean
  readonly config?: Partial<Config>
  readonly quotas?: Partial<Quotas>
  readonly isDataFull?: () => boolean
  readonly services?: ReadonlyArray<Service>
  /** Sees the steps of accounts. */
  readonly observer?: ImObserver
  /** Each look at the clock takes a millisecond, as on a machine that has much to do. */
  readonly ticking?: boolean
  /** Wraps the journal, to let commits take time. */
  readonly journal?: (journal: Journal<Stanza>) => Journal<Stanza>
}

export const start = Date.UTC(2026, 0, 1)

const sizeOf = ({ xml }: Stanza): number => Buffer.byteLength(xml)

/** Opens a house for the test that runs; the test fails if the domain throws where it must not. */
export const openHouse = (options: HouseOptions = {}): House => {
  const {
    accounts = ['romeo@a.example', 'juliet@a.example', 'tybalt@b.example'],
    domains = ['a.example', 'b.example'],
    offlineStorage = true,
    onSettled = () => {},
    config = {},
    journal: wrap = (journal: Journal<Stanza>) => journal,
  } = options
  const host = createVirtualHost(start)
  const offline = offlineMemory<Stanza>({ sizeOf })
  let ticks = 0
  const clock: Clock = {
    now: () => {
      if (options.ticking === true) ticks += 1
      return host.clock.now() + ticks
    },
    monotonic: host.clock.monotonic,
  }
  const heard = new Map<ConnectionId, Array<string>>()
  const faults: Array<unknown> = []
  onTestFinished(() => expect(faults).toEqual([]))
  let ids = 0
  let laters = 0
  const crowd = { unsent: 0 }

  const journal = wrap(journalMemory({ offline }))
  const rosters = openRosters({
    records: journal.records,
    runtime: {
      change: change => runtime.change(change),
      whenRecorded: (account, callback) => runtime.whenRecorded(account, callback),
    },
    onBadRecord: (_, reason) => faults.push(reason),
    now: () => 1,
  })
  let messaging: InstantMessaging | undefined
  const runtime = createRuntime<Stanza>({
    config: { ...defaultConfig, offlineStorage, ...config },
    sizeOf,
    ports: {
      transport: {
        sendStanza: (connection, stanza) => void heard.get(connection)?.push(canonical(stanza.xml)),
        sendNonza: () => {},
        close: connection => void heard.delete(connection),
        awaitDrain: () => {},
        drop: connection => void heard.delete(connection),
        adopt: () => {},
        flush: () => {},
      },
      timers: host.timers,
      turns: host.turns,
      clock,
      journal,
      bus: { publish: () => {} },
    },
    application: made => {
      messaging = createInstantMessaging({
        records: journal.records,
        oldSessions: journal.oldSessions,
        runtime: made,
        offline,
        rosters,
        accountExists: jid => accounts.includes(jid),
        domains,
        ...(options.remotes === undefined ? {} : { remotes: options.remotes }),
        ...extras(options),
        offlineStorage: () => offlineStorage,
        quotas: () => ({ ...defaultServerConfig.limits, ...options.quotas }),
        isDataFull: options.isDataFull ?? (() => false),
        clock,
        freshId: () => {
          ids += 1
          return `fresh-${ids}`
        },
        unsent: () => crowd.unsent,
        later: (milliseconds, callback) => {
          laters += 1
          host.timers.arm(`later ${laters}`, after(host.clock, milliseconds), callback)
        },
        log: { debug: () => {}, warn: () => {} },
        version: '1.2.3',
      })
      return messaging
    },
    onFault: error => faults.push(error),
    onStall: error => faults.push(error),
    onRecovery: () => {},
  })

  const login = (account: string, resource: string): Client => {
    const jid = `${account}/${resource}`
    let connection = ''
    let smId = ''
    const connect = (): void => {
      ids += 1
      connection = `c${ids}`
      heard.set(connection, [])
    }
    const dispatch = (event: Parameters<Runtime<Stanza>['dispatch']>[1]): void => {
      runtime.dispatch(account, event)
      host.settle()
      onSettled()
    }
    const here = () => ({ at: host.clock.now(), resource, connection })
    connect()
    dispatch({ _tag: 'SessionBound', ...here() })
    const client: Client = {
      jid,
      says: (...stanzas) => {
        for (const text of stanzas)
          dispatch({ _tag: 'StanzaReceived', ...here(), stanza: Stanza.fromElement(parsed(text)) })
      },
      hears: () => heard.get(connection)?.splice(0) ?? [],
      ignores: () => void heard.get(connection)?.splice(0),
      appears: priority => {
        client.says(`<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>`)
        client.says(priority === undefined ? '<presence/>' : `<presence><priority>${priority}</priority></presence>`)
        client.ignores()
        return client
      },
      enables: () => {
        ids += 1
        smId = `sm${ids}`
        dispatch({ _tag: 'EnableReceived', ...here(), version: 'urn:xmpp:sm:3', resume: true, freshId: smId })
        return client
      },
      drops: () => dispatch({ _tag: 'ConnectionLost', ...here() }),
      leaves: () => dispatch({ _tag: 'StreamClosed', ...here() }),
      resumes: h => {
        connect()
        const { at } = here()
        dispatch({ _tag: 'ResumeReceived', at, connection, version: 'urn:xmpp:sm:3', previd: smId, h })
      },
    }
    return client
  }

  const befriend = (one: string, other: string): void => {
    const item = { groups: [], state: 'both', approved: false, listed: true } as const
    rosters.put(one, { ...item, jid: other })
    rosters.put(other, { ...item, jid: one })
    host.settle()
  }

  if (messaging === undefined) throw new Error('the loop asked for no application')
  return { messaging, host, runtime, rosters, offline, journal, login, befriend, crowd }
}

const extras = ({ services, observer }: HouseOptions) => ({
  ...(services === undefined ? {} : { services }),
  ...(observer === undefined ? {} : { observer }),
})

export const parsed = (text: string): Element =>
  getOrElseW(problem => {
    throw new Error(`${String(problem)}: ${text}`)
  })(parseElement(text))

/** The XML with its attributes in order, so that texts can be compared. Texts of errors are for people and left out. */
export const canonical = (xml: string): string => toXml(sorted(parsed(xml)))

const sorted = (original: Element): Element => {
  const attrs = Object.fromEntries(Object.entries(original.attrs).sort(([one], [other]) => (one < other ? -1 : 1)))
  const children = original.children.filter(
    child => !(child instanceof Element && child.name === 'text' && child.attrs.xmlns?.endsWith(':xmpp-stanzas')),
  )
  return element(original.name, attrs, ...children.map(child => (child instanceof Element ? sorted(child) : child)))
}

/** Canonical XML of what a test expects. */
export const xml = (...texts: ReadonlyArray<string>): ReadonlyArray<string> => texts.map(canonical)

/** The error reply to a stanza with these attributes. */
export const errorReply = (name: string, attributes: string, type: string, condition: string): string =>
  canonical(
    `<${name} type='error' ${attributes}><error type='${type}'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></${name}>`,
  )

/** A chat message whose body is also its id. */
export const chat = (to: string, body: string, from = ''): string =>
  `<message type='chat' id='${body}' to='${to}'${from === '' ? '' : ` from='${from}'`}><body>${body}</body></message>`

/** The bodies of messages; what has none stays as it is. */
export const bodies = (heard: ReadonlyArray<string>): ReadonlyArray<string> =>
  heard.map(text => /<body>(.*?)<\/body>/.exec(text)?.[1] ?? text)

export const delayFrom = (domain: string, stamp: string): string =>
  `<delay xmlns='urn:xmpp:delay' from='${domain}' stamp='${stamp}'/>`

/** A house whose batches are durable only when their turn in `commits` is called, as long as `isSlow`. */
export const openSlowHouse = (isSlow: () => boolean = () => true, options: HouseOptions = {}) => {
  const commits: Array<() => void> = []
  const house = openHouse({
    ...options,
    journal: journal => ({
      ...journal,
      commit: batch => {
        if (!isSlow()) return journal.commit(batch)
        return new Promise(resolve => {
          commits.push(() => {
            journal.commit(batch)
            resolve()
          })
        })
      },
    }),
  })
  /** The oldest batch is durable, and what waited for that happens. */
  const commitOne = async (): Promise<void> => {
    commits.shift()?.()
    await new Promise(resolve => setImmediate(resolve))
    house.host.settle()
  }
  return { house, commits, commitOne }
}
