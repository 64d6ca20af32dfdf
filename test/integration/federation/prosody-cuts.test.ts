/**
 * Links to a real Prosody that break under traffic, where nothing can be resumed: each message comes or comes back, as
 * configured, and counts are exact where the test decides what arrives.
 */
import { describe, expect, test } from 'vitest'
import { type BesideProsody, besideProsody, domains } from '../../support/federation/beside-prosody.js'
import {
  calm as allIsCalm,
  type Correspondent,
  cutUnderTraffic,
  untilItStands,
} from '../../support/federation/cutting.js'
import { type Counts, createLetters, settled } from '../../support/federation/letters.js'
import { prosodyProgram } from '../../support/federation/prosody.js'
import type { House } from '../../support/house.js'
import type { Xml } from '../../support/xml.js'
import type { XmppClient } from '../../support/xmpp-client.js'
import { chance, comeBack, killAtOnce, seed } from '../ground.js'

const here = prosodyProgram() === undefined ? describe.skip : describe.concurrent
const absent = prosodyProgram() === undefined ? ' (skipped: Prosody is not installed, apt install prosody)' : ''

/** What is lost, doubled or returned twice in no case. */
const nothing: Counts = {
  sent: 0,
  delivered: 0,
  returned: 0,
  both: 0,
  doubled: 0,
  returnedAgain: 0,
  lost: 0,
  conditions: [],
}
const unavailable = { conditions: ['recipient-unavailable'] }

interface Scene extends BesideProsody {
  readonly ours: House
  readonly prosodys: House
  /** Of our server. */
  readonly romeo: XmppClient
  /** Of Prosody. */
  readonly juliet: XmppClient
}

/** Half-open links are noticed, and given up, after a second or two. */
const s2s = { silence_seconds: 1, connect_timeout_seconds: 5, establish_seconds: 20 }

/** Both links stand, and all that went over them is acked. */
const between = (resend: boolean, play: (scene: Scene) => Promise<void>) => () =>
  besideProsody(async beside => {
    const prosodys = await beside.serveProsody()
    const ours = await beside.serveOurs({ config: { smacks_s2s_resend: resend }, s2s })
    const [romeo, juliet] = await Promise.all([ours.managed(ours.person()), prosodys.managed(prosodys.person())])
    await calm(romeo, juliet)
    await play({ ...beside, ours, prosodys, romeo, juliet })
  })

const calm = (romeo: XmppClient, juliet: XmppClient): Promise<void> => allIsCalm(ofOurs(romeo), ofProsody(juliet))
const ofOurs = (client: XmppClient): Correspondent => ({ client, away: domains.prosody })
const ofProsody = (client: XmppClient): Correspondent => ({ client, away: domains.ours })

const bare = (client: XmppClient): string => client.jid.replace(/\/.*/, '')

here(`a half-open link to Prosody${absent}`, () => {
  test(
    'gives back what went into the void, each once',
    between(false, async ({ romeo, juliet, toProsody }) => {
      const letters = createLetters('void')
      letters.send(romeo, juliet.jid, 5)
      await settled([letters], [romeo, juliet])
      await calm(romeo, juliet)
      toProsody.blackhole()
      letters.send(romeo, juliet.jid, 10)
      await settled([letters], [romeo, juliet])
      await untilItStands(ofOurs(romeo), letters)
      letters.send(romeo, juliet.jid, 5)
      await settled([letters], [romeo, juliet])
      expect(letters.counts()).toEqual({ ...nothing, ...unavailable, sent: 20, delivered: 10, returned: 10 })
    }),
  )

  test(
    'sends it again over another link, if that is configured',
    between(true, async ({ romeo, juliet, toProsody }) => {
      const letters = createLetters('void')
      letters.send(romeo, juliet.jid, 5)
      await settled([letters], [romeo, juliet])
      await calm(romeo, juliet)
      toProsody.blackhole()
      letters.send(romeo, juliet.jid, 10)
      await settled([letters], [romeo, juliet])
      await untilItStands(ofOurs(romeo), letters)
      await settled([letters], [romeo, juliet])
      expect(letters.counts()).toEqual({ ...nothing, sent: 15, delivered: 15 })
    }),
  )

  test(
    'whose successor dies too gives back what was sent again, each once',
    between(true, async ({ romeo, juliet, toProsody }) => {
      const letters = createLetters('twice')
      // In the middle of the letters: negotiation takes some 5,000 bytes.
      const successorDied = toProsody.resetNext('toServer', 7_000)
      toProsody.blackhole()
      letters.send(romeo, juliet.jid, 30)
      await successorDied
      await settled([letters], [romeo, juliet])
      await untilItStands(ofOurs(romeo), letters)
      await settled([letters], [romeo, juliet])
      const { delivered, returned, both, ...rest } = letters.counts()
      expect(returned).toBeGreaterThan(0)
      expect(delivered + returned - both).toBe(30)
      expect(rest).toEqual({ sent: 30, doubled: 0, returnedAgain: 0, lost: 0, ...unavailable })
    }),
    60_000,
  )
})

