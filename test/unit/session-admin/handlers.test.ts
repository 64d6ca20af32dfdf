/** What a server answers that is asked of its sessions; what real lines see is in `integration/session-commands.test.ts`. */
import { Stanza } from '@smacks/codec'
import { longestLine } from '@smacks/control'
import {
  type Account,
  defaultConfig,
  type Event,
  emptyAccount,
  type Session,
  type StreamError,
  step,
  type Unacked,
} from '@smacks/core'
import {
  createSessionTimes,
  detailLines,
  rowLines,
  type SessionDetail,
  type SessionRow,
  sessionHandlers,
} from '@smacks/session-admin'
import fc from 'fast-check'
import { isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'

const version = 'urn:xmpp:sm:3'
const at = Date.UTC(2026, 0, 1)
const stanza = Stanza.fromXml('<message><body>Hark, a secret!</body></message>')
const facts = { name: 'message', type: 'chat', id: 'm1', from: 'romeo@example.net/orchard' } as const

const config = { ...defaultConfig, queueStorage: true }
const after = (events: ReadonlyArray<Event<Stanza>>, under = config): Account<Stanza> =>
  events.reduce<Account<Stanza>>((account, event) => step(under)(account, event)[0], emptyAccount)

const phone = { at, resource: 'phone', connection: 'c1' }
const bind: Event<Stanza> = { _tag: 'SessionBound', ...phone }
const enable: Event<Stanza> = { _tag: 'EnableReceived', ...phone, version, resume: true, freshId: 'sm-secret' }
const submit: Event<Stanza> = { _tag: 'StanzaSubmitted', at: at + 1000, resource: 'phone', stanza, facts, size: 50 }
const drop: Event<Stanza> = { _tag: 'ConnectionLost', ...phone, at: at + 5000 }

interface World {
  readonly accounts: ReadonlyMap<string, Account<Stanza>>
  /** What lies in storage, of any session. */
  readonly stored?: ReadonlyArray<Unacked<Stanza>>
  readonly committed?: () => Promise<void>
}

const connection = { remoteAddress: '192.0.2.7', secure: () => true } as never

const worldOf = ({ accounts, stored = [], committed = async () => {} }: World) => {
  const ended: Array<readonly [account: string, error: StreamError, resource: string | undefined]> = []
  const connections = { find: (id: string) => (id === 'c1' ? connection : undefined) }
  const times = createSessionTimes(connections)
  times.observe({ event: bind })
  const handlers = sessionHandlers({
    runtime: {
      account: id => accounts.get(id) ?? emptyAccount,
      accounts: () => accounts.keys(),
      committed,
      endSessions: (...how) => ended.push([how[0], how[1], how[2]]),
    },
    connections,
    times,
    clock: { now: () => at + 61_000 },
    journal: { peek: (_account, _resource, from, count) => stored.slice(from - 1, from - 1 + count) },
    config: () => config,
  })
  const ask = async (verb: string, request: object): Promise<unknown> => {
    const answer = await handlers.find(one => one.verb === verb)?.handle(request)
    if (answer === undefined) throw new Error(`nobody answers ${verb}`)
    return isRight(answer) ? answer.right : answer.left
  }
  return { ask, ended }
}

const one = (events: ReadonlyArray<Event<Stanza>>, stored?: ReadonlyArray<Unacked<Stanza>>) =>
  worldOf({ accounts: new Map([['juliet@example.org', after(events)]]), ...(stored === undefined ? {} : { stored }) })

const juliet = { account: 'juliet@example.org' }
const showing = async (world: ReturnType<typeof one>): Promise<SessionDetail> => {
  const { sessions } = (await world.ask('session show', juliet)) as { readonly sessions: ReadonlyArray<SessionDetail> }
  return sessions[0] as SessionDetail
}

describe('a session', () => {
  test('is told with its connection, and since when it has that', async () => {
    expect(await one([bind]).ask('session list', {})).toEqual({
      sessions: [
        {
          ...juliet,
          resource: 'phone',
          phase: 'unmanaged',
          unacked: 0,
          connection: 'c1',
          transport: 'tls',
          address: '192.0.2.7',
          since: '2026-01-01T00:00:00.000Z',
        },
      ],
    })
  })

  test('that waits is told since when, with the age of what waits longest, in memory or in storage', async () => {
    const waiting = {
      ...juliet,
      resource: 'phone',
      phase: 'hibernating',
      unacked: 2,
      since: '2026-01-01T00:00:05.000Z',
    }
    const events = [bind, enable, submit, drop, { ...submit, at: at + 20_000 }]
    const loaded = after(events, { ...config, queueStorage: false })
    const away = after(events)
    const held: ReadonlyArray<Unacked<Stanza>> = [1000, 20_000].map(later => ({ stanza, facts, at: at + later }))
    expect(away.sessions[0]).not.toEqual(loaded.sessions[0])
    for (const [account, stored] of [
      [loaded, []],
      [away, held],
    ] as const)
      expect(
        await worldOf({ accounts: new Map([['juliet@example.org', account]]), stored }).ask('session list', {}),
      ).toEqual({ sessions: [{ ...waiting, oldestUnackedSeconds: 60 }] })
    // What is there and cannot be read has no age.
    expect(await worldOf({ accounts: new Map([['juliet@example.org', away]]) }).ask('session list', {})).toEqual({
      sessions: [waiting],
    })
  })

  test('is shown with all that is known of it, but neither with what is said nor with its SM-ID', async () => {
    const shown = await showing(one([bind, enable, submit, { _tag: 'ClientInactive', ...phone }]))
    expect(shown).toMatchObject({
      phase: 'active',
      client: 'inactive',
      ackRequested: true,
      resumableSeconds: 600,
      counters: { handled: 0, acked: 0, sent: 1 },
      queue: {
        stanzas: 1,
        inStorage: 0,
        unsent: 0,
        bytes: 50,
        oldest: [{ name: 'message', type: 'chat', id: 'm1', from: facts.from, at: '2026-01-01T00:00:01.000Z' }],
      },
      deadlines: { ackDelay: '2026-01-01T00:00:31.000Z' },
    })
    expect(JSON.stringify(shown)).not.toMatch(/secret/)
  })

  test('is shown in lines, whatever a peer put into its names', async () => {
    const loud: Event<Stanza> = { ...submit, facts: { ...facts, id: `\u009b31m${'x'.repeat(300)}` } }
    const shown = await showing(one([bind, enable, loud]))
    const lines = detailLines(shown, at + 61_000)
    expect(lines[0]).toBe('juliet@example.org/phone')
    expect(lines[1]).toBe('  phase                         active, for 1 min 1 s, since 2026-01-01T00:00:00.000Z')
    expect(lines.some(text => text.includes(`message \\u009b31m${'x'.repeat(196)}… (chat)`))).toBe(true)
    expect(lines.join('')).not.toMatch(/\p{Cc}/u)
    expect(detailLines(await showing(one([bind])), at).join('\n')).toContain('no: what is sent is not acked')
  })
})

describe('a list', () => {
  const names = fc.string({ unit: fc.constantFrom('a', 'b', 'ü', 'Z', '-'), minLength: 1, maxLength: 6 })
  const accountNames = fc.uniqueArray(
    names.map(name => `${name}@example.org`),
    { maxLength: 40 },
  )

  test('has each session once, page by page, in one order', () =>
    fc.assert(
      fc.asyncProperty(accountNames, fc.uniqueArray(names, { maxLength: 25 }), async (ids, resources) => {
        const sessions = resources.map(
          (resource): Session<never> => ({ _tag: 'Unmanaged', resource, connection: 'c2' }),
        )
        const account = { ...emptyAccount, sessions }
        const { ask } = worldOf({ accounts: new Map(ids.map(id => [id, account])) })
        const found: Array<string> = []
        let [after, pages] = [undefined as unknown, 0]
        do {
          const page = (await ask('session list', after === undefined ? {} : { after })) as {
            readonly sessions: ReadonlyArray<SessionRow>
            readonly next?: unknown
          }
          found.push(...page.sessions.map(({ account: id, resource }) => `${id}\n${resource}`))
          after = page.next
          pages += 1
        } while (after !== undefined)
        const all = ids.flatMap(id => resources.map(resource => `${id}\n${resource}`))
        expect([...found].sort()).toEqual([...all].sort())
        expect(pages).toBe(Math.floor(all.length / 200) + 1)
      }),
      { numRuns: 100 },
    ))

  test('has no page that is longer than a line may be, however long the addresses are', async () => {
    const accounts = Array.from({ length: 300 }, (_, index): readonly [string, Account<Stanza>] => [
      `${'\u{1F600}'.repeat(500)}${index}@example.org`,
      { ...emptyAccount, sessions: [{ _tag: 'Unmanaged', resource: '\u{1F600}'.repeat(500), connection: 'c2' }] },
    ])
    const answer = await worldOf({ accounts: new Map(accounts) }).ask('session list', {})
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(longestLine)
    expect(answer).toHaveProperty('next')
  })

  test('of one account has its sessions alone, and what is shown of them fits into a line too', async () => {
    const sessions = after([bind, enable, ...Array.from({ length: 40 }, () => submit)]).sessions
    const many = Array.from({ length: 2_000 }, (_, index) => sessions.map(each => ({ ...each, resource: `r${index}` })))
    const account = { ...emptyAccount, sessions: many.flat() }
    const { ask } = worldOf({ accounts: new Map([...Array(3).keys()].map(id => [`a${id}@example.org`, account])) })
    const only = { account: 'a1@example.org' }
    const first = (await ask('session list', only)) as { readonly sessions: ReadonlyArray<SessionRow> }
    expect(first).toMatchObject({ next: { ...only, resource: first.sessions.at(-1)?.resource } })
    const last = await ask('session list', { ...only, after: { ...only, resource: 'r999' } })
    expect(last).toEqual({ sessions: [] })
    const shown = (await ask('session show', only)) as {
      readonly sessions: ReadonlyArray<object>
      readonly more: number
    }
    expect(shown.sessions.length + shown.more).toBe(2_000)
    expect(Buffer.byteLength(JSON.stringify(shown))).toBeLessThan(longestLine)
  })

  test('is a table for people', () => {
    const row: SessionRow = {
      account: 'a@b',
      resource: 'c',
      phase: 'hibernating',
      unacked: 12,
      oldestUnackedSeconds: 3661,
    }
    expect(rowLines([row, { ...row, since: '2026-01-01T00:00:00.000Z' }], at + 100_000_000)).toEqual([
      'SESSION  PHASE        LINE  ADDRESS  FOR      UNACKED  OLDEST',
      'a@b/c    hibernating  -     -        -        12       1 h 1 min',
      'a@b/c    hibernating  -     -        1 d 3 h  12       1 h 1 min',
    ])
  })
})

describe('the end of sessions', () => {
  test('is what the operator says, for one session or for all of an account, and durable when it is told', async () => {
    const world = one([bind, enable, submit])
    expect(await world.ask('session end', { ...juliet, resource: 'phone', reason: 'enough' })).toMatchObject({
      ended: [{ resource: 'phone', unacked: 1 }],
      near: [],
    })
    await world.ask('session end', juliet)
    expect(world.ended).toEqual([
      [juliet.account, { condition: 'policy-violation', text: 'enough' }, 'phone'],
      [juliet.account, { condition: 'policy-violation', text: expect.stringContaining('operator') }, undefined],
    ])
    const failing = worldOf({
      accounts: new Map([[juliet.account, after([bind])]]),
      committed: () => Promise.reject(new Error('no space left')),
    })
    expect(await failing.ask('session end', juliet)).toBe('what was done could not be stored: no space left')
  })

  test('of one that there is not is none, and names those of its account, or what is spelled like it', async () => {
    const world = one([bind])
    const near = ['juliet@example.org/phone']
    for (const request of [{ ...juliet, resource: 'desk' }, { account: 'juliett@example.org' }]) {
      expect(await world.ask('session end', request)).toEqual({ ended: [], near })
      expect(await world.ask('session show', request)).toEqual({ sessions: [], more: 0, near })
    }
    expect(await world.ask('session end', { account: 'mercutio@example.com' })).toEqual({ ended: [], near: [] })
    expect(world.ended).toEqual([])
  })
})
