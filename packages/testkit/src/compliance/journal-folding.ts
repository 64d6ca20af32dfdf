/** Whatever happens to accounts and whenever snapshots are taken: what is journalled folds into the state they are in. */
import {
  type Account,
  advance,
  type Config,
  defaultConfig,
  type Effect,
  type Event,
  emptyAccount,
  isBehindSettlements,
  isVacant,
  loadFor,
  nextToSettle,
  positionsOf,
  type Resource,
  type Session,
  spilledPositions,
  step,
  toArray,
  type Unacked,
  unload,
} from '@smacks/core'
import { type AccountId, type Change, createFold, type Folded } from '@smacks/runtime'
import * as fc from 'fast-check'
import { type Program, programArbitrary, runProgram } from '../arbitraries.js'
import type { JournalBench, JournalCompliance } from './journal-bench.js'
import { inStore, outcomeOf, reopened, told } from './journal-sessions.js'

/** What is done next: the next event of an account, or something with the journal. */
type Move = number | 'commit' | 'configure' | 'fail' | 'reopen' | 'snapshot' | 'wanted'

const accounts: ReadonlyArray<AccountId> = ['romeo@example.net', 'juliet@example.org', 'romeo@example.network']

const config: Config = { ...defaultConfig, maxQueueSize: 3, queueCeiling: 12, queueStorage: true, maxOldSessions: 2 }

/** What the options change to, in turn. */
const configs: ReadonlyArray<Config> = [
  { ...config, maxQueueSize: 1, maxHibernatingSessions: 1, maxUnackedStanzas: 3 },
  { ...config, maxQueueSize: 6, queueCeiling: 4, maxOldSessions: 0, hibernationTime: 5 },
  config,
]

/** Its sentence begins within the description of the port. */
export const foldingCompliance = <A>(options: JournalCompliance<A>): void => {
  options.it('tells what folds into the states that there are, whatever was done to it', () =>
    fc.assert(
      fc.asyncProperty(
        fc.tuple(...accounts.map(() => programArbitrary())),
        fc.array(moves(), { maxLength: 300 }),
        (...made) => play(options, ...made),
      ),
      { numRuns: options.runs ?? 30 },
    ),
  )
}

const moves = (): fc.Arbitrary<Move> =>
  fc.oneof(
    { weight: 24, arbitrary: fc.nat(accounts.length - 1) },
    { weight: 6, arbitrary: fc.constant<Move>('commit') },
    { weight: 3, arbitrary: fc.constant<Move>('wanted') },
    { weight: 2, arbitrary: fc.constant<Move>('snapshot') },
    { weight: 2, arbitrary: fc.constant<Move>('configure') },
    { weight: 1, arbitrary: fc.constantFrom<Move>('reopen', 'fail') },
  )

const play = async <A>(
  options: JournalCompliance<A>,
  programs: ReadonlyArray<Program>,
  made: ReadonlyArray<Move>,
): Promise<void> => {
  const world = new World(options, await options.create(), programs)
  try {
    for (const move of made) await world.make(move)
    await world.make('reopen')
  } finally {
    await world.end()
  }
}

/** Accounts as a loop would have them, and the journal that it writes. */
class World<A> {
  private readonly events: ReadonlyArray<Array<Event<A>>>
  private readonly states = new Map<AccountId, Account<A>>()
  /** What must be kept, by account, resource and number. */
  private readonly kept = new Map<string, Unacked<A>>()
  /** The options of each account, if they changed. */
  private readonly configs = new Map<AccountId, Config>()
  private changes = 0
  private batch: Array<Change<A>> = []
  private underWay: Array<Promise<void> | undefined> = []
  private snapshots = 0

  constructor(
    private readonly options: JournalCompliance<A>,
    private bench: JournalBench<A>,
    programs: ReadonlyArray<Program>,
  ) {
    const plain: Config = { ...config, queueStorage: false }
    this.events = programs.map(program => runProgram(plain, program).map(({ event }) => this.withPayload(event)))
  }

