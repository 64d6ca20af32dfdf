/** What is counted of steps, compared with what a model knows of the same stanzas. */
import {
  type Account,
  connectionOf,
  defaultConfig,
  type Effect,
  type Event,
  emptyAccount,
  type StanzaFacts,
  step,
} from '@smacks/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Exposed, parseExposition } from './exposed.js'
import { openMetrics } from './ground.js'

const version = 'urn:xmpp:sm:3'
const resource = 'orchard'
const from = 'juliet@localhost/balcony'
const chat: StanzaFacts = { name: 'message', type: 'chat', id: 'm', from, to: `romeo@localhost/${resource}` }
/** Of which each has another fate once its session is gone. */
const kinds: ReadonlyArray<StanzaFacts> = [
  chat,
  { name: 'iq', type: 'get', id: 'q', from },
  { name: 'message', type: 'error', id: 'e', from },
]
const config = { ...defaultConfig, hibernationTime: 10, queueCeiling: 8 }

type Move =
  | 'ack'
  | 'ack some'
  | 'again'
  | 'bind'
  | 'enable'
  | 'enable briefly'
  | 'expire'
  | 'lose'
  | 'receive'
  | 'request'
  | 'resume'
  | 'stop'
  | 'submit'

const some = (move: Move, most: number): fc.Arbitrary<ReadonlyArray<Move>> =>
  fc.nat(most).map(count => Array.from({ length: count }, () => move))

const oneOf = (...choices: ReadonlyArray<ReadonlyArray<Move>>): fc.Arbitrary<ReadonlyArray<Move>> =>
  fc.constantFrom(...choices)

/** A session begins, is given stanzas, acks some, loses its line and comes back, or does not; and whatever else may happen. */
const life = fc
  .tuple(
    oneOf(['bind', 'enable'], ['bind', 'enable briefly'], ['enable']),
    some('submit', 5),
    oneOf([], ['ack'], ['ack some'], ['receive', 'request']),
    some('submit', 5),
    oneOf([], ['lose'], ['again']),
    some('submit', 3),
    oneOf([], ['resume'], ['expire'], ['stop'], ['again', 'resume']),
  )
  .map(parts => parts.flat())

const moves = fc.array(life, { maxLength: 8 }).map(lives => lives.flat())

/** Makes the moves, and has each step observed. Who is not alone has another session, which takes what the first leaves. */
const play = (made: ReadonlyArray<Move>, isAlone = true) => {
  const { metrics, ask } = openMetrics()
  let account: Account<string> = emptyAccount
  let at = 1_000_000
  let line = 0
  let entered = 0
  const effects: Array<Effect<string>> = []
  const session = () => account.sessions.find(one => one.resource === resource)

  const dispatch = (event: Event<string>): void => {
    const before = account
    const [after, caused, ignored] = step(config)(before, event)
    account = after
    effects.push(...caused)
    metrics.observe({ account: 'romeo@localhost', before, event, after, config, effects: caused, ignored })
  }
  const unacked = (): number => {
    const one = session()
    return one === undefined || one._tag === 'Unmanaged' ? 0 : one.outbound.unacked.length
  }
  /** Of those, how many any line carried. */
  const sent = (): number => {
    const one = session()
    return one === undefined || one._tag === 'Unmanaged' ? 0 : unacked() - one.outbound.unsent.count
  }
  const acked = (): number => {
    const one = session()
    return one === undefined || one._tag === 'Unmanaged' ? 0 : one.outbound.acked
  }
  /** That of the session, or of one that was. */
  const connection = (): string => {
    const one = session()
    return (one && connectionOf(one)) ?? `tcp-${line}`
  }
  const fresh = (): string => {
    line += 1
    return `tcp-${line}`
  }
  const smId = (): string => {
    const one = session()
    return one?._tag === 'Hibernating' ? one.resumption.smId : 'unknown'
  }
  const events: Readonly<Record<Move, () => Event<string>>> = {
    bind: () => ({ _tag: 'SessionBound', at, resource, connection: fresh() }),
    enable: () => ({
      _tag: 'EnableReceived',
      at,
      resource,
      connection: connection(),
      version,
      resume: true,
      freshId: `id-${at}`,
    }),
    'enable briefly': () => ({
      _tag: 'EnableReceived',
      at,
      resource,
      connection: connection(),
      version,
      resume: false,
      freshId: `id-${at}`,
    }),
    submit: () => ({
      _tag: 'StanzaSubmitted',
      at,
      resource,
      stanza: 'hark',
      facts: kinds[entered % kinds.length] ?? chat,
    }),
    receive: () => ({ _tag: 'StanzaReceived', at, resource, connection: connection(), stanza: 'but soft' }),
    request: () => ({ _tag: 'RequestReceived', at, resource, connection: connection(), version }),
    ack: () => ({ _tag: 'AckReceived', at, resource, connection: connection(), version, h: acked() + unacked() }),
    'ack some': () => ({
      _tag: 'AckReceived',
      at,
      resource,
      connection: connection(),
      version,
      h: acked() + Math.ceil(unacked() / 2),
    }),
    lose: () => ({ _tag: 'ConnectionLost', at, resource, connection: connection() }),
    resume: () => ({
      _tag: 'ResumeReceived',
      at,
      connection: fresh(),
      version,
      previd: smId(),
      h: acked() + Math.ceil(sent() / 2),
    }),
    again: () => ({ _tag: 'ResumeReceived', at, connection: fresh(), version, previd: 'opaque', h: 0 }),
    expire: () => {
      const one = session()
      const due = one?._tag === 'Hibernating' ? (one.deadlines.hibernation ?? at) : at
      at = Math.max(at, due)
      return { _tag: 'TimerFired', at, resource, timer: 'hibernation', due }
    },
    stop: () => ({ _tag: 'CloseRequested', at, resource }),
  }
  if (!isAlone) dispatch({ _tag: 'SessionBound', at, resource: 'garden', connection: 'tcp-garden' })
  for (const move of made) {
    at += 100
    const isQueued = session() !== undefined && session()?._tag !== 'Unmanaged'
    if (move === 'submit' && !isQueued) continue
    dispatch(events[move]())
    if (move === 'submit') entered += 1
  }
  const read = async (): Promise<Exposed> => parseExposition((await ask()).body)
  return { effects, entered, left: unacked, read }
}

