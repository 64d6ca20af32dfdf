/** One life of a server: the real loop and the real domain, over a disk that holds what earlier lives made durable. */
import { Stanza, stanzaFacts } from '@smacks/codec'
import { type ConnectionId, defaultConfig, type Event, type Nonza } from '@smacks/core'
import { offlineMemory } from '@smacks/offline-memory'
import { after, type Change, createRuntime, type Journal, type Runtime } from '@smacks/runtime'
import { defaultServerConfig } from '@smacks/server'
import { createSimulatedDisk, createVirtualHost } from '@smacks/testkit'
import { createDomain, type Domain } from '../../../packages/im/src/interpreter.js'
import type { DomainOptions } from '../../../packages/im/src/ports.js'
import { openRosters } from '../../../packages/im/src/roster/roster-records.js'
import type { ImAccount } from '../../../packages/im/src/state.js'

export type Batch = ReadonlyArray<Change<Stanza>>

/** What can be seen of a life from outside, in order. It may end behind each of these. */
export type Happened =
  | { readonly _tag: 'Committed'; readonly batch: Batch }
  | { readonly _tag: 'Sent'; readonly connection: ConnectionId; readonly stanza: Stanza }
  | { readonly _tag: 'Told'; readonly connection: ConnectionId; readonly nonza: Nonza }
  | { readonly _tag: 'Closed'; readonly connection: ConnectionId }

/** Changes what the domain or the loop is given: a planted fault. */
export interface Fault {
  readonly name: string
  readonly records?: (records: DomainOptions['records']) => DomainOptions['records']
  /** What is called at the end of a turn may make another one. */
  readonly runtime?: (runtime: Runtime<Stanza>, atEnd: (callback: () => void) => void) => Runtime<Stanza>
  readonly domain?: (domain: Domain, isRecovering: () => boolean) => Domain
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

export const domains = ['a.example']

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
  const disk = createSimulatedDisk<Stanza>()
  const { journal: inner } = disk.open()
  for (const batch of durable) void inner.commit(batch)
  disk.sync()
  const journal: Journal<Stanza> = {
    ...inner,
    commit: batch => {
      if (batch.length === 0) return undefined
      void inner.commit(batch)
      disk.sync()
      happens({ _tag: 'Committed', batch })
      return undefined
    },
  }
  const faults: Array<unknown> = []
  const seen = new Map<string, ImAccount>()
  const rosters = openRosters({
    records: journal.records,
    runtime: {
      change: change => faulty.change(change),
      whenRecorded: (account, callback) => faulty.whenRecorded(account, callback),
    },
    onBadRecord: (_, reason) => faults.push(reason),
    now: () => 1,
  })
  let faulty!: Runtime<Stanza>
  let domain!: Domain
  let isRecovering = false
  let laters = 0
  const runtime = createRuntime<Stanza>({
    config: { ...defaultConfig, hibernationTime, offlineStorage: true, queueStorage: true },
    sizeOf: ({ xml }) => Buffer.byteLength(xml),
    ports: {
      transport: {
        sendStanza: (connection, stanza) => happens({ _tag: 'Sent', connection, stanza }),
        sendNonza: (connection, nonza) => happens({ _tag: 'Told', connection, nonza }),
        close: connection => happens({ _tag: 'Closed', connection }),
        drop: connection => happens({ _tag: 'Closed', connection }),
        awaitDrain: () => faults.push('a resumption is so long that it takes pages'),
        adopt: () => {},
        flush: () => {},
      },
      timers: host.timers,
      turns: host.turns,
      clock: host.clock,
      journal,
      bus: { publish: () => {} },
    },
    application: made => {
      faulty = fault?.runtime?.(made, host.turns.atEnd) ?? made
      domain = createDomain({
        records: fault?.records?.(journal.records) ?? journal.records,
        oldSessions: journal.oldSessions,
        runtime: faulty,
        offline: offlineMemory<Stanza>({ sizeOf: ({ xml }) => xml.length }),
        rosters,
        accountExists: jid => accounts.includes(jid),
        domains,
        offlineStorage: () => true,
        quotas: () => defaultServerConfig.limits,
        clock: host.clock,
        freshId,
        unsent: () => 0,
        later: (milliseconds, callback) => {
          laters += 1
          host.timers.arm(`later ${laters}`, after(host.clock, milliseconds), callback)
        },
        observer: { observes: () => true, observe: ({ before }) => void seen.set(before.jid, before) },
        log: { debug: () => {}, warn: (fields, message) => faults.push([message, fields]) },
        version: '1',
      })
      domain = fault?.domain?.(domain, () => isRecovering) ?? domain
      return domain
    },
    observe: ({ account, event }) => {
      if (event._tag === 'StanzaSubmitted') submitted(account, event.resource, event.stanza.xml)
    },
    onFault: error => faults.push(error),
    onStall: error => faults.push(error),
    onRecovery: () => {},
  })
  return {
    dispatch: (account, event) => {
      runtime.dispatch(account, event)
      host.settle()
    },
    advance: host.advance,
    now: host.clock.now,
    recover: () => {
      isRecovering = true
      const { undecodable } = runtime.recover()
      isRecovering = false
      if (undecodable.size > 0) faults.push(['accounts are set aside', ...undecodable])
      host.settle()
    },
    known: account => {
      // A presence that comes back is nothing to anybody, and yet a step: the observer sees what it met.
      const presence = Stanza.fromXml('<presence/>')
      domain.returnToSender(account, 'nobody', presence, stanzaFacts(presence.element))
      const known = seen.get(account)
      if (known === undefined) throw new Error(`no step of ${account} was seen`)
      return known
    },
    journal,
    runtime,
    befriend: (one, other) => {
      const item = { groups: [], state: 'both', approved: false, listed: true } as const
      rosters.put(one, { ...item, jid: other })
      rosters.put(other, { ...item, jid: one })
      host.settle()
    },
    faults,
  }
}
