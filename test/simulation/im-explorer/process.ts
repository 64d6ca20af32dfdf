/** One life of a server: the real loop and the real instant messaging, over a disk that holds what earlier lives made durable. */
import { Stanza, stanzaFacts } from '@smacks/codec'
import { type ConnectionId, defaultConfig, type Event, type Nonza } from '@smacks/core'
import { offlineMemory } from '@smacks/offline-memory'
import { after, type Change, createRuntime, type Journal, type Runtime, type Transport } from '@smacks/runtime'
import { defaultServerConfig } from '@smacks/server'
import { createSimulatedDisk, createVirtualHost, type VirtualHost } from '@smacks/testkit'
import { createInstantMessaging, type InstantMessaging } from '../../../packages/im/src/interpreter.js'
import type { InstantMessagingOptions } from '../../../packages/im/src/ports.js'
import { openRosters } from '../../../packages/im/src/roster/roster-records.js'
import type { RosterStore } from '../../../packages/im/src/roster/store.js'
import type { ImAccount } from '../../../packages/im/src/state.js'

export type Batch = ReadonlyArray<Change<Stanza>>

/** What can be seen of a life from outside, in order. It may end behind each of these. */
export type Happened =
  | { readonly _tag: 'Committed'; readonly batch: Batch }
  | { readonly _tag: 'Sent'; readonly connection: ConnectionId; readonly stanza: Stanza }
  | { readonly _tag: 'Told'; readonly connection: ConnectionId; readonly nonza: Nonza }
  | { readonly _tag: 'Closed'; readonly connection: ConnectionId }

/** Changes what instant messaging or the loop is given: a planted fault. */
export interface Fault {
  readonly name: string
  readonly records?: (records: InstantMessagingOptions['records']) => InstantMessagingOptions['records']
  /** What is called at the end of a turn may make another one. */
  readonly runtime?: (runtime: Runtime<Stanza>, atEnd: (callback: () => void) => void) => Runtime<Stanza>
  readonly messaging?: (messaging: InstantMessaging, isRecovering: () => boolean) => InstantMessaging
}

export interface Life {
  readonly dispatch: (account: string, event: Event<Stanza>) => void
  readonly advance: (milliseconds: number) => void
  readonly now: () => number
  readonly recover: () => void
  /** What instant messaging knows of the account, in memory. */
  readonly known: (account: string) => ImAccount
  readonly journal: Journal<Stanza>
  readonly runtime: Runtime<Stanza>
  readonly befriend: (one: string, other: string) => void
  /** What threw where it must not. */
  readonly faults: ReadonlyArray<unknown>
}

/** Seconds for which sessions may be resumed. */
export const hibernationTime = 10

/** A process begins at `now` over what was committed before; `happens` is told what it does. */
export const beginLife = (
  durable: ReadonlyArray<Batch>,
  now: number,
  accounts: ReadonlyArray<string>,
  happens: (happened: Happened) => void,
  freshId: () => string,
  fault: Fault | undefined,
  submitted: (account: string, resource: string, xml: string) => void,
): Life => {
  const host = createVirtualHost(now)
  const journal = openJournal(durable, happens)
  const faults: Array<unknown> = []
  const seen = new Map<string, ImAccount>()
  const rosters = rostersOver(journal, () => faulty, faults)
  let faulty!: Runtime<Stanza>
  let messaging!: InstantMessaging
  let isRecovering = false
  const runtime = createRuntime<Stanza>({
    config: { ...defaultConfig, hibernationTime, offlineStorage: true, queueStorage: true },
    sizeOf: ({ xml }) => Buffer.byteLength(xml),
    ports: {
      transport: transportTo(happens, faults),
      timers: host.timers,
      turns: host.turns,
      clock: host.clock,
      journal,
      bus: { publish: () => {} },
    },
    application: made => {
      faulty = fault?.runtime?.(made, host.turns.atEnd) ?? made
      messaging = createInstantMessaging({
        ...standing,
        records: fault?.records?.(journal.records) ?? journal.records,
        oldSessions: journal.oldSessions,
        runtime: faulty,
        rosters,
        accountExists: jid => accounts.includes(jid),
        clock: host.clock,
        freshId,
        later: (milliseconds, callback) => host.timers.arm(freshId(), after(host.clock, milliseconds), callback),
        observer: { observes: () => true, observe: ({ before }) => void seen.set(before.jid, before) },
        log: { debug: () => {}, warn: (fields, message) => faults.push([message, fields]) },
      })
      messaging = fault?.messaging?.(messaging, () => isRecovering) ?? messaging
      return messaging
    },
    observe: ({ account, event }) => {
      if (event._tag === 'StanzaSubmitted') submitted(account, event.resource, event.stanza.xml)
    },
    onFault: error => faults.push(error),
    onStall: error => faults.push(error),
    onRecovery: () => {},
  })
  const recover = (): void => {
    isRecovering = true
    const { undecodable } = runtime.recover()
    isRecovering = false
    if (undecodable.size > 0) faults.push(['accounts are set aside', ...undecodable])
    host.settle()
  }
  const known = (account: string): ImAccount => {
    takeNothing(messaging, account)
    const state = seen.get(account)
    if (state === undefined) throw new Error(`no step of ${account} was seen`)
    return state
  }
  return { ...actions(runtime, rosters, host), recover, known, journal, runtime, faults }
}

