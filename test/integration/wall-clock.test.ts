/**
 * Somebody sets the wall clock by an hour, forward or back: while the server runs, or between its stop and its next start.
 * Sessions wait for as long as they would have waited.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { makeUsers, type Person } from '../support/house.js'
import type { RunningServer } from '../support/server.js'
import { missing, target } from '../support/targets.js'
import { bodyOf, child, type Xml } from '../support/xml.js'
import { nsSm3, type XmppClient } from '../support/xmpp-client.js'
import { killAtOnce, moment, type Stage, smacks, stages } from './ground.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
const users = makeUsers(3)
const [romeo, juliet, nurse] = users.map(user => ({ ...user, jid: `${user.username}@localhost` })) as [
  Person,
  Person,
  Person,
]
const { play, strike } = stages(users)
afterAll(strike)

const hour = 3_600_000
/** A busy machine takes its time to start servers. */
const patience = 90_000
const preload = new URL('../support/wall-clock-preload.mjs', import.meta.url).href

/** The wall clock of the servers of a stage. */
const wallClockOf = (folder: string) => {
  const file = join(folder, 'wall-clock')
  const set = (milliseconds: number): void => writeFileSync(file, String(milliseconds))
  set(0)
  return { set, env: { NODE_OPTIONS: `--import ${preload}`, SMACKS_TEST_WALL_CLOCK: file } }
}

/** Returns when the server's clock is where it should be, as it says itself (XEP-0202). */
const untilSet = async (client: XmppClient, ahead: number): Promise<void> => {
  for (;;) {
    client.send("<iq type='get' id='time' to='localhost'><time xmlns='urn:xmpp:time'/></iq>")
    const answer = await client.until(it => it.name === 'iq' && it.attrs.id === 'time')
    const time = child(answer, 'time', 'urn:xmpp:time')
    const utc = Date.parse(time === undefined ? '' : (child(time, 'utc', 'urn:xmpp:time')?.text ?? ''))
    if (Math.abs(utc - Date.now() - ahead) < hour / 2) return
    await moment(20)
  }
}

const isGone = (jid: string) => (it: Xml) =>
  it.name === 'presence' && it.attrs.from === jid && it.attrs.type === 'unavailable'

const stop = async (server: RunningServer): Promise<void> => expect(await server.terminate()).toBe(0)

/** What the server journalled of its starts. */
const startsOf = async (
  folder: string,
): Promise<ReadonlyArray<{ readonly at: number; readonly lastAlive?: number }>> => {
  const exported = await smacks(folder, 'journal', 'export')
  return exported
    .split('\n')
    .flatMap(line => (line.includes('"ServerRestarted"') ? [JSON.parse(line)] : []))
    .map(({ at, event }) => ({ at, ...event }))
}

describe.skipIf(skipped !== undefined).each([
  ['forward', hour],
  ['back', -hour],
])('the wall clock is set %s by an hour', (_, by) => {
  test(
    'while a session hibernates: contacts see nothing, and it resumes',
    play(async ({ folder, serve }: Stage) => {
      const clock = wallClockOf(folder)
      const house = await serve({ config: { smacks_max_ack_delay: 1 }, env: clock.env })
      await house.befriend(romeo, juliet)
      const watcher = await house.managed(juliet)
      const sleeper = await house.managed(romeo)
      await watcher.untilFence()
      sleeper.destroy()
      await moment(200)
      clock.set(by)
      await untilSet(watcher, by)
      // Timers come and go: the ack of this one is awaited for a second.
      watcher.message(watcher.jid, 'to myself')
      watcher.message(sleeper.jid, 'sleep well')
      await moment(1_500)
      expect((await watcher.untilFence()).filter(isGone(sleeper.jid))).toEqual([])

      const again = await house.resumed(sleeper)
      const message = await again.expect('message')
      expect(bodyOf(message)).toBe('sleep well')
      const stamp = Date.parse(child(message, 'delay', 'urn:xmpp:delay')?.attrs.stamp ?? '')
      expect(Math.abs(stamp - Date.now() - by)).toBeLessThan(60_000)
    }),
    patience,
  )

  test(
    'while a session hibernates that nobody comes back for: it ends in its time',
    play(async ({ folder, serve }: Stage) => {
      const clock = wallClockOf(folder)
      const house = await serve({ config: { smacks_hibernation_time: 3 }, env: clock.env })
      await house.befriend(romeo, juliet)
      const watcher = await house.managed(juliet)
      const sleeper = await house.managed(romeo)
      await watcher.untilFence()
      const lostAt = performance.now()
      sleeper.destroy()
      await moment(100)
      clock.set(by)
      await watcher.until(isGone(sleeper.jid))
      expect(performance.now() - lostAt).toBeGreaterThanOrEqual(2_990)
    }),
    patience,
  )

  test.each([
    ['a SIGTERM', stop],
    ['a kill -9', killAtOnce],
  ])(
    'between %s and the next start: who was connected and who was not resume, with what waits for them',
    async (_, end) =>
      play(async ({ folder, serve }: Stage) => {
        const clock = wallClockOf(folder)
        const house = await serve({ env: clock.env })
        const sender = await house.managed(juliet)
        const sleeper = await house.managed(romeo)
        const connected = await house.managed(nurse)
        sleeper.destroy()
        await moment(200)
        sender.message(sleeper.jid, 'sleep well')
        sender.message(connected.jid, 'hark')
        await sender.untilFence()
        await end(house.server)

        clock.set(by)
        const later = await serve({ env: clock.env })
        const starts = await startsOf(folder)
        for (const { at, lastAlive = 0 } of starts.slice(-1)) {
          expect(Math.abs(at - Date.now() - by)).toBeLessThan(120_000)
          expect(Math.abs(lastAlive - Date.now())).toBeLessThan(120_000)
        }
        expect(starts).not.toEqual([])
        for (const [former, body] of [
          [sleeper, 'sleep well'],
          [connected, 'hark'],
        ] as const) {
          const again = await later.returning(former)
          await again.resume(former, former.handled)
          expect(bodyOf(await again.expect('message'))).toBe(body)
          again.ack()
          await again.expectNothing()
        }
        await later.resumed(sender)
      })(),
    patience,
  )

  test(
    'between stop and start: a session that nobody comes back for ends in its time',
    play(async ({ folder, serve }: Stage) => {
      const clock = wallClockOf(folder)
      const config = { smacks_hibernation_time: 3 }
      const house = await serve({ config, env: clock.env })
      const sleeper = await house.managed(romeo)
      await sleeper.untilFence()
      sleeper.destroy()
      await moment(1_000)
      await stop(house.server)
      clock.set(by)
      const later = await serve({ config, env: clock.env })
      await moment(3_500)
      const again = await later.returning(sleeper)
      again.send(`<resume xmlns='${nsSm3}' previd='${sleeper.smId}' h='${sleeper.handled}'/>`)
      const failed = await again.expect('failed')
      expect(failed.children.map(({ name }) => name)).toContain('item-not-found')
      expect(failed.attrs.h).toBe(String(sleeper.sent))
    }),
    patience,
  )
})
