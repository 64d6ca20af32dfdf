/**
 * The other end of a conversation: it numbers what it says, hears what comes, and resumes its session whenever its line
 * is gone, so that whatever is lost or doubled between the two is not its own doing.
 */
import { createOutgoing } from '../chaos/outgoing.js'
import { moment } from '../integration/ground.js'
import { bodyOf, type Xml } from '../support/xml.js'
import { nsSm3, XmppClient } from '../support/xmpp-client.js'
import type { Item } from '../support/xmpp-line.js'

export interface Partner {
  /** The bodies it received so far, in order. */
  readonly received: ReadonlyArray<string>
  /** What should not have happened to it. */
  readonly complaints: ReadonlyArray<string>
  readonly say: (to: string, body: string) => void
  readonly stop: () => void
}

interface Account {
  readonly username: string
  readonly password: string
}

const redialMilliseconds = 100

/** Logs in, with a session that can be resumed; `server.port` is asked for at each connection. */
export const startPartner = async (account: Account, server: { readonly port: number }): Promise<Partner> => {
  const received: Array<string> = []
  const complaints: Array<string> = []
  const outgoing = createOutgoing()
  let client = await logIn(account, server)
  let isUp = true
  let isOver = false

  await client.bind('partner')
  await client.enable()
  client.answersRequests = true

  const send = (xml: string): void => {
    if (isUp) client.send(`${xml}<r xmlns='${nsSm3}'/>`)
  }
  const enqueue = (xml: string): void => {
    outgoing.add({ xml })
    send(xml)
  }
  const acknowledge = (h: string | undefined): void => {
    const complaint = outgoing.acknowledge(Number(h))
    if (complaint !== undefined) complaints.push(complaint)
  }
  const take = (element: Xml): void => {
    const body = element.name === 'message' ? bodyOf(element) : undefined
    if (element.name === 'a') acknowledge(element.attrs.h)
    else if (body !== undefined && element.attrs.type !== 'error') received.push(body)
    else if (element.attrs.type === 'error') complaints.push(`an error came back: ${body}`)
  }

  const comeBack = async (): Promise<void> => {
    const former = client
    while (!isOver && !isUp) {
      await moment(redialMilliseconds)
      const again = await logIn(account, server).catch(() => undefined)
      if (again === undefined) continue
      const resumed = await again.resume(former).catch((error: Error) => error)
      if (resumed instanceof Error) {
        complaints.push(`the partner could not resume: ${resumed.message}`)
        return
      }
      client = again
      client.answersRequests = true
      acknowledge(resumed.attrs.h)
      isUp = true
      for (const { xml } of outgoing.unacked()) send(xml)
    }
  }

  const read = async (): Promise<void> => {
    while (!isOver) {
      // Nothing may come for long; that is no failure.
      const item: Item | undefined = await client.next().catch(() => undefined)
      if (item?.kind === 'element') take(item.element)
      if (item?.kind !== 'lost') continue
      isUp = false
      await comeBack()
      if (!isUp) return
    }
  }

  enqueue('<presence/>')
  const reading = read()
  return {
    received,
    complaints,
    say: (to, body) => enqueue(`<message to='${to}' type='chat' id='${body}'><body>${body}</body></message>`),
    stop: () => {
      isOver = true
      client.destroy()
      void reading
    },
  }
}

const logIn = async (account: Account, server: { readonly port: number }): Promise<XmppClient> => {
  const client = await XmppClient.connect({ port: server.port })
  try {
    await client.reachSasl()
    await client.authenticate(account)
    return client
  } catch (error) {
    client.destroy()
    throw error
  }
}
