/**
 * What can happen in a trace. A move is plain data, and what it means is found when it is performed, from the world as
 * it is then; where it means nothing, nothing happens.
 *
 * So a program is a plain array rather than `fc.commands`: it shrinks by leaving out moves without asking whether those
 * that are left are still allowed, it is printed as it can be pasted into a regression, and it replays without
 * fast-check.
 */
import type { Side } from '@smacks/testkit'
import fc from 'fast-check'
import { type Addressee, type StanzaKind, stanzaKinds } from './stanzas.js'

export type Move =
  | {
      readonly does: 'submit'
      readonly side: Side
      readonly kind: StanzaKind
      readonly to: Addressee
      readonly count: number
    }
  /** So many bytes arrive; `line` chooses among those with something in flight. */
  | { readonly does: 'carry'; readonly to: Side; readonly bytes: number; readonly line: number }
  /** All that is in flight arrives, and what is said in answer. */
  | { readonly does: 'flow' }
  | { readonly does: 'hold' | 'release'; readonly to: Side }
  /** Time passes. */
  | { readonly does: 'pass'; readonly ms: number }
  /** So many more bytes arrive, then the line breaks. */
  | {
      readonly does: 'cut'
      readonly toClient: number
      readonly toServer: number
      readonly noticedBy: Side | 'both' | 'none'
      readonly line: number
    }
  /** This side notices of all its lines that were cut. */
  | { readonly does: 'notice'; readonly side: Side }
  /** The client goes over to a new line, whether the old one stands or not. */
  | { readonly does: 'dial' }
  /** The client dials if it knows that it has no line. */
  | { readonly does: 'return' }
  /** The client notices, dials if it has no line, and all that follows from it arrives. */
  | { readonly does: 'recover' }
  /** Somebody else asks to resume on a line of its own. */
  | {
      readonly does: 'intrude'
      readonly previd: 'known' | 'old' | 'unknown'
      readonly h: 'handled' | 'high' | 'low'
      readonly version: 'other' | 'same'
    }
  /** Somebody else binds the client's resource. */
  | { readonly does: 'usurp' }
  /** A timer fires that is not armed any more. */
  | { readonly does: 'fireStale'; readonly side: Side; readonly timer: number }
  | { readonly does: 'close' | 'drain' | 'refuse' | 'silence'; readonly side: Side }
  | { readonly does: 'sight'; readonly state: 'active' | 'inactive' }
  /** The client queries its archive. */
  | { readonly does: 'archive' }
  /** The server's process stops; the next moment another one serves the same accounts. */
  | { readonly does: 'stop' }
  /** What another session of the account does at the server; `enable` binds it first. */
  | { readonly does: 'other'; readonly what: 'bind' | 'close' | 'enable' | 'lose' | 'submit' }

/** How a trace ends. */
export type Finale = 'closes' | 'returns' | 'staysAway' | 'stops'

const side = fc.constantFrom<Side>('client', 'server')
const line = fc.nat(2)
const bytes = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 400 }))
const fewBytes = fc.oneof(fc.constant(0), bytes)

export const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 16,
    arbitrary: fc.record({
      does: fc.constant('submit' as const),
      side,
      kind: fc.constantFrom(...stanzaKinds),
      to: fc.constantFrom<Addressee>('session', 'account'),
      count: fc.constantFrom(1, 1, 1, 2, 4),
    }),
  },
  { weight: 14, arbitrary: fc.record({ does: fc.constant('carry' as const), to: side, bytes, line }) },
  { weight: 10, arbitrary: fc.constant({ does: 'flow' as const }) },
  {
    weight: 7,
    arbitrary: fc.record({
      does: fc.constant('cut' as const),
      toClient: fewBytes,
      toServer: fewBytes,
      noticedBy: fc.constantFrom<Side | 'both' | 'none'>('both', 'client', 'server', 'none'),
      line,
    }),
  },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('notice' as const), side }) },
  { weight: 5, arbitrary: fc.constant({ does: 'return' as const }) },
  { weight: 4, arbitrary: fc.constant({ does: 'dial' as const }) },
  { weight: 9, arbitrary: fc.constant({ does: 'recover' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('pass' as const),
      ms: fc.constantFrom(1, 20, 20, 1_000, 5_000, 30_000, 61_000, 601_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom('hold' as const, 'release' as const), to: side }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('intrude' as const),
      previd: fc.constantFrom('known' as const, 'known' as const, 'old' as const, 'unknown' as const),
      h: fc.constantFrom('handled' as const, 'low' as const, 'high' as const),
      version: fc.constantFrom('same' as const, 'same' as const, 'same' as const, 'other' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('fireStale' as const), side, timer: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constantFrom('silence' as const, 'drain' as const), side }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('close' as const, 'refuse' as const), side }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('sight' as const),
      state: fc.constantFrom('active' as const, 'inactive' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Move>({ does: 'archive' }, { does: 'stop' }, { does: 'usurp' }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('other' as const),
      what: fc.constantFrom('enable' as const, 'lose' as const, 'submit' as const, 'bind' as const, 'close' as const),
    }),
  },
)

export const finale = fc.constantFrom<Finale>('returns', 'returns', 'returns', 'staysAway', 'closes', 'stops')
