/** What the recordings are of: one scene each, played by raw clients against the running server. */
import type { House, Person } from '../../support/house.js'
import type { LineProxy } from '../../support/line-proxy.js'
import { at } from '../../support/xml.js'
import { nsSm3, type XmppClient } from '../../support/xmpp-client.js'

/** What a scene is played with. */
export interface Props {
  readonly house: House
  readonly romeo: Person
  readonly juliet: Person
  /** A line to the server that can be cut at any byte. */
  readonly proxy: LineProxy
}

export interface Scene {
  /** The name of the file. */
  readonly name: string
  /** Lines of the server's configuration. */
  readonly config?: Readonly<Record<string, unknown>>
  readonly limits?: Readonly<Record<string, number>>
  /** What `serve` is told besides `--record`. */
  readonly args?: ReadonlyArray<string>
  readonly play: (props: Props) => Promise<void>
}

/** Juliet with a session that can be resumed, who acked all so far, and Romeo, who writes to her. */
export const couple = async ({ house, romeo, juliet }: Props, attributes?: string) => {
  const receiver = await house.managed(juliet, 'balcony', attributes)
  receiver.ack()
  return { receiver, sender: await house.online(romeo, 'orchard') }
}

/** Writes messages and waits until the server has taken them. */
export const say = async (sender: XmppClient, to: string, ...bodies: ReadonlyArray<string>): Promise<void> => {
  for (const body of bodies) sender.message(to, body)
  await sender.untilFence()
}

/** Takes so many messages. */
export const take = async (client: XmppClient, count: number): Promise<void> => {
  await client.expectMany('message', count)
}

/** A `<resume/>` that must fail with this condition, on a line that is bound to nothing. */
export const refused = async (line: XmppClient, former: XmppClient, h: number, condition: string): Promise<void> => {
  line.send(`<resume xmlns='${nsSm3}' previd='${former.smId}' h='${h}'/>`)
  const failed = await line.expect('failed')
  if (at(failed, condition) === undefined) throw new Error(`expected ${condition}`)
}

/** The session of the former line on a new one, and all that came again is acked. */
export const comeBackTo = async (
  { house }: Props,
  former: XmppClient,
  count: number,
  h?: number,
): Promise<XmppClient> => {
  const line = await house.resumed(former, h)
  await take(line, count)
  line.ack()
  await line.untilFence()
  return line
}