const actions = (runtime: Runtime<Stanza>, rosters: RosterStore, host: VirtualHost) => ({
  dispatch: (account: string, event: Event<Stanza>) => {
    runtime.dispatch(account, event)
    host.settle()
  },
  advance: host.advance,
  now: host.clock.now,
  befriend: (one: string, other: string) => {
    befriend(rosters, one, other)
    host.settle()
  },
})

/** What is the same in all lives. */
const standing = {
  offline: offlineMemory<Stanza>({ sizeOf: ({ xml }) => xml.length }),
  domains: ['a.example'],
  offlineStorage: () => true,
  quotas: () => defaultServerConfig.limits,
  unsent: () => 0,
  version: '1',
}

const rostersOver = (
  { records }: Journal<Stanza>,
  runtime: () => Runtime<Stanza>,
  faults: Array<unknown>,
): RosterStore =>
  openRosters({
    records,
    runtime: {
      change: change => runtime().change(change),
      whenRecorded: (account, callback) => runtime().whenRecorded(account, callback),
    },
    onBadRecord: (_, reason) => faults.push(reason),
    now: () => 1,
  })

/** The disk as earlier lives left it; what is committed now is durable at once. */
const openJournal = (durable: ReadonlyArray<Batch>, happens: (happened: Happened) => void): Journal<Stanza> => {
  const disk = createSimulatedDisk<Stanza>()
  const { journal } = disk.open()
  const write = (batch: Batch): void => {
    void journal.commit(batch)
    disk.sync()
  }
  durable.forEach(write)
  return {
    ...journal,
    commit: batch => {
      if (batch.length === 0) return undefined
      write(batch)
      happens({ _tag: 'Committed', batch })
      return undefined
    },
  }
}

const transportTo = (happens: (happened: Happened) => void, faults: Array<unknown>): Transport<Stanza> => ({
  sendStanza: (connection, stanza) => happens({ _tag: 'Sent', connection, stanza }),
  sendNonza: (connection, nonza) => happens({ _tag: 'Told', connection, nonza }),
  close: connection => happens({ _tag: 'Closed', connection }),
  drop: connection => happens({ _tag: 'Closed', connection }),
  awaitDrain: () => faults.push('a resumption is so long that it takes pages'),
  adopt: () => {},
  flush: () => {},
})

const befriend = (rosters: RosterStore, one: string, other: string): void => {
  const item = { groups: [], state: 'both', approved: false, listed: true } as const
  rosters.put(one, { ...item, jid: other })
  rosters.put(other, { ...item, jid: one })
}

/** A presence that comes back is nothing to anybody, and yet a step: the observer sees what it met. */
const takeNothing = (messaging: InstantMessaging, account: string): void => {
  const presence = Stanza.fromXml('<presence/>')
  messaging.returnToSender(account, 'nobody', presence, stanzaFacts(presence.element))
}
