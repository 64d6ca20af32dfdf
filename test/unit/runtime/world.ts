/** A world for the loop: ports that write down what is done to them, and a journal that commits when told. */
import { type Config, defaultConfig, type Event, type OldSession, type StanzaFacts } from '@smacks/core'
import {
  type Application,
  type Change,
  ChangeRefused,
  createRuntime,
  type Journal,
  monotonicInstant,
  type PageLimits,
  type Runtime,
  type RuntimeOptions,
  type SessionJournal,
  type Timers,
} from '@smacks/runtime'

export interface World {
  readonly runtime: Runtime<string>
  /** What could be seen outside, and what was handed to the application, in order. */
  readonly log: Array<string>
  /** Batches whose commit is under way, oldest first. */
  readonly commits: Array<{
    readonly batch: ReadonlyArray<Change<string>>
    readonly done: () => void
    readonly fail: () => void
  }>
  readonly timers: Map<string, () => void>
  readonly faults: Array<string>
  /** What the journal refused, and how often by then. */
  readonly stalls: Array<{ readonly error: unknown; readonly attempt: number }>
  /** Changes that the journal can never take, and what became of it. */
  readonly refusals: Array<string>
  /** How often the journal came back. */
  readonly recoveries: { count: number }
  /** Ends the turn of the event loop. */
  readonly endTurn: () => void
  readonly oldSessions: Map<string, ReadonlyArray<OldSession>>
  readonly at: { now: number }
}

export interface WorldOptions {
  readonly config?: Partial<Config>
  /** Whether commits are done at once, or when told, or throw. */
  readonly journal?: 'at once' | 'throwing' | 'when told'
  /** What is called in place of the port. */
  readonly oldSessions?: (account: string) => ReadonlyArray<OldSession>
  /** Sessions outlive the process. */
  readonly sessions?: SessionJournal<string>
  readonly flush?: () => void
  readonly application?: (runtime: Runtime<string>, log: Array<string>) => Partial<Application<string>>
  readonly observe?: RuntimeOptions<string>['observe']
  readonly observes?: RuntimeOptions<string>['observes']
  readonly page?: PageLimits
  readonly settlementPage?: PageLimits
  /** Is told of a batch once it is durable. */
  readonly onDurable?: (batch: ReadonlyArray<Change<string>>) => void
  readonly sizeOf?: (stanza: string) => number
  readonly batchLimit?: number
  readonly visibleLimit?: number
  /** Hears of the end that the loop asks for, in place of `endTurn`. */
  readonly atEnd?: (callback: () => void) => void
  /** Changes that can never be committed. */
  readonly refuses?: (change: Change<string>) => boolean
  readonly onFault?: () => void
  /** A listener of the bus. */
  readonly onBus?: (runtime: Runtime<string>) => void
}

type Told = 'batchLimit' | 'observe' | 'observes' | 'page' | 'settlementPage' | 'sizeOf' | 'visibleLimit'

/** The options of the loop that a test tells. */
const toldOf = (options: WorldOptions): Partial<Pick<RuntimeOptions<string>, Told>> => {
  const { page, settlementPage, batchLimit, visibleLimit, sizeOf, observe, observes } = options
  const all = { page, settlementPage, batchLimit, visibleLimit, sizeOf, observe, observes }
  return Object.fromEntries(Object.entries(all).filter(([, told]) => told !== undefined))
}