  async make(move: Move): Promise<void> {
    switch (move) {
      case 'commit':
        return this.commit()
      case 'fail':
        return this.commitInspiteOfFailure()
      case 'configure':
        return this.configure()
      case 'snapshot':
        this.snapshots += 1
        return this.putSnapshot(accounts[this.snapshots % accounts.length])
      case 'wanted':
        for (const account of inStore(this.bench.journal).wanted(2)) this.putSnapshot(account)
        return this.commit()
      case 'reopen':
        return this.reopen()
      default:
        return this.happen(accounts[move] ?? '', this.events[move]?.shift())
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.underWay)
    await this.bench.end?.()
  }

  private configure(): void {
    this.changes += 1
    const id = accounts[this.changes % accounts.length] ?? ''
    // Of an account without sessions, what is journalled next begins with its options.
    if (isVacant(this.stateOf(id))) return
    this.happen(id, {
      _tag: 'ConfigChanged',
      at: this.changes,
      config: configs[this.changes % configs.length] ?? config,
    })
  }

  /** What an ended session leaves is settled now and then, and always before what has to come behind it. */
  private happen(id: AccountId, event: Event<A> | undefined): void {
    if (event === undefined) return
    this.changes += 1
    do this.settlePage(id)
    while (isBehindSettlements(this.stateOf(id), event))
    this.makeStep(id, event)
  }

  private settlePage(id: AccountId): void {
    const next = nextToSettle(
      this.stateOf(id),
      this.changes,
      () => false,
      (...asked) => this.expectedKept(id, ...asked),
    )
    if (next !== undefined) this.makeStep(id, next)
  }

  private makeStep(id: AccountId, event: Event<A>): void {
    const before = this.stateOf(id)
    // As a loop that loads an account anew.
    if (isVacant(before)) this.batch.push({ _tag: 'Baseline', account: id, state: before, config: this.configOf(id) })
    const whole = loadFor(this.configOf(id), before, event, (...asked) => this.expectedKept(id, ...asked))
    const [after, effects] = step(this.configOf(id))(whole, event)
    if (after === whole) return
    if (event._tag === 'ConfigChanged') this.configs.set(id, event.config)
    this.batch.push({ _tag: 'EventLogged', account: id, event })
    this.states.set(id, unload(after))
    for (const effect of effects) this.take(id, effect)
  }

  private take(account: AccountId, effect: Effect<A>): void {
    if (effect._tag === 'KeepUnacked') {
      const { resource, from, unacked } = effect
      this.batch.push({ _tag: 'KeepUnacked', account, resource, from, unacked })
      for (const [index, one] of unacked.entries()) this.kept.set(keyOf(account, resource, advance(from, index)), one)
    }
    if (effect._tag === 'ForgetKept') {
      const { resource, from, count } = effect
      this.batch.push({ _tag: 'ForgetKept', account, resource, from, count })
      for (let index = 0; index < count; index += 1) this.kept.delete(keyOf(account, resource, advance(from, index)))
    }
  }

  private putSnapshot(account: AccountId = ''): void {
    this.batch.push({ _tag: 'PutSnapshot', account, state: this.stateOf(account), config: this.configOf(account) })
  }

  private commit(): void {
    this.underWay.push(this.bench.journal.commit(this.batch))
    this.batch = []
  }

  private async commitInspiteOfFailure(): Promise<void> {
    await this.durable()
    if (this.batch.length === 0) return
    this.bench.failNext?.()
    if ((await outcomeOf(this.bench.journal, this.batch)) === 'rejected') await this.bench.journal.commit(this.batch)
    this.batch = []
  }

  private async reopen(): Promise<void> {
    this.commit()
    await this.durable()
    this.bench = await reopened(this.bench)
    const recovered = this.fold()
    for (const account of accounts) {
      const expected = this.stateOf(account)
      if (!isVacant(expected) || !isVacant(recovered.get(account) ?? emptyAccount))
        this.expectEqual(recovered.get(account), expected)
      this.expectKept(account, expected)
    }
  }

