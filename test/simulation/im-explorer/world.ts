/** A small world: what is on the disk, the clients, and the server that runs. It is made anew for each trace. */
import { Stanza } from '@smacks/codec'
import { beginAnew, type Client, jidOf, newClient, noteSaid, takeNonza, takeStanza } from './client.js'
import { type Batch, beginLife, type Fault, type Happened, hibernationTime, type Life } from './process.js'

export interface Scene {
  readonly name: string
  readonly clients: ReadonlyArray<{ readonly account: string; readonly resource: string; readonly isManaged: boolean }>
  /** These two see each other's presence from the beginning. */
  readonly friends?: readonly [string, string]
  /** What sessions may do, besides coming and going. */
  readonly sayings: (client: Client) => ReadonlyArray<Saying>
  readonly depth: number
}

export interface Saying {
  readonly name: string
  readonly text: string
}

const start = Date.UTC(2026, 0, 1)
const version = 'urn:xmpp:sm:3'

export class World {
  readonly clients: ReadonlyArray<Client>
  life: Life
  /** What was committed so far, in all lives. */
  readonly durable: Array<Batch> = []
  /** What can be seen of the server, as it happened. */
  happened = 0
  private readonly accounts: ReadonlyArray<string>
  private ids = 0
  /** So much may yet happen in this life. */
  private left = Number.POSITIVE_INFINITY

  constructor(
    readonly scene: Scene,
    readonly fault: Fault | undefined,
  ) {
    this.clients = scene.clients.map(({ account, resource, isManaged }) => newClient(account, resource, isManaged))
    this.accounts = [...new Set(scene.clients.map(({ account }) => account))]
    this.life = this.begin(start)
    if (scene.friends !== undefined) this.life.befriend(...scene.friends)
    for (const client of this.clients) this.come(client)
  }

  /** Does it, with a process that dies when so much of what it does has happened: of the rest nothing is seen or durable. */
  dyingAfter(count: number, act: () => void): void {
    this.left = count
    act()
    this.left = 0
  }

  /** The process is gone, and with it all lines; another begins on what is durable. */
  restart(): void {
    const now = this.life.now()
    this.left = Number.POSITIVE_INFINITY
    for (const client of this.clients) {
      client.connection = undefined
      if (client.smId === undefined) beginAnew(client)
    }
    this.life = this.begin(now)
    this.life.recover()
  }

  /** Binds, which ends a session of that name; asks for the roster, and is available. */
  come(client: Client): void {
    beginAnew(client)
    client.connection = this.freshId()
    this.dispatch(client, { _tag: 'SessionBound' })
    if (client.isManaged)
      this.dispatch(client, { _tag: 'EnableReceived', version, resume: true, freshId: this.freshId() })
    this.say(client, `<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>`)
    this.say(client, '<presence><status>1</status></presence>')
  }

  say(client: Client, text: string): void {
    client.said.push(text)
    noteSaid(client, text)
    this.dispatch(client, { _tag: 'StanzaReceived', stanza: Stanza.fromXml(text) })
    this.acknowledge()
  }

  lose(client: Client): void {
    this.dispatch(client, { _tag: 'ConnectionLost' })
    client.connection = undefined
    if (!client.isManaged) beginAnew(client)
    this.acknowledge()
  }

  leave(client: Client): void {
    this.dispatch(client, { _tag: 'StreamClosed' })
    beginAnew(client)
    this.acknowledge()
  }

  /** Resumes; what the server has not handled is said again by `sayAgain`. */
  resume(client: Client): void {
    const { account, smId, handled } = client
    if (smId === undefined) return
    const connection = this.freshId()
    client.connection = connection
    client.waiting = []
    const at = this.life.now()
    this.life.dispatch(account, { _tag: 'ResumeReceived', at, connection, version, previd: smId, h: handled })
    this.acknowledge()
  }

  sayAgain(client: Client): void {
    const { isToSayFrom, said } = client
    client.isToSayFrom = undefined
    if (isToSayFrom === undefined) return
    for (const text of said.splice(isToSayFrom)) this.say(client, text)
  }

  /** As long as sessions may wait, and a little longer. */
  wait(): void {
    this.life.advance(hibernationTime * 1_000 + 1_000)
    for (const client of this.clients) if (client.connection === undefined) beginAnew(client)
    this.acknowledge()
  }

  private begin(now: number): Life {
    return beginLife(
      [...this.durable],
      now,
      this.accounts,
      happened => this.take(happened),
      () => this.freshId(),
      this.fault,
      (account, resource, xml) => this.noteWaiting(account, resource, xml),
    )
  }

  private noteWaiting(account: string, resource: string, xml: string): void {
    const client = this.clients.find(one => one.account === account && one.resource === resource)
    if (client !== undefined && client.connection === undefined) client.waiting.push(xml)
  }

  private take(happened: Happened): void {
    if (this.left <= 0) return
    this.left -= 1
    this.happened += 1
    if (happened._tag === 'Committed') this.durable.push(happened.batch)
    else this.hear(happened)
  }

  private hear(happened: Exclude<Happened, { readonly _tag: 'Committed' }>): void {
    const client = this.clients.find(({ connection }) => connection === happened.connection)
    if (client === undefined) return
    if (happened._tag === 'Sent') takeStanza(client, happened.stanza)
    else if (happened._tag === 'Closed') {
      client.connection = undefined
      if (!client.isManaged) beginAnew(client)
    } else if (takeNonza(client, happened.nonza)) beginAnew(client)
  }

  /** All acks arrive. */
  private acknowledge(): void {
    for (const client of this.clients)
      if (client.isManaged && client.connection !== undefined && client.smId !== undefined)
        this.dispatch(client, { _tag: 'AckReceived', version, h: client.handled })
  }

  private dispatch({ account, resource, connection }: Client, event: Said): void {
    if (connection === undefined) throw new Error('a client without a line says something')
    this.life.dispatch(account, { at: this.life.now(), resource, connection, ...event })
  }

  private freshId(): string {
    this.ids += 1
    return `id${this.ids}`
  }
}

type Said =
  | { readonly _tag: 'AckReceived'; readonly version: typeof version; readonly h: number }
  | { readonly _tag: 'ConnectionLost' | 'SessionBound' | 'StreamClosed' }
  | {
      readonly _tag: 'EnableReceived'
      readonly version: typeof version
      readonly resume: boolean
      readonly freshId: string
    }
  | { readonly _tag: 'StanzaReceived'; readonly stanza: Stanza }

export const nameOf = (client: Client): string => jidOf(client).replace('@a.example', '')
