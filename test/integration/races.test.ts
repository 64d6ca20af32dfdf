/**
 * Things that happen in the same instant: two resumptions, resumption and bytes of the old line, resumption and bind,
 * resumption and the end of hibernation, a stream of messages and fifty cuts. Whoever wins, every message comes
 * exactly once, and in order. `SEED` in the environment repeats a run.
 */
import { afterAll, describe, expect, test } from 'vitest'
import { type House, makeUsers, type Person } from '../support/house.js'
import { type LineProxy, startLineProxy } from '../support/line-proxy.js'
import { missing, target } from '../support/targets.js'
import { at, bodyOf } from '../support/xml.js'
import { nsSm3, type XmppClient } from '../support/xmpp-client.js'
import { bodiesOf, chance, comeBack, eventually, moment, numbers, seed, stages } from './ground.js'

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
const users = makeUsers(40)
const people: ReadonlyArray<Person> = users.map(user => ({ ...user, jid: `${user.username}@localhost` }))
const [romeo, juliet] = people as [Person, Person]
const { play, strike } = stages(users)
afterAll(strike)

const resume = (former: XmppClient): string =>
  `<resume xmlns='${nsSm3}' previd='${former.smId}' h='${former.handled}'/>`
const bind = (resource: string): string =>
  `<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind></iq>`

/** What a client takes from its line. */
type Item = Awaited<ReturnType<XmppClient['next']>>

/** All that comes from now on, as it comes. */
const follow = (client: XmppClient) => {
  const items: Array<Item> = []
  const read = async (): Promise<void> => {
    while (items.at(-1)?.kind !== 'lost') {
      const item = await client.next().catch(() => undefined)
      if (item === undefined) return
      items.push(item)
    }
  }
  void read()
  const elements = () => items.flatMap(item => (item.kind === 'element' ? [item.element] : []))
  return {
    elements,
    bodies: (): ReadonlyArray<string> => elements().flatMap(it => (it.name === 'message' ? [bodyOf(it) ?? ''] : [])),
    isLost: (): boolean => items.at(-1)?.kind === 'lost',
    names: (): ReadonlyArray<string> => elements().map(it => it.name),
  }
}

/** A hibernating session with messages that nobody acked, and its former line. */
const asleep = async (house: House, sender: XmppClient, who: Person, resource: string, count: number) => {
  const client = await house.managed(who, resource)
  client.reset()
  for (const body of numbers(count)) sender.message(client.jid, body)
  await sender.untilFence()
  return client
}

describe.skipIf(skipped !== undefined).concurrent(`in the same instant (SEED=${seed})`, () => {
  test(
    'of two connections that resume one session exactly one keeps it, with every message once',
    play(async ({ serve }) => {
      const house = await serve()
      const sender = await house.online(juliet)
      for (let round = 0; round < 20; round += 1) {
        const former = await asleep(house, sender, romeo, `round-${round}`, 5)
        const lines = await Promise.all([house.returning(former), house.returning(former)])
        const [first, second] = round % 2 === 0 ? lines : [lines[1], lines[0]]
        const seen = [follow(first), follow(second)]
        first.sendRaw(resume(former))
        second.sendRaw(resume(former))
        sender.message(former.jid, 'after')
        await eventually(
          () => seen.some(it => it.isLost()) && seen.some(it => it.bodies().includes('after') && !it.isLost()),
          () => `round ${round}: ${seen.map(it => it.names().join()).join(' | ')}`,
        )
        const [loser] = seen.filter(it => it.isLost())
        const winners = seen.filter(it => !it.isLost())
        expect(winners).toHaveLength(1)
        expect(winners[0]?.names()[0]).toBe('resumed')
        expect(winners[0]?.bodies()).toEqual([...numbers(5), 'after'])
        expect(at(loser?.elements().at(-1), 'conflict'), 'the loser is told').toBeDefined()
        for (const line of lines) line.destroy()
      }
    }),
  )

  test(
    'what the old line still delivers is counted in <resumed/>, or not handled at all',
    play(async ({ serve }) => {
      const house = await serve()
      const friend = await house.online(juliet)
      const heard = follow(friend)
      const random = chance(seed)
      let expected: ReadonlyArray<string> = []
      for (let round = 0; round < 15; round += 1) {
        const old = await house.managed(romeo, `round-${round}`)
        const line = await house.returning(old)
        const base = old.sent
        const said = numbers(60).map(body => `${round}/${body} ${'x'.repeat(random(3_000))}`)
        const at = random(said.length)
        for (const [n, body] of said.entries()) {
          old.message(friend.jid, body)
          if (n === at) line.sendRaw(resume(old))
          if (random(10) === 0) await moment(0)
        }
        const resumed = await line.expect('resumed')
        old.destroy()
        for (const body of said.slice(Number(resumed.attrs.h) - base)) line.message(friend.jid, body)
        expected = [...expected, ...said]
        await eventually(
          () => heard.bodies().length >= expected.length,
          () => `round ${round}: ${heard.bodies().length} of ${expected.length}`,
        )
        line.destroy()
      }
      expect(heard.bodies().map(body => body.split(' ')[0])).toEqual(expected.map(body => body.split(' ')[0]))
    }),
  )

  test(
    'where one line resumes and another binds the resource, the one that is bound gets every message once',
    play(async ({ serve }) => {
      const house = await serve()
      const sender = await house.online(juliet)
      for (let round = 0; round < 20; round += 1) {
        const former = await asleep(house, sender, romeo, 'desk', 5)
        const [one, other] = await Promise.all([house.returning(former), house.returning(former)])
        const loser = follow(one)
        const send = [() => one.sendRaw(resume(former)), () => other.send(bind('desk'))]
        for (const act of round % 2 === 0 ? send : send.reverse()) act()
        expect((await other.expect('iq')).attrs.type).toBe('result')
        expect(bodiesOf(await comeBack(other))).toEqual(numbers(5))
        // Either it came too late, or the session was taken from it.
        await eventually(
          () => loser.isLost() || loser.names().includes('failed'),
          () => `round ${round}: ${loser.names().join()}`,
        )
        await other.close()
        one.destroy()
      }
      expect(await sender.untilFence()).toEqual([])
    }),
  )

  test(
    'where a session is resumed as its hibernation ends, its messages come either way, once',
    play(async ({ serve }) => {
      const house = await serve()
      const sender = await house.online(juliet)
      const outcomes = await Promise.all(
        people.slice(2).map(async (who, n) => {
          const late = chance(seed + n)(60)
          const client = await house.managed(who, 'desk', "resume='true' max='1'")
          const line = await house.returning(client)
          sender.message(client.jid, '0')
          await client.until('message')
          client.ack()
          await client.untilFence()
          client.reset()
          for (const body of ['1', '2', '3']) sender.message(client.jid, body)
          await moment(970 + late)
          line.sendRaw(resume(client))
          const answer = await line.element()
          if (answer.name === 'resumed') {
            expect(bodiesOf(await line.expectMany('message', 3))).toEqual(['1', '2', '3'])
            await line.expectNothing()
          } else {
            expect([answer.name, answer.attrs.h]).toEqual(['failed', String(client.sent)])
            await line.bind('desk')
            expect(bodiesOf(await comeBack(line))).toEqual(['1', '2', '3'])
          }
          return answer.name
        }),
      )
      expect(outcomes).toHaveLength(people.length - 2)
      expect(await sender.untilFence()).toEqual([])
    }),
  )

  test(
    'messages that are sent without pause come once and in order, both ways, through fifty cuts at any byte',
    play(async ({ serve }) => {
      const house = await serve({ config: { smacks_max_queue_size: 100_000 } })
      const proxy = await startLineProxy(house.server)
      try {
        await cutFiftyTimes(house, proxy, chance(seed))
      } finally {
        await proxy.stop()
      }
    }),
    60_000,
  )
})

