/** The built server over real TLS sockets, in as few stories as tell whether it works; the many are in `integration/` and `interop/`. */
import { afterAll, expect, test } from 'vitest'
import { bodiesOf, comeBack, killAtOnce, numbers, stages } from '../integration/ground.js'
import { makeUsers } from '../support/house.js'
import { missing, target } from '../support/targets.js'
import { nsSm3, type XmppClient } from '../support/xmpp-client.js'

const users = makeUsers(2)
const [romeo, juliet] = users.map(user => ({ ...user, jid: `${user.username}@localhost` })) as [Person, Person]
type Person = (typeof users)[number] & { readonly jid: string }

const skipped = missing ?? (target === 'smacks' ? undefined : 'of this server only')
const { play, strike } = stages(users)
afterAll(strike)

const write = (from: XmppClient, to: XmppClient, bodies: ReadonlyArray<string>): void => {
  for (const body of bodies) from.message(to.jid, body)
}

/** The bodies of the next messages, so many, in the order in which they come. */
const read = async (client: XmppClient, count: number): Promise<ReadonlyArray<string | undefined>> => {
  const messages = []
  while (messages.length < count) messages.push(await client.until('message'))
  return bodiesOf(messages)
}

test.skipIf(skipped !== undefined)(
  'a client logs in and is heard, its line is cut, its server is killed, and it resumes each time and misses nothing',
  play(async ({ serve }) => {
    const first = await serve()
    const sender = await first.managed(juliet, 'balcony')
    const receiver = await first.managed(romeo, 'orchard')
    write(sender, receiver, numbers(3))
    expect(await read(receiver, 3)).toEqual(numbers(3))

    receiver.reset()
    write(sender, receiver, numbers(3, 3))
    expect(await sender.acked()).toBe(sender.sent)
    const resumed = await first.resumed(receiver)
    expect(await read(resumed, 3)).toEqual(numbers(3, 3))

    resumed.reset()
    write(sender, resumed, numbers(3, 6))
    expect(await sender.acked()).toBe(sender.sent)
    await killAtOnce(first.server)
    const second = await serve()
    const again = await second.resumed(resumed)
    expect(await read(again, 3)).toEqual(numbers(3, 6))
    const senderAgain = await second.resumed(sender)
    write(senderAgain, again, numbers(1, 9))
    expect(await read(again, 1)).toEqual(numbers(1, 9))
    await again.expectNothing()
  }),
)

test.skipIf(skipped !== undefined)(
  'what comes for somebody who is not there waits in storage, and a session that is unknown is not resumed',
  play(async ({ serve }) => {
    const house = await serve()
    const sender = await house.managed(juliet, 'balcony')
    sender.message(romeo.jid, 'for later')
    expect(await sender.acked()).toBe(sender.sent)
    const late = await house.authenticated(romeo)
    late.send(`<resume xmlns='${nsSm3}' previd='of nobody' h='0'/>`)
    expect((await late.expect('failed')).children.map(({ name }) => name)).toEqual(['item-not-found'])
    await late.bind()
    expect(bodiesOf(await comeBack(late))).toEqual(['for later'])
  }),
)
