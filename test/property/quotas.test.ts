/**
 * Whatever a few accounts, their contacts and another server do, what is held and stored for them stays below a bound that is
 * known beforehand. The real domain and loop, with stores in memory; what is stored is read and measured anew.
 */
import { Stanza } from '@smacks/codec'
import { type Session, toArray } from '@smacks/core'
import { sendersOf } from '@smacks/runtime'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { directedCharacters, presenceBytes } from '../../packages/im/src/limits.js'
import { type Client, type House, openHouse } from '../unit/im/house.js'
import { runs } from './runs.js'

const accounts = ['romeo@a.example', 'juliet@a.example', 'tybalt@b.example']
const resources = ['phone', 'desk', 'tablet']
const queues = { maxQueueBytes: 30_000, maxAccountQueueBytes: 33_000 }
const quotas = { offlineBytesPerUser: 25_000, offlineBytesPerSender: 12_000, contactBytesPerUser: 6_000 }

type Act =
  | { readonly does: 'appear' | 'close' | 'enable' | 'lose' | 'resume'; readonly who: number }
  | { readonly does: 'block' | 'direct' | 'message' | 'put' | 'subscribe'; readonly who: number; readonly size: number }
  | { readonly does: 'from elsewhere'; readonly size: number; readonly kind: number }
  | { readonly does: 'wait'; readonly seconds: number }

const who = fc.nat({ max: accounts.length * resources.length - 1 })
const size = fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 9_000 }) }, { weight: 1, arbitrary: fc.nat({ max: 40 }) })
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ does: fc.constant('message' as const), who, size }) },
  {
    weight: 6,
    arbitrary: fc.record({ does: fc.constantFrom('appear', 'close', 'enable', 'lose', 'resume', 'lose'), who }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constantFrom('block', 'direct', 'put', 'subscribe', 'put'), who, size }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ does: fc.constant('from elsewhere' as const), size, kind: fc.nat({ max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('wait' as const), seconds: fc.constantFrom(1, 700) }) },
)

const text = (length: number): string => 'x'.repeat(length)
const pick = (list: ReadonlyArray<string>, index: number): string => list[index % list.length] ?? ''

/** Who is there, by their places. */
interface Stage {
  readonly house: House
  readonly clients: Map<number, Client>
  serial: number
}

const perform = (stage: Stage, one: Act): void => {
  stage.serial += 1
  const { house, serial } = stage
  if (one.does === 'wait') return house.host.advance(one.seconds * 1000)
  if (one.does === 'from elsewhere') return fromElsewhere(stage, one)
  const account = pick(accounts, one.who)
  const other = pick(accounts, one.who + 1 + (serial % 2))
  const client = stage.clients.get(one.who)
  const present = client ?? house.login(account, pick(resources, Math.floor(one.who / accounts.length)))
  stage.clients.set(one.who, present)
  switch (one.does) {
    case 'appear':
      return present.says(`<presence><status>${text(serial * 500)}</status></presence>`)
    case 'enable':
      return void present.enables()
    case 'lose':
      return present.drops()
    case 'resume':
      return client === undefined ? undefined : present.resumes(0)
    case 'close':
      present.leaves()
      return void stage.clients.delete(one.who)
    case 'message':
      return present.says(`<message to='${other}' type='chat' id='m${serial}'><body>${text(one.size)}</body></message>`)
    case 'direct':
      return present.says(`<presence to='${other}/${text(one.size % 1000)}${serial}'/>`)
    case 'put':
      return present.says(
        `<iq type='set' id='p${serial}'><query xmlns='jabber:iq:roster'><item jid='u${serial % 20}@a.example'><group>g${text(one.size % 1000)}</group></item></query></iq>`,
      )
    case 'block':
      return present.says(
        `<iq type='set' id='b${serial}'><block xmlns='urn:xmpp:blocking'><item jid='${text(one.size % 900)}${serial}@c.example'/></block></iq>`,
      )
    case 'subscribe':
      return present.says(
        `<presence type='${one.size % 2 === 0 ? 'subscribe' : 'subscribed'}' to='${text(one.size % 500)}${serial}@a.example'/>`,
      )
  }
}