here(`a link to Prosody that is cut at random bytes under traffic${absent}`, () => {
  const common = { rounds: 5, random: chance(seed) }

  test(
    'loses nothing, and gives back what it does not know to have arrived, each once',
    between(false, async scene => {
      const letters = createLetters('cut')
      await cutUnderTraffic({
        ...common,
        line: scene.toProsody,
        from: ofOurs(scene.romeo),
        to: ofProsody(scene.juliet),
        letters,
      })
      const { sent, delivered, returned, both, conditions, ...rest } = letters.counts()
      expect({ seed, ...rest }).toEqual({ seed, doubled: 0, returnedAgain: 0, lost: 0 })
      expect(delivered + returned - both).toBe(sent)
      expect(conditions.filter(it => it !== 'recipient-unavailable')).toEqual([])
    }),
    120_000,
  )

  test(
    'loses and gives back nothing where it is sent again; twice comes only what had arrived',
    between(true, async scene => {
      const letters = createLetters('cut')
      await cutUnderTraffic({
        ...common,
        line: scene.toProsody,
        from: ofOurs(scene.romeo),
        to: ofProsody(scene.juliet),
        letters,
      })
      const { sent, doubled, ...rest } = letters.counts()
      expect({ seed, ...rest }).toEqual({
        seed,
        delivered: sent,
        returned: 0,
        both: 0,
        returnedAgain: 0,
        lost: 0,
        conditions: [],
      })
      expect(doubled).toBeLessThan(sent)
    }),
    120_000,
  )

  test(
    'is told by Prosody what did not arrive here, and here nothing comes twice',
    between(false, async scene => {
      const letters = createLetters('cut')
      await cutUnderTraffic({
        ...common,
        line: scene.toOurs,
        from: ofProsody(scene.juliet),
        to: ofOurs(scene.romeo),
        letters,
      })
      const { sent, delivered, returned, both, conditions, ...rest } = letters.counts()
      expect({ seed, ...rest }).toEqual({ seed, doubled: 0, returnedAgain: 0, lost: 0 })
      expect(delivered + returned - both).toBe(sent)
    }),
    120_000,
  )
})

