/** The log of a session's life, of a server that real lines reach: each entry once, with what it is to tell, and no secret in any. */
import { connect } from 'node:net'
import type { LogLevel } from '@smacks/server'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type House, makeUsers, type Person } from '../support/house.js'
import { startInProcess } from '../support/in-process.js'
import type { TestUser } from '../support/server.js'
import { base64, nsSm3, type XmppClient } from '../support/xmpp-client.js'

type Entry = Readonly<Record<string, unknown>> & { readonly msg: string; readonly level: string }

interface Logged {
  readonly house: House
  readonly directTlsPort: number
  /** All that was logged, as it was written. */
  readonly text: () => string
  /** Entries of these names, without their times, in order. */
  readonly entries: (...names: ReadonlyArray<string>) => ReadonlyArray<Entry>
  /** The same, once there are so many; fails if there are more then. */
  readonly first: (count: number, ...names: ReadonlyArray<string>) => Promise<ReadonlyArray<Entry>>
}

const endings: Array<() => Promise<void> | void> = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

const startLogging = async (
  level: LogLevel,
  options: Readonly<Record<string, unknown>> = {},
  limits: Readonly<Record<string, number>> = {},
  people: ReadonlyArray<TestUser> = makeUsers(8),
): Promise<Logged> => {
  const { house, directTlsPort, lines } = await startInProcess({ level, options, limits, people }, endings)
  const entries = (...names: ReadonlyArray<string>): ReadonlyArray<Entry> =>
    lines.map(line => withoutTime(JSON.parse(line))).filter(({ msg }) => names.includes(msg))
  return {
    house,
    directTlsPort,
    text: () => lines.join(''),
    entries,
    first: async (count, ...names) => {
      await vi.waitFor(() => expect(entries(...names).length).toBeGreaterThanOrEqual(count), { timeout: 20_000 })
      expect(entries(...names)).toHaveLength(count)
      return entries(...names)
    },
  }
}

const withoutTime = ({ time: _, ...entry }: Entry & { readonly time: string }): Entry => entry

const address = '127.0.0.1'
const connection = expect.stringMatching(/^tcp-\d+$/)
const info = (msg: string, facts: object) => ({ level: 'info', msg, ...facts })
const settledNothing = { stored: 0, returned: 0, rerouted: 0, discarded: 0 }

/** All of the names in the table of the README that are of a session's life. */
const life = [
  'connected',
  'logged in',
  'authentication failed',
  'bound',
  'enabled',
  'enable refused',
  'hibernating',
  'resumed',
  'resume refused',
  'ack delayed',
  'expired',
  'evicted',
  'replaced',
  'ended',
  'settled',
  'stream error sent',
  'stream error received',
  'TLS handshake failed',
]

/** Online, with stream management, and nothing of it unacked. */
const clean = async (house: House, who: Person, resource = 'desk', attributes?: string): Promise<XmppClient> => {
  const client = await house.managed(who, resource, attributes)
  client.ack()
  await client.acked()
  return client
}

