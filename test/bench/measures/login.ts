/** What it takes to log in. */
import { inParallel, loginOf } from '../load/pairs.js'
import { createLoadSession, type Mechanism } from '../load/session.js'
import { headlinePairs, type Measure, type Size, servers, type Targets } from '../measure.js'

const counts: Readonly<Record<Size, number>> = { full: 1000, quick: 200, smallest: 4 }
const atOnce = 50

const login = (name: string, mechanism: Mechanism, targets: Targets): Measure => ({
  name,
  title: `Login, ${mechanism}`,
  how: `${counts.full.toLocaleString('en')} accounts, ${atOnce} at once: connect, authenticate, bind, enable stream management. Each has logged in once before, so keys that a server or the load makes of a password are there. Peers store plain text for PLAIN, and keys for SCRAM.`,
  figures: [
    { key: 'cpu', title: `CPU a login, ${mechanism}`, unit: 'µs', better: 'less', digits: 0, targets },
    { key: 'rate', title: `logins a second, ${mechanism}`, unit: '1/s', better: 'more', digits: 0 },
  ],
  subjects: servers,
  pairs: headlinePairs,
  seconds: { full: 20, quick: 8, smallest: 4 },
  run: async (trial, size) => {
    const count = counts[size]
    const passwords = mechanism === 'PLAIN' ? 'plain' : 'scram-sha-256'
    const server = await trial.start({ users: count, passwords })
    const sessions = Array.from({ length: count }, (_, index) =>
      createLoadSession({ ...loginOf(server, index), mechanism }),
    )
    const closeAll = () => inParallel(sessions, session => session.close(), atOnce)
    const startAll = () => inParallel(sessions, session => session.start(), atOnce)
    trial.progress('first logins')
    await startAll()
    await closeAll()
    trial.progress(`${count} logins`)
    const { seconds, cpu } = await trial.observe(server, startAll)
    for (const session of sessions) {
      const failure = session.failure()
      if (failure !== undefined) throw new Error(failure)
    }
    await closeAll()
    await server.stop()
    return { cpu: (cpu / count) * 1e6, rate: count / seconds }
  },
})

export const logins: ReadonlyArray<Measure> = [
  login('login-scram', 'SCRAM-SHA-256', { base: 0.7, ejabberd: 1 }),
  login('login-plain', 'PLAIN', { base: 0.7, ejabberd: 1.5 }),
]
