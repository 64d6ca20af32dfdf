/** What a running server does when it is asked of its sessions. */
import { type Handler, handlerOf } from '@smacks/control'
import type { Config, StreamError } from '@smacks/core'
import type { Clock, Runtime, SessionJournal } from '@smacks/runtime'
import type { Connections } from '@smacks/stream'
import * as Either from '#fp-ts/Either'
import { detailOf, rowOf, type Surroundings } from './describing.js'
import { type Found, nearTo, type Place, sessionsBehind, sessionsOf } from './finding.js'
import type { SessionRow } from './session-json.js'
import type { SessionTimes } from './session-times.js'
import { endSessions, listSessions, showSessions } from './verbs.js'

export interface SessionHandlersOptions {
  readonly runtime: Pick<Runtime<unknown>, 'account' | 'accounts' | 'committed' | 'endSessions'>
  readonly connections: Pick<Connections, 'find'>
  readonly times: Pick<SessionTimes, 'since'>
  readonly clock: Pick<Clock, 'now'>
  /** Where stanzas lie that are not in memory, if there is such a place. */
  readonly journal: Pick<SessionJournal<unknown>, 'peek'> | undefined
  /** The options in force. */
  readonly config: () => Config
}

/** Sessions of a page, and characters of their JSON: an answer is one line, and the loop stands still while it is made. */
const pageSessions = 200
const pageCharacters = 400_000

export const sessionHandlers = (options: SessionHandlersOptions): ReadonlyArray<Handler> => {
  const { runtime, config } = options
  return [
    handlerOf(listSessions, async ({ account, after }) => {
      const { page, isWhole } = pageOf(sessionsBehind(runtime, after, account), rowFrom(surroundings(options)))
      const last = page[page.length - 1]
      return Either.right({ sessions: page, ...(isWhole || last === undefined ? {} : { next: placeOf(last) }) })
    }),
    handlerOf(showSessions, async ({ account, resource }) => {
      const around = surroundings(options)
      const limits = limitsIn(config())
      const found = sessionsOf(runtime, account, resource)
      if (found.length === 0) return Either.right({ sessions: [], more: 0, near: nearTo(runtime, account, resource) })
      const { page } = pageOf(found, one => detailOf(one.account, one.session, around, limits))
      return Either.right({ sessions: page, more: found.length - page.length, near: [] })
    }),
    handlerOf(endSessions, async ({ account, resource, reason }) => {
      const ended = sessionsOf(runtime, account, resource).map(rowFrom(surroundings(options)))
      if (ended.length === 0) return Either.right({ ended, near: nearTo(runtime, account, resource) })
      runtime.endSessions(account, endedBy(reason), resource)
      return committed(runtime, { ended, near: [] })
    }),
  ]
}

/** What clients see whose session an operator ended (RFC 6120 §4.9.3.14). */
const endedBy = (reason = 'The operator of the server has ended this session.'): StreamError => ({
  condition: 'policy-violation',
  text: reason,
})

const committed = async <A>(
  runtime: Pick<Runtime<unknown>, 'committed'>,
  done: A,
): Promise<Either.Either<string, A>> => {
  try {
    await runtime.committed()
    return Either.right(done)
  } catch (cause) {
    return Either.left(`what was done could not be stored: ${cause instanceof Error ? cause.message : cause}`)
  }
}

const rowFrom =
  (around: Surroundings) =>
  ({ account, session }: Found): SessionRow =>
    rowOf(account, session, around)

/** As many as fit into an answer, from the first on, each made by `told`. */
const pageOf = <A>(found: Iterable<Found>, told: (one: Found) => A) => {
  const page: Array<A> = []
  let characters = 0
  for (const one of found) {
    const made = told(one)
    page.push(made)
    characters += JSON.stringify(made).length
    if (page.length >= pageSessions || characters >= pageCharacters) return { page, isWhole: false }
  }
  return { page, isWhole: true }
}

const placeOf = ({ account, resource }: SessionRow): Place => ({ account, resource })

const surroundings = ({ clock, connections, journal, times }: SessionHandlersOptions): Surroundings => ({
  now: clock.now(),
  find: id => connections.find(id),
  since: times.since,
  peek: (account, resource, from, count) => journal?.peek?.(account, resource, from, count) ?? [],
})

const limitsIn = (config: Config): Record<string, number> => ({
  smacks_hibernation_time: config.hibernationTime,
  smacks_max_queue_size: config.maxQueueSize,
  smacks_max_ack_delay: config.maxAckDelay,
  queue_bytes_per_session: config.maxQueueBytes,
  queue_bytes_per_user: config.maxAccountQueueBytes,
  hibernating_sessions_per_user: config.maxHibernatingSessions,
})