  private async durable(): Promise<void> {
    await Promise.all(this.underWay)
    this.underWay = []
  }

  private fold(): ReadonlyMap<AccountId, Account<A>> {
    // None of the accounts is under these.
    const fold = createFold({ ...defaultConfig, maxQueueSize: 2, maxOldSessions: 1, queueStorage: true })
    const folded = new Map<AccountId, Folded<A>>()
    for (const entry of told(this.bench.journal)) {
      const { account } = entry
      if (entry._tag === 'Undecodable') throw new Error(`${account} does not decode: ${entry.reason}`)
      folded.set(account, fold(folded.get(account), entry))
    }
    return new Map([...folded].map(([account, { state }]) => [account, unload(state)]))
  }

  private expectKept(account: AccountId, state: Account<A>): void {
    for (const session of state.sessions) {
      if (!('outbound' in session) || session.outbound.spilled === 0) continue
      for (const { from, count } of spilledPositions(session.outbound)) {
        const found = inStore(this.bench.journal).kept(account, session.resource, from, count)
        const expected = this.expectedKept(account, session.resource, from, count)
        this.options.expect(found.map(one => this.shown(one))).toEqual(expected.map(one => this.shown(one)))
      }
    }
    for (const { session, settled } of (state.settlements ?? []).flatMap(({ ended }) => ended)) {
      if (!('outbound' in session)) continue
      const left = Math.max(0, session.outbound.spilled - settled)
      for (const { from, count } of positionsOf(session.outbound, settled, left)) {
        const found = inStore(this.bench.journal).kept(account, session.resource, from, count)
        const expected = this.expectedKept(account, session.resource, from, count)
        this.options.expect(found.map(one => this.shown(one))).toEqual(expected.map(one => this.shown(one)))
      }
    }
  }

  private expectEqual(found: Account<A> | undefined, expected: Account<A>): void {
    this.options.expect(found === undefined ? found : this.plain(found)).toEqual(this.plain(expected))
  }

  /** Queues that hold the same may look different. */
  private plain({ sessions, settlements = [], ...rest }: Account<A>): unknown {
    return {
      ...rest,
      sessions: sessions.map(session => this.plainSession(session)),
      settlements: settlements.map(({ isLast, ended }) => ({
        isLast,
        ended: ended.map(one => ({ ...one, session: this.plainSession(one.session) })),
      })),
    }
  }

  private plainSession(session: Session<A>): unknown {
    if (!('outbound' in session)) return session
    const { unacked } = session.outbound
    const here = toArray(unacked).map(one => this.shown(one))
    return {
      ...session,
      outbound: { ...session.outbound, unacked: { unloaded: unacked.unloaded, length: unacked.length, here } },
    }
  }

  private shown({ stanza, ...rest }: Unacked<A>): unknown {
    return { ...rest, stanza: this.options.text(stanza) }
  }

  private expectedKept(account: AccountId, resource: Resource, from: number, count: number): ReadonlyArray<Unacked<A>> {
    return Array.from({ length: count }, (_, index) => {
      const one = this.kept.get(keyOf(account, resource, advance(from, index)))
      if (one === undefined) throw new Error(`stanza ${advance(from, index)} of ${account}/${resource} was never kept`)
      return one
    })
  }

  private configOf(account: AccountId): Config {
    return this.configs.get(account) ?? config
  }

  private stateOf(account: AccountId): Account<A> {
    return this.states.get(account) ?? emptyAccount
  }

  private withPayload(event: Event<string>): Event<A> {
    switch (event._tag) {
      case 'StanzaReceived':
      case 'StanzaSubmitted':
        return { ...event, stanza: this.options.stanza(event.stanza) }
      case 'MessageSubmitted':
        return {
          ...event,
          recipients: event.recipients.map(one => ({ ...one, stanza: this.options.stanza(one.stanza) })),
        }
      default:
        return event
    }
  }
}

const keyOf = (...parts: ReadonlyArray<number | string>): string => JSON.stringify(parts)
