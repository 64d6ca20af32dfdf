/** Each way in which a line ends without the stream's end, and the resumption after it. */
import { moment } from '../../integration/ground.js'
import type { XmppClient } from '../../support/xmpp-client.js'
import { comeBackTo, couple, type Props, type Scene, say, take } from './scenes.js'

/** Two messages unacked when the line goes, two more meanwhile, and all four once, in order, afterwards. */
const around =
  (cut: (receiver: XmppClient, props: Props) => Promise<void> | void) =>
  async (props: Props): Promise<void> => {
    const { receiver, sender } = await couple(props)
    const before = receiver.handled
    await say(sender, receiver.jid, 'before-1', 'before-2')
    await take(receiver, 2)
    await cut(receiver, props)
    await say(sender, receiver.jid, 'meanwhile-1', 'meanwhile-2')
    const line = await comeBackTo(props, receiver, 4, before)
    await say(line, sender.jid, 'thanks')
    await take(sender, 1)
  }

export const cuts: ReadonlyArray<Scene> = [
  { name: 'cut-by-reset', play: around(receiver => receiver.reset()) },
  { name: 'cut-without-close', play: around(receiver => receiver.finish()) },
  {
    name: 'cut-inside-a-stanza-to-the-server',
    play: around((receiver, { romeo }) => receiver.cutIn(`<message to='${romeo.jid}/orchard' id='half'><body>hal`)),
  },
  {
    name: 'cut-inside-a-stanza-to-the-client',
    play: async props => {
      const { house, juliet, proxy } = props
      const receiver = await house.authenticated(juliet, { port: proxy.port })
      await receiver.bind('balcony')
      await receiver.enable()
      const sender = await house.online(props.romeo, 'orchard')
      const cut = proxy.resetAfter('toClient', 100)
      await say(sender, receiver.jid, 'broken-off', 'never-left')
      await cut
      await comeBackTo(props, receiver, 2, 0)
    },
  },
  {
    name: 'half-open-noticed-by-the-client',
    play: around(receiver => receiver.freeze()),
  },
  {
    name: 'half-open-noticed-by-the-server',
    limits: { silence_seconds: 1 },
    play: async props => {
      const { receiver, sender } = await couple(props)
      const before = receiver.handled
      await say(sender, receiver.jid, 'into-the-void')
      receiver.freeze()
      // A second of silence, a question whether it lives, and a second without an answer.
      for (let seconds = 0; seconds < 4; seconds += 1) {
        await moment(1_000)
        sender.sendRaw(' ')
      }
      await comeBackTo(props, receiver, 1, before)
    },
  },
]
