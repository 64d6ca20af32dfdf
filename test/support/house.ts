/**
 * The house that a black-box case plays in: people with accounts of their own on a server that the cases of a
 * file share, and their connections, which end with the case.
 */
import type { RunningServer, TestUser } from './server.js'
import type { Xml } from './xml.js'
import { type ConnectOptions, XmppClient } from './xmpp-client.js'

export interface Person extends TestUser {
  /** The bare JID. */
  readonly jid: string
}

export interface House {
  readonly server: RunningServer
  /** Somebody who never logged in. */
  readonly person: () => Person
  /** A line, without any stream yet. */
  readonly connect: (options?: Partial<ConnectOptions>) => Promise<XmppClient>
  /** An open stream after STARTTLS, before authentication. */
  readonly encrypted: (options?: Partial<ConnectOptions>) => Promise<XmppClient>
  /** Authenticated, nothing bound. */
  readonly authenticated: (person: Person, options?: Partial<ConnectOptions>) => Promise<XmppClient>
  /** Bound, without presence. */
  readonly bound: (person: Person, resource?: string) => Promise<XmppClient>
  /** Bound and available; what that caused is seen already. */
  readonly online: (person: Person, resource?: string, presence?: string) => Promise<XmppClient>
  /** Bound, with resumable stream management, available; what that caused is seen already. */
  readonly managed: (person: Person, resource?: string, attributes?: string) => Promise<XmppClient>
  /** A new line, authenticated as who was on the former one, before bind. */
  readonly returning: (former: XmppClient) => Promise<XmppClient>
  /** The session of the former line, resumed on a new one. */
  readonly resumed: (former: XmppClient, h?: number) => Promise<XmppClient>
  /** Two people see each other's presence from now on. */
  readonly befriend: (one: Person, other: Person) => Promise<void>
  /** Ends all lines. */
  readonly leave: () => void
}

/** Accounts for the cases of one file. */
export const makeUsers = (count: number): ReadonlyArray<TestUser> =>
  Array.from({ length: count }, (_, index) => ({ username: `user${index + 1}`, password: `secret ${index + 1}` }))

/** `next` hands out the accounts, each once. */
export const openHouse = (server: RunningServer, next: () => TestUser): House => {
  const lines: XmppClient[] = []
  const person = (): Person => {
    const user = next()
    return { ...user, jid: `${user.username}@${server.domain}` }
  }
  const connect = async (options: Partial<ConnectOptions> = {}): Promise<XmppClient> => {
    const line = await XmppClient.connect({ port: server.port, domain: server.domain, ...options })
    lines.push(line)
    return line
  }
  const encrypted = async (options?: Partial<ConnectOptions>): Promise<XmppClient> => {
    const client = await connect(options)
    await client.reachSasl()
    return client
  }
  const authenticated = async (who: TestUser, options?: Partial<ConnectOptions>): Promise<XmppClient> => {
    const client = await encrypted(options)
    await client.authenticate(who)
    return client
  }
  const bound = async (who: Person, resource = 'desk'): Promise<XmppClient> => {
    const client = await authenticated(who)
    await client.bind(resource)
    return client
  }
  const online = async (who: Person, resource?: string, presence = '<presence/>'): Promise<XmppClient> => {
    const client = await bound(who, resource)
    client.send(presence)
    await client.untilFence()
    return client
  }
  const returning = async (former: XmppClient): Promise<XmppClient> => {
    if (former.credentials === undefined) throw new Error('nobody logged in on the former line')
    return authenticated({ ...former.credentials })
  }
  return {
    server,
    person,
    connect,
    encrypted,
    authenticated,
    bound,
    online,
    managed: async (who, resource, attributes) => {
      const client = await bound(who, resource)
      await client.enable(attributes)
      client.send('<presence/>')
      await client.untilFence()
      return client
    },
    returning,
    resumed: async (former, h) => {
      const client = await returning(former)
      await client.resume(former, h)
      return client
    },
    befriend: async (one, other) => {
      const [first, second] = [await online(one, 'befriending'), await online(other, 'befriending')]
      // Only those who asked for their roster hear of subscriptions (RFC 6121 §3).
      for (const client of [first, second])
        await client.ask("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>")
      await invite(first, second, other, one)
      await invite(second, first, one, other)
      await first.close()
      await second.close()
    },
    leave: () => {
      for (const line of lines) line.destroy()
    },
  }
}

const invite = async (asking: XmppClient, asked: XmppClient, other: Person, one: Person): Promise<void> => {
  const isFrom = (who: Person, type: string) => (it: Xml) =>
    it.name === 'presence' && it.attrs.type === type && it.attrs.from === who.jid
  asking.send(`<presence to='${other.jid}' type='subscribe'/>`)
  await asked.until(isFrom(one, 'subscribe'))
  asked.send(`<presence to='${one.jid}' type='subscribed'/>`)
  await asking.until(isFrom(other, 'subscribed'))
  await asked.untilFence()
  await asking.untilFence()
}