describe('the log of a session', () => {
  test('tells how it began, hibernated, was resumed and was closed', async () => {
    const { house, entries, first } = await startLogging('info')
    const who = house.person()
    const client = await clean(house, who, 'desk', "resume='true' max='300'")
    const friend = await house.online(house.person())
    for (const body of ['one', 'two', 'three']) friend.message(client.jid, body)
    await friend.untilFence()
    const fromFriend = entries(...life).filter(({ account }) => account !== who.jid).length
    client.reset()
    await first(1, 'hibernating')
    const later = await house.resumed(client, client.handled)
    await later.close()
    await first(1, 'settled')
    const session = { address, connection, account: who.jid, resource: 'desk' }
    const own = entries(...life).filter(one => one.account === who.jid)
    expect(own).toEqual([
      info('logged in', { address, connection, account: who.jid, mechanism: 'PLAIN' }),
      info('bound', session),
      info('enabled', { ...session, resumable: true, max: 300 }),
      info('hibernating', {
        ...session,
        unacked: 3,
        since: expect.stringMatching(/^\d{4}-.*Z$/),
        until: expect.stringMatching(/^\d{4}-.*Z$/),
        reason: 'the line dropped',
      }),
      info('logged in', { address, connection, account: who.jid, mechanism: 'PLAIN' }),
      info('resumed', { ...session, away: expect.any(Number), resent: 3 }),
      info('ended', {
        ...session,
        reason: 'the peer closed the stream',
        rule: expect.stringContaining('XEP-0198 §7'),
        unacked: 3,
      }),
      info('settled', { account: who.jid, resource: 'desk', ...settledNothing, stored: 3 }),
    ])
    expect(entries('connected')).toEqual(Array.from({ length: 3 }, () => info('connected', { address, connection })))
    // And nothing of the friend that it was not before.
    expect(entries(...life).filter(({ account }) => account !== who.jid)).toHaveLength(fromFriend + 1)
  }, 60_000)

  test('tells why a session could not be resumed, and whether its SM-ID is known', async () => {
    const { house, first } = await startLogging('info')
    const who = house.person()
    const client = await clean(house, who, 'desk', "resume='true' max='1'")
    client.reset()
    await first(1, 'expired')
    const stranger = await clean(house, house.person())
    stranger.reset()
    await first(2, 'hibernating')
    const again = await house.returning(client)
    for (const [previd, h] of [
      [client.smId, 0],
      ['opaque', 7],
      [stranger.smId, 0],
    ])
      again.send(`<resume xmlns='${nsSm3}' previd='${previd}' h='${h}'/>`)
    for (const _ of [1, 2, 3]) await again.expect('failed')
    const beyond = await house.returning(stranger)
    beyond.send(`<resume xmlns='${nsSm3}' previd='${stranger.smId}' h='4711'/>`)
    await beyond.expect('failed')
    const [ended, unknown, foreign, tooHigh] = await first(4, 'resume refused')
    const refused = { address, connection, account: who.jid, condition: 'item-not-found', rule: expect.any(String) }
    expect(ended).toEqual(info('resume refused', { ...refused, previd: 'of an ended session', h: 0 }))
    expect(unknown).toEqual(info('resume refused', { ...refused, previd: 'unknown', h: 7 }))
    expect(foreign).toEqual(info('resume refused', { ...refused, previd: 'unknown', h: 0 }))
    expect(tooHigh).toMatchObject({
      condition: 'undefined-condition',
      previd: 'of a session',
      resource: 'desk',
      h: 4711,
    })
    expect(tooHigh?.rule).toContain('between what was acked and what was sent')
  }, 60_000)

  test('tells what became of what a session left, whether it expired, was evicted or was replaced', async () => {
    const { house, first } = await startLogging('info', {}, { hibernating_sessions_per_user: 1 })
    const [one, two] = [house.person(), house.person()]
    const friend = await house.online(house.person())
    const brief = await clean(house, one, 'brief', "resume='true' max='1'")
    for (const body of ['a', 'b']) friend.message(brief.jid, body)
    await friend.untilFence()
    brief.reset()
    const [expired] = await first(1, 'expired')
    expect(expired).toEqual(
      info('expired', {
        address,
        account: one.jid,
        resource: 'brief',
        reason: 'hibernation took too long',
        rule: expect.stringContaining('longer than 1 s'),
        unacked: 2,
      }),
    )
    expect(await first(1, 'settled')).toEqual([
      info('settled', { account: one.jid, resource: 'brief', ...settledNothing, stored: 2 }),
    ])
    const [first1, second] = [await clean(house, two, 'first'), await clean(house, two, 'second')]
    first1.reset()
    await first(2, 'hibernating')
    second.reset()
    const [evicted] = await first(1, 'evicted')
    expect(evicted).toMatchObject({
      address,
      account: two.jid,
      resource: 'first',
      reason: 'it held more than is allowed',
    })
    expect(evicted?.rule).toContain('hibernating_sessions_per_user = 1')
    const three = house.person()
    await clean(house, three, 'same')
    await house.bound(three, 'same')
    const [replaced] = await first(1, 'replaced')
    expect(replaced).toMatchObject({
      address,
      account: three.jid,
      resource: 'same',
      reason: 'its resource was bound anew',
    })
    const [conflict] = await first(1, 'stream error sent')
    expect(conflict).toEqual(
      info('stream error sent', { address, connection, account: three.jid, resource: 'same', condition: 'conflict' }),
    )
    expect(replaced?.connection).toBe(conflict?.connection)
  }, 60_000)

  test('tells that an ack is late', async () => {
    const { house, first } = await startLogging('info', { smacks_max_ack_delay: 1 })
    const who = house.person()
    const client = await clean(house, who)
    const friend = await house.online(house.person())
    friend.message(client.jid, 'unanswered')
    const [late] = await first(1, 'ack delayed')
    expect(late).toEqual(info('ack delayed', { address, connection, account: who.jid, resource: 'desk', unacked: 1 }))
  }, 60_000)

  test('tells who was refused, and errors of the stream on both sides, with the address', async () => {
    const { house, first } = await startLogging('info')
    const who = house.person()
    const guesser = await house.encrypted({ from: '127.0.0.77' })
    await guesser.sasl({ username: who.username, password: 'wrong' }, 'PLAIN')
    expect(await first(1, 'authentication failed')).toEqual([
      {
        level: 'warn',
        msg: 'authentication failed',
        ...{ address: '127.0.0.77', reason: 'not-authorized', mechanism: 'PLAIN', account: who.jid },
      },
    ])
    guesser.send("<letter xmlns='urn:example:letter'/>")
    await guesser.expectStreamError('unsupported-stanza-type')
    expect(await first(1, 'stream error sent')).toEqual([
      info('stream error sent', {
        ...{ address: '127.0.0.77', connection, condition: 'unsupported-stanza-type' },
        text: expect.stringContaining('urn:example:letter'),
      }),
    ])
    const client = await clean(house, who)
    client.send("<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>")
    await first(1, 'ended')
    expect(await first(1, 'stream error received')).toEqual([
      info('stream error received', { address, connection, account: who.jid, condition: 'reset' }),
    ])
  }, 60_000)

  test('tells of TLS that did not come about', async () => {
    const { house, directTlsPort, first } = await startLogging('info')
    const socket = connect({ host: address, port: directTlsPort })
    endings.push(() => void socket.destroy())
    socket.on('error', () => {})
    socket.end('GET / HTTP/1.1\r\n\r\n')
    const failed = info('TLS handshake failed', { address, connection, reason: expect.any(String) })
    expect(await first(1, 'TLS handshake failed')).toEqual([failed])
    const client = await house.connect()
    await client.open()
    client.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    await client.expect('proceed')
    client.sendRaw('what is this?')
    expect(await first(2, 'TLS handshake failed')).toEqual([failed, failed])
  }, 60_000)
})

