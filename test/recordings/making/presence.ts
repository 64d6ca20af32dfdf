/** People meet: subscriptions, presence, a roster that changes, and a line that drops meanwhile. */
import { type Props, type Scene, say, take } from './scenes.js'

const meet = async ({ house, romeo, juliet }: Props): Promise<void> => {
  await house.befriend(romeo, juliet)
  const one = await house.managed(juliet, 'balcony')
  await one.ask("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>")
  const other = await house.online(romeo, 'orchard', '<presence><status>in love</status></presence>')
  await one.until(it => it.name === 'presence' && it.attrs.from === `${romeo.jid}/orchard`)
  one.send(
    `<iq type='set' id='name'><query xmlns='jabber:iq:roster'><item jid='${romeo.jid}' name='Montague'/></query></iq>`,
  )
  await one.untilFence()
  await say(other, juliet.jid, 'to-the-bare-jid')
  await take(one, 1)
  one.ack()
  await one.untilFence()
  one.reset()
  other.send(`<presence to='${juliet.jid}' type='unsubscribe'/>`)
  await say(other, juliet.jid, 'while-away')
  const back = await house.resumed(one)
  await back.until('message')
  back.ack()
  await back.untilFence()
  await back.close()
  await other.close()
}

export const presences: ReadonlyArray<Scene> = [
  { name: 'presence-and-roster', play: meet },
  { name: 'presence-and-roster-redacted', args: ['--redact'], play: meet },
]
