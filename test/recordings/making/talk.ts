/** Nothing goes wrong. */
import { couple, type Props, type Scene, say, take } from './scenes.js'

const talk = async ({ house, romeo, juliet }: Props): Promise<void> => {
  const [one, other] = [await house.managed(juliet, 'balcony'), await house.managed(romeo, 'orchard')]
  for (const body of ['hark', 'what light']) {
    await say(other, one.jid, body)
    await take(one, 1)
    one.ack()
    await say(one, other.jid, `${body}?`)
    await take(other, 1)
    other.ack()
  }
  if ((await one.acked()) !== one.sent) throw new Error('the server counts otherwise')
  await one.close()
  await other.close()
}

export const talks: ReadonlyArray<Scene> = [
  { name: 'happy-path', play: talk },
  { name: 'happy-path-redacted', args: ['--redact'], play: talk },
  {
    name: 'happy-path-in-memory',
    config: { durability: 'memory' },
    play: talk,
  },
  {
    name: 'client-state',
    config: { smacks_max_inactive_unacked_stanzas: 3 },
    play: async props => {
      const { receiver, sender } = await couple(props)
      receiver.send("<inactive xmlns='urn:xmpp:csi:0'/>")
      await receiver.untilFence()
      receiver.ack()
      // No ack is asked for until there are more than three.
      await say(sender, receiver.jid, '1', '2', '3', '4', '5')
      await take(receiver, 5)
      receiver.ack()
      receiver.send("<active xmlns='urn:xmpp:csi:0'/>")
      await receiver.untilFence()
      await receiver.close()
    },
  },
]