const fromElsewhere = (
  { house, serial }: Stage,
  { size, kind }: { readonly size: number; readonly kind: number },
): void => {
  const from = `u${serial % 7}@c.example/x`
  const to = pick(accounts, serial)
  const stanza =
    kind < 2
      ? `<message from='${from}' to='${to}' type='chat'><body>${text(size)}</body></message>`
      : kind === 2
        ? `<presence from='v${serial}@c.example' to='${to}' type='subscribe'><status>${text(size)}</status></presence>`
        : `<presence from='${from}' to='${to}'><status>${text(size)}</status></presence>`
  house.messaging.receive(Stanza.fromXml(stanza))
  house.host.settle()
}

const bytesOf = (stanza: Stanza): number => Buffer.byteLength(stanza.xml)
const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((all, one) => all + one, 0)
const unackedIn = (session: Session<Stanza>): number =>
  'outbound' in session ? sum(toArray(session.outbound.unacked).map(({ stanza }) => bytesOf(stanza))) : 0

/** All that is held and stored of an account, each part below its own bound; the sum. */
const measure = (house: House, account: string): number => {
  const queued = house.runtime.account(account).sessions.map(unackedIn)
  for (const bytes of queued) expect(bytes).toBeLessThanOrEqual(queues.maxQueueBytes)
  expect(sum(queued)).toBeLessThanOrEqual(queues.maxAccountQueueBytes)

  const messages = house.offline.read(account)
  const stored = sum(messages.map(({ stanza }) => bytesOf(stanza)))
  expect(stored).toBeLessThanOrEqual(quotas.offlineBytesPerUser)
  const bySender = new Map<string, number>()
  for (const { stanza, facts } of messages)
    for (const sender of sendersOf(facts)) bySender.set(sender, (bySender.get(sender) ?? 0) + bytesOf(stanza))
  for (const [sender, bytes] of bySender) {
    expect(house.offline.usage(account, sender).size).toBe(bytes)
    if (!sender.endsWith('.example') || sender.includes('@') || sender === 'c.example')
      expect(bytes).toBeLessThanOrEqual(quotas.offlineBytesPerSender)
  }

  const { items } = house.rosters.roster(account)
  const kept = sum(
    [...items.values()].map(({ jid, groups, request = '', name = '' }) =>
      sum([jid, request, name, ...groups].map(part => Buffer.byteLength(part))),
    ),
  )
  const blocked = sum([...house.rosters.blocked(account)].map(jid => jid.length))
  expect(kept + blocked).toBeLessThanOrEqual(house.rosters.bytes(account))
  expect(house.rosters.bytes(account)).toBeLessThanOrEqual(quotas.contactBytesPerUser)

  const presences = [...house.journal.records('presences', account)].map(record => record.text.length)
  for (const bytes of presences) expect(bytes).toBeLessThanOrEqual(presenceBytes + 2 * directedCharacters + 2_000)
  return sum(queued) + stored + kept + blocked + sum(presences)
}

/** Two sessions of each account are there, and resumable. */
const beginning: ReadonlyArray<Act> = accounts
  .flatMap((_, index) => [index, index + accounts.length])
  .flatMap(place => [
    { does: 'enable', who: place },
    { does: 'appear', who: place },
  ])

const boundOf = (sessions: number): number =>
  accounts.length *
  (queues.maxAccountQueueBytes +
    quotas.offlineBytesPerUser +
    quotas.contactBytesPerUser +
    sessions * (presenceBytes + 2 * directedCharacters + 2_000))

test('whatever a few accounts and another server do, what is held and stored for them stays below a known bound', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 20, maxLength: 120, size: 'max' }), acts => {
      const house = openHouse({ accounts, config: { ...queues, requestHold: 0, maxHibernatingSessions: 3 }, quotas })
      const stage: Stage = { house, clients: new Map(), serial: 0 }
      for (const one of [...beginning, ...acts]) {
        perform(stage, one)
        const all = accounts.map(account => measure(house, account))
        expect(sum(all)).toBeLessThanOrEqual(boundOf(resources.length))
      }
    }),
    runs(60),
  )
})
