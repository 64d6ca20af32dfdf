/**
 * What the journal can never write, whoever is to blame for it, costs one account its sessions and nothing else: nobody
 * is stalled, what waited for that account is among its offline messages or comes back, and it may come again at once.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Stanza } from '@smacks/codec'
import { type Change, ChangeRefused, type Journal } from '@smacks/runtime'
import { decodeServerConfig, startServer } from '@smacks/server'
import { isLeft } from 'fp-ts/lib/Either.js'
import { afterEach, describe, expect, test } from 'vitest'
import { createLog } from '../../apps/server/src/log.js'
import { type House, makeUsers, openHouse } from '../support/house.js'
import { freePort, temporaryFolder } from '../support/places.js'
import { run } from '../support/server.js'
import { bodyOf, child } from '../support/xml.js'
import { nsSm3, type XmppClient } from '../support/xmpp-client.js'

type Refuses = (change: Change<Stanza>) => boolean

/** A journal that refuses some changes for good, and does with all others what it does. */
const refusing =
  (refuses: Refuses) =>
  (journal: Journal<Stanza>): Journal<Stanza> => ({
    ...journal,
    commit: batch => {
      const bad = batch.find(refuses)
      return bad === undefined ? journal.commit(batch) : Promise.reject(new ChangeRefused(bad, 'it is too odd'))
    },
  })

const ends: Array<() => unknown> = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const command = fileURLToPath(new URL('../../apps/server/bin/smacks.mjs', import.meta.url))

const serve = async (durability: string, refuses: Refuses) => {
  const folder = temporaryFolder('unwritable')
  ends.push(() => folder.remove())
  const port = await freePort()
  const users = [...makeUsers(5)]
  const toml = join(folder.path, 'smacks.toml')
  writeFileSync(toml, `data = ${JSON.stringify(join(folder.path, 'data'))}\n`)
  writeFileSync(join(folder.path, 'users'), users.map(user => `${jidOf(user)} ${user.password}\n`).join(''))
  await run(process.execPath, [command, 'user', 'import', join(folder.path, 'users'), '--config', toml])
  const decoded = decodeServerConfig({
    data: join(folder.path, 'data'),
    durability,
    c2s: { listen: `127.0.0.1:${port}` },
  })
  if (isLeft(decoded)) throw new Error(decoded.left.join('\n'))
  const written: Array<string> = []
  const log = createLog({ level: 'warn', out: { write: text => written.push(text) > 0 } })
  const server = await startServer({ config: decoded.right, log, standBetween: refusing(refuses) })
  ends.push(() => server.stop())
  const house = openHouse({ port, domain: 'localhost' } as House['server'], () => {
    const user = users.shift()
    if (user === undefined) throw new Error('no more users')
    return user
  })
  ends.push(() => house.leave())
  return { house, log: () => written.join('') }
}

const jidOf = ({ username }: { readonly username: string }) => `${username}@localhost`

const isOfSessions = ({ _tag }: Change<Stanza>): boolean => _tag !== 'PutOffline'

const holds = (change: Change<Stanza>, text: string): boolean => JSON.stringify(change).includes(text)

const odd = 'odd odd odd'

describe('what cannot be written', () => {
  test.each(['process', 'disk'])('ends the sessions of one account and of no other (%s)', async durability => {
    const { house, log } = await serve(
      durability,
      change => change.account === 'user2@localhost' && isOfSessions(change) && holds(change, odd),
    )
    const [sender, victim, honest, friend] = await people(house)
    await chat(honest, friend)
    const before = await sender.acked()
    sender.message(victim.jid, 'before')
    expect(bodyOf(await victim.until('message'))).toBe('before')
    victim.message(sender.jid, 'counted')
    sender.message(victim.jid, odd)
    sender.message(victim.jid, 'after')
    await victim.expectLost()
    const came = [await sender.until('message'), await sender.until('message')]
    expect(came.map(({ attrs }) => attrs.type)).toEqual(['chat', 'error'])
    expect(came.map(({ attrs }) => attrs.id)).toEqual(['counted', odd])
    expect(await sender.acked()).toBe(before + 3)
    await chat(honest, friend)
    const again = await house.returning(victim)
    again.send(`<resume xmlns='${nsSm3}' previd='${victim.smId}' h='0'/>`)
    const failed = await again.expect('failed')
    expect(Number(failed.attrs.h)).toBe(victim.sent)
    await again.bind('desk')
    await again.enable()
    again.send('<presence/>')
    const bodies = (await again.untilFence()).filter(({ name }) => name === 'message').map(bodyOf)
    expect(bodies.filter(body => body !== 'before')).toEqual(['after'])
    sender.message(victim.jid, 'as ever')
    expect(bodyOf(await again.until('message'))).toBe('as ever')
    expect(log().split('something of an account can never be stored').length).toBe(2)
    expect(log()).toContain(jidOf({ username: 'user2' }))
    expect(log()).not.toContain('the journal cannot be written')
  })

  // In memory no session is journalled, and only a message for later can fail.
  test.each(['process', 'disk', 'memory'])('comes back where it cannot be stored for later (%s)', async durability => {
    const { house, log } = await serve(durability, change => change._tag === 'PutOffline' && holds(change, odd))
    const [sender] = await people(house)
    const before = await sender.acked()
    sender.message('user5@localhost', odd)
    const error = await sender.until(it => it.name === 'message' && it.attrs.type === 'error')
    expect(child(error, 'error')).toBeDefined()
    expect(error.attrs.from).toBe('user5@localhost')
    expect(await sender.acked()).toBe(before + 1)
    expect(log()).toContain('the message went back to its sender')
  })
})

const people = async (house: House): Promise<[XmppClient, XmppClient, XmppClient, XmppClient]> => {
  const clients: Array<XmppClient> = []
  for (let index = 0; index < 4; index += 1) clients.push(await house.managed(house.person()))
  return clients as [XmppClient, XmppClient, XmppClient, XmppClient]
}

const chat = async (one: XmppClient, other: XmppClient): Promise<void> => {
  for (let n = 0; n < 5; n += 1) {
    one.message(other.jid, `chat ${n}`)
    expect(bodyOf(await other.until('message'))).toBe(`chat ${n}`)
  }
}
