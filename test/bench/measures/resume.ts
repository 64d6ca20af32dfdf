/** A storm: all sessions resume after a cut. */
import { assertReceived, createWriter, cutAll, openReceivers, resumeAll } from '../load/receivers.js'
import { headlinePairs, type Measure, type Size, servers } from '../measure.js'

const counts: Readonly<Record<Size, number>> = { full: 2000, quick: 300, smallest: 4 }

const resume = (queued: number): Measure => {
  const title = queued === 0 ? '' : `, ${queued} queued`
  return {
    name: queued === 0 ? 'resume' : `resume-${queued}`,
    title: `Storm of resumptions${title}`,
    how: `${counts.full.toLocaleString('en')} sessions are cut${queued === 0 ? '' : `, get ${queued} messages each`}, and all resume, 100 at once: connect, authenticate, resume${queued === 0 ? '' : ', have what waited'}. SASL by what the server checks fastest. All must be there, once and in order.`,
    figures: [
      {
        key: 'cpu',
        title: `CPU a resumption${title}`,
        unit: 'µs',
        better: 'less',
        digits: 0,
        targets: { base: 0.7, ejabberd: 1 },
      },
      { key: 'rate', title: `resumptions a second${title}`, unit: '1/s', better: 'more', digits: 0 },
    ],
    subjects: [...servers, 'relay'],
    pairs: headlinePairs,
    seconds: { full: 25, quick: 10, smallest: 6 },
    run: async (trial, size) => {
      const count = counts[size]
      const server = await trial.start({ users: count + 1 })
      trial.progress(`opens ${count} sessions`)
      const receivers = await openReceivers(server, 1, count)
      const writer = await createWriter(server, 0)
      // The first time all is new to the server, and is not measured.
      await cutAll(receivers)
      await resumeAll(receivers)
      await cutAll(receivers)
      trial.progress(`queues ${queued} for each`)
      await writer.queue(receivers, queued)
      trial.progress(`storm of ${count}`)
      const { seconds, cpu } = await trial.observe(server, async () => {
        await resumeAll(receivers)
        await assertReceived(receivers, queued)
      })
      await server.stop()
      return { cpu: (cpu / count) * 1e6, rate: count / seconds }
    },
  }
}

export const resumes: ReadonlyArray<Measure> = [resume(0), resume(20)]
