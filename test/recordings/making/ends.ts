/** How sessions end, and what becomes of what waited in them; and the limits of what may wait. */
import { moment } from '../../integration/ground.js'
import { couple, type Props, refused, type Scene, say, take } from './scenes.js'

/** Longer than the time of hibernation of these scenes. */
const overdue = 1_400

const timesOut = async (props: Props): Promise<void> => {
  const { receiver, sender } = await couple(props)
  await say(sender, receiver.jid, 'seen-but-not-acked')
  await take(receiver, 1)
  receiver.reset()
  await say(sender, receiver.jid, 'never-seen')
  sender.send(`<iq type='get' id='ping-1' to='${receiver.jid}'><ping xmlns='urn:xmpp:ping'/></iq>`)
  await moment(overdue)
  await sender.untilFence()
}

export const ends: ReadonlyArray<Scene> = [
  { name: 'timeout-with-offline-storage', config: { smacks_hibernation_time: 1 }, play: timesOut },
  {
    name: 'timeout-without-offline-storage',
    config: { smacks_hibernation_time: 1, offline_storage: false },
    play: timesOut,
  },
  {
    name: 'timeout-after-what-the-client-asked-for',
    play: async props => {
      const { receiver, sender } = await couple(props, "resume='true' max='1'")
      receiver.reset()
      await say(sender, receiver.jid, 'stored-soon')
      await moment(overdue)
      await sender.untilFence()
    },
  },
  {
    name: 'timeout-of-one-of-two-sessions',
    config: { smacks_hibernation_time: 1 },
    play: async props => {
      const { receiver, sender } = await couple(props)
      await props.house.managed(props.juliet, 'chamber')
      receiver.reset()
      await say(sender, receiver.jid, 'for-the-balcony')
      await moment(overdue)
      await sender.untilFence()
    },
  },
  {
    name: 'overflow-refused-until-h-says-enough',
    config: { smacks_max_queue_size: 4 },
    play: async props => {
      const { house } = props
      const { receiver, sender } = await couple(props)
      const before = receiver.handled
      await say(sender, receiver.jid, '1', '2', '3', '4', '5', '6')
      await take(receiver, 6)
      receiver.reset()
      const line = await house.returning(receiver)
      await refused(line, receiver, before, 'resource-constraint')
      await line.resume(receiver, before + 3)
      await take(line, 3)
      line.ack()
      await line.untilFence()
    },
  },
  {
    name: 'overflow-while-the-line-is-down',
    config: { smacks_max_queue_size: 2, smacks_hibernation_time: 1 },
    play: async props => {
      const { receiver, sender } = await couple(props)
      receiver.reset()
      await say(sender, receiver.jid, '1', '2', '3')
      await refused(await props.house.returning(receiver), receiver, receiver.handled, 'resource-constraint')
      await moment(overdue)
      await sender.untilFence()
    },
  },
  {
    name: 'closed-cleanly',
    play: async props => {
      const { receiver, sender } = await couple(props)
      await say(sender, receiver.jid, 'acked')
      await take(receiver, 1)
      receiver.ack()
      await say(sender, receiver.jid, 'not-acked')
      await take(receiver, 1)
      await receiver.close()
      await sender.untilFence()
    },
  },
  {
    name: 'acked-more-than-was-sent',
    play: async props => {
      const { receiver, sender } = await couple(props)
      const before = receiver.handled
      await say(sender, receiver.jid, 'kept')
      receiver.ack(before + 100)
      await receiver.until('error')
      const line = await props.house.bound(props.juliet, 'chamber')
      line.send('<presence/>')
      await line.until('message')
      await sender.untilFence()
    },
  },
  {
    name: 'server-stops',
    play: async props => {
      const { receiver, sender } = await couple(props)
      receiver.reset()
      await say(sender, receiver.jid, 'stored-when-it-stops')
    },
  },
]