here(`Prosody killed${absent}`, () => {
  for (const resend of [false, true])
    test(
      `with stanzas that it never read: they ${resend ? 'reach the one that is started after it' : 'come back, each once'}`,
      between(resend, async ({ romeo, juliet, prosodys, serveProsody }) => {
        const letters = createLetters('killed')
        process.kill(prosodys.server.pid, 'SIGSTOP')
        letters.send(romeo, bare(juliet), 10)
        await romeo.untilFence()
        await killAtOnce(prosodys.server)
        const again = await serveProsody()
        const back = await again.bound(again.person())
        letters.saw(await comeBack(back))
        await settled([letters], [romeo, back])
        await untilItStands(ofOurs(romeo), letters)
        await settled([letters], [romeo, back])
        const expected = resend ? { delivered: 10 } : { returned: 10, ...unavailable }
        expect(letters.counts()).toEqual({ ...nothing, sent: 10, ...expected })
      }),
      60_000,
    )

  test(
    'amid traffic and started again: each message comes or comes back, and none comes twice',
    between(false, async ({ romeo, juliet, prosodys, serveProsody }) => {
      const letters = createLetters('amid')
      letters.send(romeo, bare(juliet), 30)
      letters.saw(await firstOf(juliet, 10))
      letters.send(romeo, bare(juliet), 30)
      const dead = killAtOnce(prosodys.server)
      letters.send(romeo, bare(juliet), 30)
      letters.saw(await romeo.untilFence())
      await dead
      letters.saw(await heard(juliet))
      const again = await serveProsody()
      const back = await again.bound(again.person())
      letters.saw(await comeBack(back))
      letters.send(romeo, bare(juliet), 5)
      await untilItStands(ofOurs(romeo), letters)
      await settled([letters], [romeo, back])
      expect(letters.counts()).toMatchObject({ sent: 95, doubled: 0, returnedAgain: 0, lost: 0, ...unavailable })
    }),
    60_000,
  )

  test(
    'for good: what waits for it is returned when its time is over',
    () =>
      besideProsody(async beside => {
        const prosodys = await beside.serveProsody()
        const ours = await beside.serveOurs({
          config: { smacks_s2s_resend: true },
          s2s: { ...s2s, establish_seconds: 2 },
        })
        const [romeo, juliet] = await Promise.all([ours.managed(ours.person()), prosodys.managed(prosodys.person())])
        await calm(romeo, juliet)
        const letters = createLetters('for good')
        process.kill(prosodys.server.pid, 'SIGSTOP')
        letters.send(romeo, bare(juliet), 5)
        await romeo.untilFence()
        await killAtOnce(prosodys.server)
        letters.send(romeo, bare(juliet), 5)
        await settled([letters], [romeo])
        letters.send(romeo, bare(juliet), 5)
        await settled([letters], [romeo])
        const conditions = ['remote-server-timeout']
        expect(letters.counts()).toEqual({ ...nothing, conditions, sent: 15, returned: 15 })
      }),
    60_000,
  )
})

here(`our server killed${absent}`, () => {
  for (const resend of [false, true])
    test(
      `with stanzas that Prosody never got: they ${resend ? 'are sent when it is back' : 'come back then, each once'}`,
      between(resend, async ({ romeo, juliet, ours, serveOurs, toProsody }) => {
        const letters = createLetters('killed')
        toProsody.blackhole()
        letters.send(romeo, juliet.jid, 10)
        // Acked to the client, so that they are the server's.
        expect(await romeo.acked()).toBe(romeo.sent)
        await killAtOnce(ours.server)
        const again = await serveOurs({ config: { smacks_s2s_resend: resend }, s2s })
        const back = await again.resumed(romeo)
        await settled([letters], [back, juliet])
        await untilItStands(ofOurs(back), letters)
        await settled([letters], [back, juliet])
        const expected = resend ? { delivered: 10 } : { returned: 10, ...unavailable }
        expect(letters.counts()).toEqual({ ...nothing, sent: 10, ...expected })
      }),
      60_000,
    )

  test(
    'under traffic from Prosody: what it acked comes, and Prosody returns the rest',
    between(false, async ({ romeo, juliet, ours, serveOurs }) => {
      const letters = createLetters('amid')
      letters.send(juliet, romeo.jid, 30)
      letters.saw(await firstOf(romeo, 10))
      letters.send(juliet, romeo.jid, 30)
      const dead = killAtOnce(ours.server)
      letters.send(juliet, romeo.jid, 30)
      letters.saw(await juliet.untilFence())
      await dead
      letters.saw(await heard(romeo))
      const again = await serveOurs({ s2s })
      const back = await again.resumed(romeo)
      await untilItStands(ofProsody(juliet), letters)
      await settled([letters], [back, juliet])
      expect(letters.counts()).toMatchObject({ sent: 90, doubled: 0, returnedAgain: 0, lost: 0 })
    }),
    60_000,
  )
})

/** The next messages that come, so many. */
const firstOf = async (client: XmppClient, count: number): Promise<ReadonlyArray<Xml>> => {
  const found: Array<Xml> = []
  while (found.length < count) found.push(await client.until('message'))
  return found
}

/** What had come before the line was lost. */
const heard = async (client: XmppClient) =>
  (await client.expectLost()).flatMap(item => (item.kind === 'element' ? [item.element] : []))
