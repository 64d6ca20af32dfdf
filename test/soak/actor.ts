/**
 * Somebody with an account, a client that reads all it gets, and no patience: what the server refuses is no complaint here.
 * A soak is about what the server keeps, not about what it answers.
 */
import type { RunningServer, TestUser } from '../support/server.js'
import { nsSm3, XmppClient } from '../support/xmpp-client.js'

export class Actor {
  readonly jid: string
  private client: XmppClient | undefined
  /** What can be resumed. */
  private former: XmppClient | undefined
  private logins = 0

  constructor(
    private readonly server: RunningServer,
    private readonly user: TestUser,
  ) {
    this.jid = `${user.username}@${server.domain}`
  }

  get isOnline(): boolean {
    return this.client !== undefined
  }

  /** A new session, resumable and available; what the one before left is the server's to settle. */
  async login(resource = `r${this.logins % 3}`): Promise<void> {
    this.leave()
    this.logins += 1
    const client = await this.authenticated()
    await client.bind(resource)
    await client.enable("resume='true' max='10'")
    this.begin(client)
    this.send('<presence/>')
  }

  /** Goes on with the session whose line broke, or begins anew if that is over. */
  async resume(): Promise<void> {
    const { former } = this
    if (former === undefined) return this.login()
    this.former = undefined
    const client = await this.authenticated()
    client.send(`<resume xmlns='${nsSm3}' previd='${former.smId}' h='${former.handled}'/>`)
    const answer = await client.element('the answer to <resume/>')
    if (answer.name !== 'resumed') {
      client.destroy()
      return this.login()
    }
    client.smId = former.smId
    client.handled = former.handled
    this.begin(client)
  }

  /** The line breaks; the session waits. */
  cut(): void {
    this.former = this.client
    this.client = undefined
    this.former?.reset()
  }

  /** The line is half-open for so many milliseconds, and then broken. */
  async stall(milliseconds: number): Promise<void> {
    const { client } = this
    this.client = undefined
    client?.pauseReading()
    await new Promise(resolve => setTimeout(resolve, milliseconds))
    client?.reset()
  }

  leave(): void {
    this.client?.destroy()
    this.client = undefined
    this.former = undefined
  }

  send(xml: string): void {
    this.client?.send(xml)
  }

  private async authenticated(): Promise<XmppClient> {
    const client = await XmppClient.connect({ port: this.server.port, domain: this.server.domain })
    try {
      await client.open()
      await client.authenticate(this.user)
    } catch (error) {
      client.destroy()
      throw error
    }
    return client
  }

  private begin(client: XmppClient): void {
    this.client = client
    client.answersRequests = true
    void readAll(client).then(() => {
      if (this.client === client) this.client = undefined
    })
  }
}

/** Reads until the line is lost, so that nothing piles up here. */
const readAll = async (client: XmppClient): Promise<void> => {
  for (;;) {
    client.chunks.length = 0
    try {
      if ((await client.next()).kind === 'lost') return
    } catch {
      // Nothing came for a while, which is no reason to stop listening.
      if (!client.isThere) return
    }
  }
}