describe('of what is secret', () => {
  test('no level tells anything: neither what stanzas say nor passwords', async () => {
    const password = 'pass-2f6c1d9a'
    const people = makeUsers(8).map(({ username }) => ({ username, password }))
    const { house, text, entries, first } = await startLogging('trace', {}, {}, people)
    const who = house.person()
    const friend = await house.online(house.person())
    let sessions = 0
    await fc.assert(
      fc.asyncProperty(fc.uuid(), fc.uuid(), fc.constantFrom(...breaks), async (body, guess, malformed) => {
        const client = await clean(house, who, 'desk', "resume='true' max='300'")
        const guesser = await house.encrypted()
        await guesser.sasl({ username: who.username, password: guess }, 'PLAIN')
        guesser.send(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${base64(guess)}</auth>`)
        guesser.destroy()
        friend.send(message(client.jid, body))
        friend.send(message('nobody@localhost', body))
        friend.send(message(who.jid, body))
        await friend.untilFence()
        client.reset()
        sessions += 1
        await first(sessions, 'hibernating')
        friend.send(message(client.jid, body))
        const later = await house.resumed(client)
        later.send(message(friend.jid, body))
        await later.untilFence()
        later.sendRaw(malformed(body))
        await later.expectLost()
        expect(entries('resumed')).toHaveLength(sessions)
        for (const needle of [body, guess, password, base64(guess), base64(`\0${who.username}\0${password}`)])
          expect(text()).not.toContain(needle)
      }),
      { numRuns: 8 },
    )
    // What is to be seen at these levels is there.
    expect(entries(...life).length).toBeGreaterThan(8 * 5)
    expect(text()).toContain("send <resumed previd='")
    expect(text()).toMatch(/"level":"trace".*message m-/)
  }, 120_000)
})

const message = (to: string, body: string): string =>
  `<message to='${to}' type='chat' id='m-1'><subject>${body}</subject><body>${body}</body><x xmlns='urn:example:x'>${body}</x></message>`

/** Ways in which an element that says something can be no element. */
const breaks: ReadonlyArray<(body: string) => string> = [
  body => `<message><body>${body}</boy></message>`,
  body => `<message><body>${body} & more</body></message>`,
  body => `<message><body>&${body};</body></message>`,
  body => `<message><body><![CDATA[${body}]]`.concat('></message>'),
  body => `<message><body>${body}\u0001</body></message>`,
  body => `<message><body x='${body}' x='${body}'/></message>`,
  body => `<message><body>${body}<!-- ${body} --></body></message>`,
  body => `<unknown xmlns='urn:example:x'>${body}</unknown>`,
]