interface Cut {
  /** It cuts the newest line of the proxy, so there may be none newer. */
  readonly newest: boolean
  /** Ends a line in the middle of things, and resolves with what was seen until then, when the client knows. */
  readonly act: (client: XmppClient) => Promise<ReadonlyArray<Item>>
}

const cutsBy = (
  proxy: LineProxy,
  random: (below: number) => number,
  say: (count: number) => void,
): ReadonlyArray<Cut> => {
  const unseen = (act: (client: XmppClient) => void): Cut => ({
    newest: false,
    act: async client => {
      act(client)
      return []
    },
  })
  return [
    unseen(client => client.reset()),
    unseen(client => client.freeze()),
    unseen(client => {
      client.sendRaw("<message to='nobody@localhost' id='half'><bo")
      client.destroy()
    }),
    {
      newest: true,
      act: client => {
        void proxy.resetAfter('toClient', random(4_000))
        return client.expectLost()
      },
    },
    {
      newest: true,
      act: client => {
        void proxy.resetAfter('toServer', random(1_500))
        say(20)
        return client.expectLost()
      },
    },
  ]
}

const cutFiftyTimes = async (house: House, proxy: LineProxy, random: (below: number) => number): Promise<void> => {
  const friend = await house.online(juliet)
  const heard = follow(friend)
  const join = (): Promise<XmppClient> => house.authenticated(romeo, { port: proxy.port })
  let client = await join()
  await client.bind('desk')
  await client.enable()
  client.send('<presence/>')
  await client.untilFence()
  const base = client.sent

  const said: Array<string> = []
  const say = (count: number): void => {
    for (const body of numbers(count, said.length)) {
      said.push(body)
      client.message(friend.jid, body)
    }
  }
  const got: Array<string> = []
  const take = (items: ReadonlyArray<Item>): void => {
    for (const item of items)
      if (item.kind === 'element' && item.element.name === 'message') got.push(bodyOf(item.element) ?? '')
  }

  let isOver = false
  let pumped = 0
  const pump = (async () => {
    // Chance of its own: how often it runs between two rounds is not in our hands.
    const handful = chance(seed + 1)
    while (!isOver) {
      for (let n = handful(8); n >= 0; n -= 1, pumped += 1) friend.message(client.jid, String(pumped))
      await moment(0)
    }
  })()

  const cuts = cutsBy(proxy, random, say)
  for (let round = 0; round < 50; round += 1) {
    say(random(4))
    for (let n = random(30); n > 0; n -= 1) take([{ kind: 'element', element: await client.until('message') }])
    if (random(3) === 0) client.ack()
    // Half of the time the next line stands ready, so that the resumption comes in the instant of the cut.
    const cut = cuts[random(cuts.length)]
    const ready = random(2) === 0 && cut?.newest === false ? await join() : undefined
    const former = client
    take((await cut?.act(former)) ?? [])
    const next = ready ?? (await join())
    const resumed = await next.resume(former)
    former.destroy()
    client = next
    for (const body of said.slice(Number(resumed.attrs.h) - base)) client.message(friend.jid, body)
  }
  isOver = true
  await pump
  while (got.length < pumped) take([{ kind: 'element', element: await client.until('message') }])
  await client.expectNothing()
  expect(got).toEqual(numbers(pumped))
  await eventually(
    () => heard.bodies().length >= said.length,
    () => `${heard.bodies().length} of ${said.length}`,
  )
  expect(heard.bodies()).toEqual(said)
}