const fatesIn = ({ values }: Exposed): number =>
  [...values].reduce((sum, [series, value]) => sum + (series.startsWith('smacks_stanza_fates_total') ? value : 0), 0)

describe('each stanza that entered a queue', () => {
  test('is still there, or has one fate', async () => {
    await fc.assert(
      fc.asyncProperty(moves, fc.boolean(), async (made, isAlone) => {
        const { entered, left, read } = play(made, isAlone)
        expect(fatesIn(await read()) + left()).toBe(entered)
      }),
    )
  })
})

describe('what is counted', () => {
  test('is what was decided', async () => {
    await fc.assert(
      fc.asyncProperty(moves, async made => {
        const { effects, read } = play(made)
        const { values } = await read()
        const count = (isOne: (effect: Effect<string>) => boolean): number => effects.filter(isOne).length
        const nonza = (tag: string) => count(effect => effect._tag === 'SendNonza' && effect.nonza._tag === tag)
        const ended = (reason: string) => count(effect => effect._tag === 'EndSession' && effect.reason === reason)
        expect(values.get('smacks_stanzas_received_total')).toBe(count(({ _tag }) => _tag === 'Deliver'))
        expect(values.get('smacks_stanzas_sent_total')).toBe(count(({ _tag }) => _tag === 'SendStanza'))
        expect(values.get('smacks_resumptions_total')).toBe(nonza('Resumed'))
        expect(values.get('smacks_acks_total{direction="sent"}')).toBe(nonza('Ack'))
        expect(values.get('smacks_ack_requests_total{direction="sent"}')).toBe(nonza('Request'))
        for (const reason of ['closed', 'evicted', 'expired', 'lost', 'replaced', 'refused'])
          expect(values.get(`smacks_sessions_ended_total{reason="${reason}"}`)).toBe(ended(reason))
      }),
    )
  })

  test('how long an answer took, and how long what it covers had waited', async () => {
    const { read } = play(['bind', 'enable', 'submit', 'submit', 'ack'])
    const { values } = await read()
    // Submitted at 300 and 400, asked at 300, acked at 500.
    expect(values.get('smacks_ack_latency_seconds_count')).toBe(1)
    expect(values.get('smacks_ack_latency_seconds_sum')).toBeCloseTo(0.2)
    expect(values.get('smacks_queue_age_seconds_sum')).toBeCloseTo(0.2)
    expect(values.get('smacks_stanza_fates_total{fate="acked"}')).toBe(2)
    const twice = (await play(['bind', 'enable', 'submit', 'ack', 'submit', 'submit', 'ack some', 'ack']).read()).values
    expect(twice.get('smacks_queue_age_seconds_count')).toBe(3)
    expect(twice.get('smacks_queue_age_seconds_sum')).toBeCloseTo(0.1 + 0.2 + 0.2)
  })

  test('what a void event says counts for nothing', async () => {
    const { values } = await play(['bind', 'enable', 'bind', 'submit', 'lose', 'request', 'ack']).read()
    expect(values.get('smacks_ack_requests_total{direction="received"}')).toBe(0)
    expect(values.get('smacks_acks_total{direction="received"}')).toBe(0)
    expect(values.get('smacks_sessions_started_total')).toBe(2)
  })
})
