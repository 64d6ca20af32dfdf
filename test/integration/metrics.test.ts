/** What a server that real lines reach counts, as somebody who asks over HTTP reads it: each metric moves when it should. */
import type { ServerOptions } from '@smacks/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { House } from '../support/house.js'
import { startInProcess } from '../support/in-process.js'
import { nsSm3 } from '../support/xmpp-client.js'
import { ask } from '../unit/http/ground.js'
import { type Exposed, parseExposition } from '../unit/metrics/exposed.js'

const endings: Array<() => Promise<void> | void> = []
afterAll(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

let house: House
let port = 0
let isBroken = false

const standBetween: ServerOptions['standBetween'] = journal => ({
  ...journal,
  commit: batch => (isBroken ? Promise.reject(new Error('no space left')) : journal.commit(batch)),
})

beforeAll(async () => {
  const started = await startInProcess(
    {
      level: 'silent',
      options: { smacks_max_queue_size: 5, http: { listen: '127.0.0.1:0' }, smacks_max_ack_delay: 1 },
      standBetween,
    },
    endings,
  )
  house = started.house
  port = Number(started.server.http[0]?.split(':')[1])
})

/** The values that each series had. */
const seen = new Map<string, Set<number>>()

const scrape = async (): Promise<Exposed> => {
  const { status, body } = await ask(port, '/metrics')
  expect(status).toBe(200)
  const exposed = parseExposition(body)
  // What is not there yet has not happened yet.
  const former = seen.size === 0 ? [] : [0]
  for (const [series, value] of exposed.values) seen.set(series, (seen.get(series) ?? new Set(former)).add(value))
  return exposed
}

/** How much more each series has than before, by its name with its labels. */
const since = async (before: Exposed): Promise<(series: string) => number> => {
  const after = await scrape()
  return series => {
    const value = after.values.get(series)
    if (value === undefined) throw new Error(`${series} is not there; there is ${[...after.values.keys()].join(' ')}`)
    return value - (before.values.get(series) ?? 0)
  }
}

describe('the metrics of a server', () => {
  test('stanzas, acks and bytes are counted as they go, and sessions while they stand', async () => {
    const before = await scrape()
    const [one, two] = [house.person(), house.person()]
    const sender = await house.managed(one)
    const receiver = await house.managed(two)
    const begun = await since(before)
    expect(begun('smacks_sessions_started_total')).toBe(2)
    expect(begun('smacks_sessions{peer="client",phase="active"}')).toBe(2)
    expect(begun('smacks_connections{peer="client"}')).toBe(2)
    receiver.ack()
    await receiver.acked()

    const start = await scrape()
    for (const body of ['a', 'b', 'c']) sender.message(receiver.jid, body)
    await receiver.untilFence()
    await sender.untilFence()
    const sent = await since(start)
    // And what asked whether they have come.
    expect(sent('smacks_stanzas_received_total')).toBe(5)
    expect(sent('smacks_stanzas_sent_total')).toBe(5)
    expect(sent('smacks_stanzas_resent_total')).toBe(0)
    expect(sent('smacks_unacked_stanzas{peer="client"}')).toBeGreaterThanOrEqual(3)
    expect(sent('smacks_unacked_bytes{peer="client"}')).toBeGreaterThan(100)
    expect(sent('smacks_ack_requests_total{direction="sent"}')).toBeGreaterThan(0)
    expect(sent('smacks_received_bytes_total{peer="client"}')).toBeGreaterThan(300)
    expect(sent('smacks_sent_bytes_total{peer="client"}')).toBeGreaterThan(300)
    expect(sent('smacks_commit_duration_seconds_count')).toBeGreaterThan(0)
    expect(sent('smacks_commit_duration_seconds_sum')).toBeGreaterThan(0)
    expect(sent('smacks_commit_changes_sum')).toBeGreaterThan(5)

    receiver.ack()
    await receiver.acked()
    const acked = await since(start)
    expect(acked('smacks_acks_total{direction="received"}')).toBeGreaterThan(0)
    expect(acked('smacks_acks_total{direction="sent"}')).toBeGreaterThan(0)
    expect(acked('smacks_ack_requests_total{direction="received"}')).toBeGreaterThan(0)
    expect(acked('smacks_stanza_fates_total{fate="acked"}')).toBeGreaterThanOrEqual(3)
    expect(acked('smacks_ack_latency_seconds_count')).toBeGreaterThan(0)
    expect(acked('smacks_queue_age_seconds_count')).toBeGreaterThan(0)
    await sender.close()
    await receiver.close()
    const ended = await since(before)
    expect(ended('smacks_sessions_ended_total{reason="closed"}')).toBe(2)
    expect(ended('smacks_sessions{peer="client",phase="active"}')).toBe(0)
  }, 60_000)

  test('hibernation, what is spilled then, resumption and its refusal', async () => {
    const before = await scrape()
    const sender = await house.online(house.person())
    const client = await house.managed(house.person(), 'desk', "resume='true' max='300'")
    client.ack()
    await client.acked()
    client.reset()
    await expect.poll(async () => (await since(before))('smacks_sessions{peer="client",phase="hibernating"}')).toBe(1)
    for (let n = 0; n < 3; n += 1) sender.message(client.jid, 'kept')
    await sender.untilFence()
    const away = await since(before)
    expect(away('smacks_hibernations_total')).toBe(1)
    expect(away('smacks_spilled_stanzas{peer="client"}')).toBe(3)
    const stranger = await house.returning(client)
    stranger.send(`<resume xmlns='${nsSm3}' previd='opaque' h='0'/>`)
    await stranger.expect('failed')
    const later = await house.resumed(client)
    await later.untilFence()
    const back = await since(before)
    expect(back('smacks_resumption_refusals_total{condition="item-not-found"}')).toBe(1)
    expect(back('smacks_resumptions_total')).toBe(1)
    expect(back('smacks_stanzas_resent_total')).toBe(3)
    // Not acked, so they are stored.
    await later.close()
    expect((await since(before))('smacks_stanza_fates_total{fate="stored"}')).toBe(3)
    await sender.close()
  }, 60_000)

  test('what is refused, late or broken', async () => {
    const before = await scrape()
    const who = house.person()
    const guesser = await house.encrypted()
    await guesser.sasl({ username: who.username, password: 'wrong' }, 'PLAIN')
    const client = await house.managed(who)
    client.send(`<enable xmlns='${nsSm3}'/>`)
    await client.expect('failed')
    const friend = await house.online(house.person())
    friend.message(client.jid, 'unanswered')
    await expect.poll(async () => (await since(before))('smacks_ack_delays_total'), { timeout: 10_000 }).toBe(1)
    const refused = await since(before)
    expect(refused('smacks_authentication_failures_total{reason="not-authorized"}')).toBe(1)
    expect(refused('smacks_enable_refusals_total{condition="unexpected-request"}')).toBe(1)

    isBroken = true
    friend.message(client.jid, 'waits')
    await expect.poll(async () => (await scrape()).values.get('smacks_journal_stalled')).toBe(1)
    expect((await scrape()).values.get('smacks_ready')).toBe(0)
    isBroken = false
    await expect.poll(async () => (await scrape()).values.get('smacks_journal_stalled'), { timeout: 10_000 }).toBe(0)
    const mended = await since(before)
    expect(mended('smacks_journal_stalls_total')).toBe(1)
    expect(mended('smacks_commit_failures_total')).toBeGreaterThan(0)
    expect((await scrape()).values.get('smacks_ready')).toBe(1)
  }, 60_000)

  test('none of them has stood still', async () => {
    const { families } = await scrape()
    const moved = new Set([...seen].flatMap(([series, values]) => (values.size > 1 ? [familyOf(series)] : [])))
    const still = [...families.keys()].filter(name => name.startsWith('smacks_') && !moved.has(name))
    // The version stays what it is, and of faults there should be none.
    expect(still).toEqual(['smacks_build_info', 'smacks_faults_total'])
  })
})

const familyOf = (series: string): string =>
  series.replace(/\{.*/, '').replace(/^(smacks_(?:commit|queue|ack)_\w+?)_(bucket|sum|count)$/, '$1')
