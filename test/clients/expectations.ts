/**
 * What is right, and what of the clients' own defects is not held against the server. Whatever is not named here must be
 * perfect: the session resumed, each message there once and in order.
 */
import type { Result } from './scene.js'
import type { Verdict } from './verdict.js'

export interface Expectation {
  readonly session: Result['session']
  /** What may become of messages to it, and from it. */
  readonly toClient: ReadonlySet<keyof Verdict>
  readonly fromClient: ReadonlySet<keyof Verdict>
}

interface Defect {
  readonly clients: ReadonlyArray<string>
  /** In which scenes; in all if absent. */
  readonly in?: string
  readonly session?: Result['session']
  readonly toClient?: ReadonlyArray<keyof Verdict>
  readonly fromClient?: ReadonlyArray<keyof Verdict>
  readonly because: string
}

const defects: ReadonlyArray<Defect> = [
  {
    clients: ['slixmpp', 'poezio'],
    fromClient: ['lost'],
    because: 'slixmpp 1.8 empties its queue of unacked stanzas when it sends <resume/>',
  },
  {
    clients: ['poezio'],
    toClient: ['doubled'],
    because:
      'poezio 0.14 shows what it had read when its line dropped, but counts none of it that it had not got to by then',
  },
  {
    clients: ['aioxmpp'],
    fromClient: ['reordered'],
    because: 'aioxmpp 0.13 sends unacked stanzas again from the last to the first',
  },
  {
    clients: ['xmpp.js 0.13'],
    fromClient: ['lost'],
    because: 'it keeps no unacked stanzas',
  },
  {
    clients: ['libstrophe', 'profanity'],
    fromClient: ['lost', 'doubled'],
    because: 'libstrophe 0.12 numbers its stanzas from <enabled/>, and the server from <enable/>',
  },
  {
    clients: ['libstrophe', 'profanity'],
    in: 'SIGTERM, refused, start',
    session: 'anew',
    toClient: ['doubled'],
    because: 'libstrophe 0.12 forgets the session when an attempt to connect fails',
  },
]

export const expectationOf = (client: string, scene: string): Expectation => {
  const known = defects.filter(it => it.clients.includes(client) && (it.in ?? scene) === scene)
  return {
    session: known.find(it => it.session !== undefined)?.session ?? 'resumed',
    toClient: new Set(known.flatMap(it => it.toClient ?? [])),
    fromClient: new Set(known.flatMap(it => it.fromClient ?? [])),
  }
}

/** The verdict without what may be. */
export const blamed = (verdict: Verdict, allowed: ReadonlySet<keyof Verdict>): Verdict => ({
  lost: allowed.has('lost') ? [] : verdict.lost,
  doubled: allowed.has('doubled') ? [] : verdict.doubled,
  reordered: allowed.has('reordered') ? [] : verdict.reordered,
})
