import { accountTransitions, type Destination, type Phase, rules, type Session, sessionOf } from '@smacks/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runProgram, type Step } from './model.js'
import { checkOwn, type OwnDisposition } from './own.js'
import { program } from './program.js'
import { runs } from './runs.js'

/** `Active --ConnectionLost--> Hibernating` */
const wayOf = (from: string, cause: string, to: string) => `${from} --${cause}--> ${to}`

const declared: ReadonlySet<string> = new Set([
  ...Object.entries<Readonly<Record<string, { readonly to: ReadonlyArray<Destination> } | undefined>>>(rules).flatMap(
    ([from, events]) =>
      Object.entries(events).flatMap(([event, rule]) => (rule?.to ?? []).map(to => wayOf(from, event, to))),
  ),
  ...accountTransitions.map(({ from, cause, to }) => wayOf(from, cause, to)),
])

/** The ways that sessions went in a step. */
const waysOf = ({ before, event, after, effects }: Step): ReadonlyArray<string> => {
  const named = 'resource' in event ? event.resource : undefined
  const evicted = effects.flatMap(effect =>
    effect._tag === 'EndSession' && effect.reason === 'evicted' ? [effect.resource] : [],
  )
  // What happens to a session may be that it has too much, or that it is the one too many as it falls back.
  const isOwn = ({ resource, _tag }: Session<string>): boolean =>
    resource === named && (event._tag === 'StanzaSubmitted' || (_tag !== 'Resuming' && event._tag !== 'IqAnswered'))
  const gone = before.sessions.flatMap(session => {
    const now = sessionOf(after, session.resource)
    if (now === session || (event._tag === 'SessionBound' && now?._tag !== 'Unmanaged')) return []
    const isUnsent = session._tag === 'Connecting' || session._tag === 'Negotiating'
    const isReplaced = event._tag === 'SessionBound' && !isUnsent
    const to: Destination = isReplaced ? 'Ended' : (now?._tag ?? 'Ended')
    const isEvicted = evicted.includes(session.resource) && !isOwn(session) && event._tag !== 'ConfigChanged'
    const cause = event._tag === 'MessageSubmitted' ? 'StanzaSubmitted' : event._tag
    return [wayOf(session._tag, isEvicted ? 'Eviction' : cause, to)]
  })
  const known = named === undefined ? undefined : sessionOf(before, named)?._tag
  const isNew = named !== undefined && known !== 'Connecting' && known !== 'Negotiating' && after !== before
  const begun =
    isNew && (event._tag === 'ConnectionWanted' || event._tag === 'SessionBound')
      ? [wayOf('Unbound', event._tag, event._tag === 'SessionBound' ? 'Unmanaged' : ('Connecting' satisfies Phase))]
      : []
  return [...gone, ...begun]
}

test('whatever happens to an account, every step keeps its promises, and sessions go only the ways of the table', () => {
  fc.assert(
    fc.property(program(60), one => {
      const gone = runProgram(one).flatMap(waysOf)
      expect(gone.filter(way => !declared.has(way))).toEqual([])
    }),
    runs(600),
  )
})

test('each way of the table can be gone', () => {
  // Two that hardly any program goes: `unit/core/sizes` and `unit/core/negotiating` do.
  const rare = [wayOf('Enabling', 'Eviction', 'Ended'), wayOf('Negotiating', 'Eviction', 'Ended')]
  const unseen = new Set([...declared].filter(way => !rare.includes(way)))
  for (const one of fc.sample(program(40), { numRuns: 3_000, seed: 198 })) {
    if (unseen.size === 0) break
    for (const step of runProgram(one)) for (const gone of [...waysOf(step), ...stays(step)]) unseen.delete(gone)
  }
  expect([...unseen]).toEqual([])
})

test('what a session of ours leaves is routed anew, given back, given back as unreachable, or not missed', () => {
  const unseen = new Set<OwnDisposition>(['anew', 'back', 'back, unreachable', 'given up'])
  for (const one of fc.sample(program(40), { numRuns: 300, seed: 198 }))
    for (const step of runProgram(one)) for (const disposition of checkOwn(step)) unseen.delete(disposition)
  expect([...unseen]).toEqual([])
})

/** An event that is heard but changes nothing stays where it is. */
const stays = ({ before, event, after }: Step): ReadonlyArray<string> => {
  if (event._tag === 'ServerRestarted' || event._tag === 'ServerStopping')
    return before.sessions
      .filter(session => sessionOf(after, session.resource) === session)
      .map(session => wayOf(session._tag, event._tag, session._tag))
  if (before !== after || !('resource' in event)) return []
  const session = sessionOf(before, event.resource)
  return session === undefined ? [] : [wayOf(session._tag, event._tag, session._tag)]
}
