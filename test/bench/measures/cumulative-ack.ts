/** One `<a/>` that covers very many stanzas. */
import { assertReceived, createWriter, openReceivers } from '../load/receivers.js'
import { ackRequest } from '../load/session.js'
import { headlinePairs, type Measure, type Size, servers } from '../measure.js'
import { untilIdle } from '../proc.js'
import { waitFor } from '../trial.js'

const counts: Readonly<Record<Size, number>> = { full: 100_000, quick: 20_000, smallest: 600 }

export const cumulativeAck: Measure = {
  name: 'cumulative-ack',
  title: 'Cumulative ack',
  how: `a connected session gets ${counts.full.toLocaleString('en')} messages and acks none; then all with one \`<a/>\`. From that until the server has nothing to do. Resumed afterwards, nothing is sent again. Peers must not give up on queues of that length; ours keep their own bounds.`,
  figures: [
    {
      key: 'cpu',
      title: `CPU of an ack of ${counts.full.toLocaleString('en')}, a stanza`,
      unit: 'µs',
      better: 'less',
      digits: 2,
      targets: { base: 0.15, ejabberd: 1 },
    },
    { key: 'answer', title: 'until the next request is answered', unit: 'ms', better: 'less', digits: 1 },
  ],
  subjects: servers,
  pairs: headlinePairs,
  seconds: { full: 25, quick: 8, smallest: 5 },
  run: async (trial, size) => {
    const count = counts[size]
    const server = await trial.start({ users: 2, patient: true })
    const receivers = await openReceivers(server, 1, 1)
    const [receiver] = receivers
    if (receiver === undefined) throw new Error('no receiver')
    const { session } = receiver
    session.withhold(true)
    const writer = await createWriter(server, 0)
    trial.progress(`sends ${count} messages`)
    await writer.queue(receivers, count)
    await assertReceived(receivers, count)
    await untilIdle(server.pid)
    let answer = Number.NaN
    const { cpu } = await trial.observe(server, async () => {
      const at = performance.now()
      let isAnswered = false

      session.on({
        acked: () => {
          isAnswered = true
        },
      })
      session.ack()
      session.write(ackRequest)
      await waitFor(() => isAnswered, 'an answer')
      answer = performance.now() - at
      await untilIdle(server.pid)
    })
    let again = 0
    session.on({
      message: () => {
        again += 1
      },
    })
    await session.cut()
    session.withhold(false)
    await session.resume()
    await untilIdle(server.pid)
    if (again > 0 || session.failure() !== undefined)
      throw new Error(session.failure() ?? `${again} messages that were acked came again`)
    await server.stop()
    return { cpu: (cpu / count) * 1e6, answer }
  },
}