export const createWorld = (options: WorldOptions = {}): World => {
  const log: Array<string> = []
  const commits: Array<World['commits'][number]> = []
  const armed = new Map<string, () => void>()
  const ends: Array<() => void> = []
  const faults: Array<string> = []
  const stalls: Array<World['stalls'][number]> = []
  const refusals: Array<string> = []
  const recoveries = { count: 0 }
  const oldSessions = new Map<string, ReadonlyArray<OldSession>>()
  /** `stepped`: how much of `now` is none that passed. */
  const at = { now: 1_000, stepped: 0 }
  const journal: Journal<string> = {
    commit: batch => {
      const bad = batch.find(change => options.refuses?.(change))
      if (bad !== undefined) return Promise.reject(new ChangeRefused(bad, `${bad._tag} cannot be written`))
      if (options.journal === 'throwing') throw new Error('disk on fire')
      if (options.journal !== 'when told' || batch.length === 0) {
        if (batch.length > 0) log.push(`commit ${batch.map(change => change._tag).join(' ')}`)
        options.onDurable?.(batch)
        return undefined
      }
      return new Promise((resolve, reject) => {
        commits.push({
          batch,
          done: () => {
            log.push(`commit ${batch.map(change => change._tag).join(' ')}`)
            options.onDurable?.(batch)
            resolve()
          },
          fail: () => reject(new Error('disk full')),
        })
      })
    },
    oldSessions: options.oldSessions ?? (account => oldSessions.get(account) ?? []),
    records: () => [],
    ...(options.sessions === undefined ? {} : { sessions: options.sessions }),
    close: async () => {},
  }
  const timers: Timers = {
    arm: (key, _, fire) => armed.set(key, fire),
    disarm: key => armed.delete(key),
    stop: () => armed.clear(),
  }
  const runtime: Runtime<string> = createRuntime<string>({
    // No <r/> of ours, so that the log holds only what a test is about.
    config: { ...defaultConfig, maxUnackedStanzas: 100, ...options.config },
    ports: {
      transport: {
        sendStanza: (connection, stanza, _, delayedSince) =>
          log.push(`${connection} < ${stanza}${delayedSince === undefined ? '' : ' again'}`),
        sendNonza: (connection, nonza) => {
          if (connection === 'broken') throw new Error('broken port')
          log.push(`${connection} < ${nonza._tag}`)
        },
        close: (connection, error) =>
          log.push(`${connection} closed${error === undefined ? '' : ` ${error.condition}`}`),
        awaitDrain: connection => log.push(`${connection} is to say when it is drained`),
        drop: connection => log.push(`${connection} dropped`),
        adopt: (connection, account, resource) => log.push(`${connection} belongs to ${account}/${resource}`),
        flush: options.flush ?? (() => log.push('flush')),
      },
      timers,
      turns: { atEnd: options.atEnd ?? (callback => ends.push(callback)) },
      journal,
      bus: {
        publish: event => {
          log.push(`bus ${event._tag}`)
          options.onBus?.(runtime)
        },
      },
      clock: { now: () => at.now, monotonic: () => monotonicInstant(at.now - at.stepped) },
    },
    application: made => ({
      deliver: (_, resource, stanza) => log.push(`${resource} said ${stanza}`),
      returnToSender: (_, resource, stanza) => log.push(`returned ${stanza} of ${resource}`),
      redeliver: (_, resource, stanza) => log.push(`redelivered ${stanza} of ${resource}`),
      sessionEnded: (_, resource, reason) => log.push(`${resource} ended ${reason}`),
      ...options.application?.(made, log),
    }),
    ...toldOf(options),
    onFault: (_, where) => {
      faults.push(where)
      options.onFault?.()
    },
    onStall: (error, attempt) => stalls.push({ error, attempt }),
    onRefused: ({ account, change }, outcome) => refusals.push(`${change._tag} of ${account}: ${outcome}`),
    onRecovery: () => {
      recoveries.count += 1
    },
  })
  const endTurn = (): void => {
    for (const callback of ends.splice(0)) callback()
  }
  return { runtime, log, commits, timers: armed, faults, stalls, refusals, recoveries, endTurn, oldSessions, at }
}

const chat: StanzaFacts = { name: 'message', type: 'chat', to: 'romeo@example.org/orchard' }

/** Events of one connection, in short. */
export const events = (resource = 'orchard', connection = 'c1') => ({
  bound: (): Event<string> => ({ _tag: 'SessionBound', at: 1_000, resource, connection }),
  enable: (freshId = 'sm-1'): Event<string> => ({
    _tag: 'EnableReceived',
    at: 1_000,
    resource,
    connection,
    version: 'urn:xmpp:sm:3',
    resume: true,
    freshId,
  }),
  received: (stanza: string): Event<string> => ({ _tag: 'StanzaReceived', at: 2_000, resource, connection, stanza }),
  submitted: (stanza: string): Event<string> => ({ _tag: 'StanzaSubmitted', at: 2_000, resource, stanza, facts: chat }),
  lost: (): Event<string> => ({ _tag: 'ConnectionLost', at: 3_000, resource, connection }),
  closed: (): Event<string> => ({ _tag: 'StreamClosed', at: 3_000, resource, connection }),
  resume: (previd = 'sm-1', h = 0): Event<string> => ({
    _tag: 'ResumeReceived',
    at: 4_000,
    connection,
    version: 'urn:xmpp:sm:3',
    previd,
    h,
  }),
})
