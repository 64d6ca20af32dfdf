/** Resumptions that meet each other, or come again. */
import { moment } from '../../integration/ground.js'
import { nsSm3 } from '../../support/xmpp-client.js'
import { comeBackTo, couple, refused, type Scene, say, take } from './scenes.js'

export const resumptions: ReadonlyArray<Scene> = [
  {
    name: 'resumed-while-the-old-line-stands',
    play: async props => {
      const { receiver, sender } = await couple(props)
      const before = receiver.handled
      await say(sender, receiver.jid, 'on-the-old-line')
      const line = await comeBackTo(props, receiver, 1, before)
      await receiver.expectLost()
      await say(sender, line.jid, 'on-the-new-line')
      await take(line, 1)
    },
  },
  {
    name: 'two-resumptions-race',
    play: async props => {
      const { house } = props
      const { receiver, sender } = await couple(props)
      receiver.reset()
      await say(sender, receiver.jid, 'for-exactly-one')
      const lines = [await house.returning(receiver), await house.returning(receiver)]
      for (const line of lines)
        line.send(`<resume xmlns='${nsSm3}' previd='${receiver.smId}' h='${receiver.handled}'/>`)
      // Whoever came second has it; the first was given it, and lost it again.
      for (const line of lines) await line.expect('resumed')
      await sender.untilFence()
    },
  },
  {
    name: 'resumed-twice',
    play: async props => {
      const { receiver, sender } = await couple(props)
      receiver.reset()
      await say(sender, receiver.jid, 'first')
      const second = await comeBackTo(props, receiver, 1)
      second.reset()
      await say(sender, receiver.jid, 'second')
      const third = await comeBackTo(props, second, 1)
      await say(third, sender.jid, 'both')
      await take(sender, 1)
    },
  },
  {
    name: 'resumed-with-a-wrong-id-and-too-high-h',
    play: async props => {
      const { house } = props
      const { receiver, sender } = await couple(props)
      receiver.reset()
      await say(sender, receiver.jid, 'still-there')
      const line = await house.returning(receiver)
      line.send(`<resume xmlns='${nsSm3}' previd='unknown' h='0'/>`)
      await line.expect('failed')
      line.send(`<resume xmlns='${nsSm3}' previd='${receiver.smId}' h='${receiver.handled + 100}'/>`)
      await line.expect('failed')
      await comeBackTo(props, receiver, 1)
    },
  },
  {
    name: 'resumed-too-late',
    config: { smacks_hibernation_time: 1 },
    play: async props => {
      const { house } = props
      const { receiver, sender } = await couple(props)
      receiver.reset()
      await say(sender, receiver.jid, 'stored')
      await moment(1_300)
      const line = await house.returning(receiver)
      await refused(line, receiver, receiver.handled, 'item-not-found')
      await line.bind('balcony')
      line.send('<presence/>')
      await line.until('message')
    },
  },
]
